"""Saying no to a proposal: the reason is a category, and nothing comes back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_member
from core.errors import NotAllowed
from events.models import Event
from jobs.models import Job
from proposals.actions import ProposalNotLive, decline_proposal, mark_proposal_offered, view_proposal
from proposals.models import Proposal
from proposals.tests.cast import bid, connects_of, party_of
from tests.nothing import nothing_happens

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("reason", list(Proposal.DeclineReason), ids=str)
@pytest.mark.parametrize("is_viewed", [False, True])
def test_a_live_proposal_is_declined_with_its_reason_and_stays_paid(
    alice: Person, bob: Person, job: Job, at: datetime, reason: str, is_viewed: bool
) -> None:
    proposal = bid(bob, job, at=at)
    if is_viewed:
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)

    done = decline_proposal(proposal_id=proposal.pk, reason=reason, by=alice.actor, at=at + HOUR)

    assert (done.status, done.decline_reason, done.ended_at) == (Proposal.Status.DECLINED, reason, at + HOUR)
    assert Event.objects.get(kind="proposals.proposal_declined").data["reason_code"] == reason
    assert connects_of(bob) == 35


def test_the_first_answer_stands(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    decline_proposal(proposal_id=proposal.pk, reason="price", by=alice.actor, at=at)

    with nothing_happens(), pytest.raises(ProposalNotLive):
        decline_proposal(proposal_id=proposal.pk, reason="skills", by=alice.actor, at=at)


def test_a_proposal_with_an_offer_is_not_declined(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    with transaction.atomic():
        mark_proposal_offered(proposal_id=proposal.pk, at=at)

    with nothing_happens(), pytest.raises(ProposalNotLive):
        decline_proposal(proposal_id=proposal.pk, reason="price", by=alice.actor, at=at)


def test_only_those_who_hire_for_the_client_decline(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    others = [bob, chloe, make_client("Eve", at=at)]
    others += [make_member("Fay", party_of(alice), role, email=f"{role}@example.com") for role in ("finance", "member")]

    with nothing_happens():
        for person in others:
            with pytest.raises(NotAllowed):
                decline_proposal(proposal_id=proposal.pk, reason="price", by=person.actor, at=at)


def test_a_hiring_manager_declines(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    harry = make_member("Harry", party_of(alice), "hiring_manager", at=at)

    decline_proposal(proposal_id=proposal.pk, reason="timing", by=harry.actor, at=at)

    proposal.refresh_from_db()
    assert proposal.status == Proposal.Status.DECLINED


def test_after_a_no_another_proposal_may_be_sent(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    first = bid(bob, job, at=at)
    decline_proposal(proposal_id=first.pk, reason="price", by=alice.actor, at=at)

    assert bid(bob, job, at=at, amount=80_000).status == Proposal.Status.SUBMITTED
    assert connects_of(bob) == 30
