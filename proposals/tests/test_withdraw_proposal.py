"""Taking a proposal back: it ends, and what it cost stays spent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.tests.cast import Person, make_member
from core.errors import NotAllowed
from events.models import Event
from jobs.models import Job, JobActivity
from proposals.actions import ProposalNotLive, mark_proposal_offered, view_proposal, withdraw_proposal
from proposals.models import ConnectSpend, Proposal
from proposals.tests.cast import bid, connects_of, party_of, tell
from tests.nothing import nothing_happens

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("is_viewed", [False, True])
def test_a_live_proposal_is_withdrawn_and_its_connects_stay_spent(
    alice: Person, bob: Person, job: Job, at: datetime, is_viewed: bool
) -> None:
    proposal = bid(bob, job, at=at)
    if is_viewed:
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)

    gone = withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at + HOUR)

    assert (gone.status, gone.ended_at) == (Proposal.Status.WITHDRAWN, at + HOUR)
    assert connects_of(bob) == 35
    assert ConnectSpend.objects.get().returned_at is None
    assert Event.objects.get(kind="proposals.proposal_withdrawn").subject == f"proposal:{proposal.pk}"


def test_the_database_itself_ties_the_end_to_the_state(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    for change in ({"ended_at": at}, {"status": Proposal.Status.WITHDRAWN}):
        with pytest.raises(IntegrityError, match="proposals_proposal_ended_at"), transaction.atomic():
            Proposal.objects.filter(pk=proposal.pk).update(**change)


def test_it_is_not_withdrawn_twice(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)

    with nothing_happens(), pytest.raises(ProposalNotLive, match="already been answered, withdrawn or closed"):
        withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at + HOUR)


def test_an_offer_is_answered_and_not_dodged(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    with transaction.atomic():
        mark_proposal_offered(proposal_id=proposal.pk, at=at)

    with nothing_happens(), pytest.raises(ProposalNotLive, match="answer the offer instead"):
        withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)


def test_only_those_who_work_for_the_party_withdraw_it(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    accountant = make_member("Fay", party_of(bob), "finance", at=at)

    with nothing_happens():
        for by in (alice.actor, chloe.actor, accountant.actor):
            with pytest.raises(NotAllowed):
                withdraw_proposal(proposal_id=proposal.pk, by=by, at=at)


def test_a_named_worker_of_the_party_may_withdraw_it(bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    worker = make_member("Will", party_of(bob), "named_worker", at=at)

    assert withdraw_proposal(proposal_id=proposal.pk, by=worker.actor, at=at).status == Proposal.Status.WITHDRAWN


def test_a_withdrawn_proposal_is_not_counted_on_the_job(bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    first = bid(bob, job, at=at)
    bid(chloe, job, at=at)
    withdraw_proposal(proposal_id=first.pk, by=bob.actor, at=at)
    tell(at)

    activity = JobActivity.objects.get(job=job)
    assert (activity.proposals, activity.unanswered) == (1, 1)
