"""Opening a proposal: noted once, told to the freelancer, and only by those who hire."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person, make_client, make_member
from core.errors import NotAllowed
from events.models import Event
from jobs.models import Job, JobActivity
from proposals.actions import view_proposal, withdraw_proposal
from proposals.models import Proposal
from proposals.tests.cast import bid, party_of, tell
from tests.nothing import nothing_happens

HOUR = timedelta(hours=1)


def test_the_first_look_is_noted_with_its_moment(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)

    seen = view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + HOUR)

    assert (seen.status, seen.viewed_at) == (Proposal.Status.VIEWED, at + HOUR)
    event = Event.objects.get(kind="proposals.proposal_viewed")
    assert (event.subject, event.scope, event.at) == (f"proposal:{proposal.pk}", f"job:{job.pk}", at + HOUR)


def test_a_second_look_changes_nothing(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)

    with nothing_happens():
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + HOUR)


def test_an_ended_proposal_stays_ended_when_it_is_opened(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)

    with nothing_happens():
        view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + HOUR)


@pytest.mark.parametrize("role", ["finance", "member"])
def test_those_of_the_client_who_do_not_hire_open_nothing(
    alice: Person, bob: Person, job: Job, at: datetime, role: str
) -> None:
    proposal = bid(bob, job, at=at)
    reader = make_member("Fay", party_of(alice), role, at=at)

    with nothing_happens(), pytest.raises(NotAllowed):
        view_proposal(proposal_id=proposal.pk, by=reader.actor, at=at)


def test_neither_the_freelancer_nor_another_client_opens_it(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    eve = make_client("Eve", at=at)

    with nothing_happens():
        for by in (bob.actor, eve.actor):
            with pytest.raises(NotAllowed):
                view_proposal(proposal_id=proposal.pk, by=by, at=at)


def test_the_jobs_activity_counts_what_nobody_has_opened(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    first = bid(bob, job, at=at)
    bid(chloe, job, at=at)
    tell(at)
    activity = JobActivity.objects.get(job=job)
    assert (activity.proposals, activity.unanswered) == (2, 2)

    view_proposal(proposal_id=first.pk, by=alice.actor, at=at)
    tell(at)

    activity.refresh_from_db()
    assert (activity.proposals, activity.unanswered) == (2, 1)
