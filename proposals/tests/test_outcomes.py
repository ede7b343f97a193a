"""What an offer does to its proposal: binds it, lets it go again, or hires."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person
from events.models import Event
from jobs.actions import close_job, expire_job, pause_job, record_hire, remove_job
from jobs.models import Job
from proposals.actions import (
    AlreadyProposed,
    ProposalNotLive,
    mark_proposal_hired,
    mark_proposal_offered,
    mark_proposal_unoffered,
    return_unopened,
    view_proposal,
)
from proposals.models import ConnectSpend, Proposal
from proposals.tests.cast import bid, connects_of, tell
from tests.nothing import nothing_happens

DAY = timedelta(days=1)
Status = Proposal.Status
Reason = ConnectSpend.Reason


def offered(proposal: Proposal, at: datetime) -> Proposal:
    with transaction.atomic():
        return mark_proposal_offered(proposal_id=proposal.pk, at=at)


def unoffered(proposal: Proposal, at: datetime) -> Proposal:
    with transaction.atomic():
        return mark_proposal_unoffered(proposal_id=proposal.pk, at=at)


@pytest.mark.parametrize("is_viewed", [False, True])
def test_an_ended_offer_leads_back_to_the_state_before_it(
    alice: Person, bob: Person, job: Job, at: datetime, is_viewed: bool
) -> None:
    proposal = bid(bob, job, at=at)
    if is_viewed:
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)

    assert offered(proposal, at).status == Status.OFFERED
    after = unoffered(proposal, at + DAY)

    assert (after.status, after.ended_at) == (Status.VIEWED if is_viewed else Status.SUBMITTED, None)
    assert connects_of(bob) == 35


def test_an_offered_proposal_counts_as_live_for_its_job(bob: Person, job: Job, at: datetime) -> None:
    offered(bid(bob, job, at=at), at)

    with nothing_happens(), pytest.raises(AlreadyProposed):
        bid(bob, job, at=at)


def test_a_hired_proposal_has_ended(bob: Person, job: Job, at: datetime) -> None:
    proposal = offered(bid(bob, job, at=at), at)

    with transaction.atomic():
        hired = mark_proposal_hired(proposal_id=proposal.pk, at=at + DAY)

    assert (hired.status, hired.ended_at) == (Status.HIRED, at + DAY)


ENDS: dict[str, tuple[Callable[[Job, Person, Person, datetime], object], str]] = {
    "closed": (lambda job, alice, _marc, at: close_job(job_id=job.pk, by=alice.actor, at=at), Reason.CLOSED),
    "expired": (lambda job, _alice, _marc, at: expire_job(job_id=job.pk, at=at + 30 * DAY), Reason.EXPIRED),
    "removed": (
        lambda job, _alice, marc, at: remove_job(job_id=job.pk, reason="Free work.", by=marc.actor, at=at),
        Reason.REMOVED,
    ),
    "filled": (lambda job, _alice, _marc, at: record_hire(job_id=job.pk, at=at), ""),
}


@pytest.mark.parametrize("how", ENDS)
def test_an_offer_outlives_its_job_and_its_end_then_gives_what_the_others_got(
    alice: Person, bob: Person, chloe: Person, marc: Person, job: Job, at: datetime, how: str
) -> None:
    end, reason = ENDS[how]
    proposal, other = offered(bid(bob, job, at=at), at), bid(chloe, job, at=at)
    end(job, alice, marc, at)
    tell(at + 30 * DAY)
    proposal.refresh_from_db()
    assert (proposal.status, connects_of(bob)) == (Status.OFFERED, 35)

    after = unoffered(proposal, at + 31 * DAY)

    assert (after.status, after.ended_at) == (Status.CLOSED, at + 31 * DAY)
    assert connects_of(bob) == connects_of(chloe) == (40 if reason else 35)
    assert {spend.reason for spend in ConnectSpend.objects.all()} == {reason}
    closed = Event.objects.filter(kind="proposals.proposal_closed").order_by("pk")
    assert [event.subject for event in closed] == [f"proposal:{other.pk}", f"proposal:{proposal.pk}"]


def test_a_hire_after_the_end_takes_nothing_from_those_who_lost_their_chance_before(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = offered(bid(bob, job, at=at), at)
    bid(chloe, job, at=at)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    record_hire(job_id=job.pk, at=at)  # the offer that was out is accepted before anybody was told of the end
    with transaction.atomic():
        mark_proposal_hired(proposal_id=proposal.pk, at=at)
    tell(at)

    assert (connects_of(bob), connects_of(chloe)) == (35, 40)


def test_what_is_opened_while_an_offer_is_out_counts_as_opened(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = offered(bid(bob, job, at=at), at)
    seen = view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + DAY)
    assert (seen.status, seen.viewed_at) == (Status.OFFERED, at + DAY)
    view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + 2 * DAY)

    after = unoffered(proposal, at + 3 * DAY)

    assert (after.status, after.viewed_at) == (Status.VIEWED, at + DAY)
    assert (return_unopened(at=at + 14 * DAY), connects_of(bob)) == (0, 35)


def test_a_pause_of_the_job_ends_nothing(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = offered(bid(bob, job, at=at), at)
    pause_job(job_id=job.pk, by=alice.actor, at=at)

    assert unoffered(proposal, at).status == Status.SUBMITTED


@pytest.mark.parametrize("verb", [mark_proposal_unoffered, mark_proposal_hired])
def test_without_an_offer_there_is_nothing_to_end_or_to_accept(
    bob: Person, job: Job, at: datetime, verb: Callable[..., Proposal]
) -> None:
    proposal = bid(bob, job, at=at)

    with nothing_happens(), pytest.raises(ProposalNotLive), transaction.atomic():
        verb(proposal_id=proposal.pk, at=at)
