"""The client's label on a proposal, and the inbox that keeps a post alive: neither tells anybody anything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_member
from core.errors import NotAllowed
from events.actions import deliver_due
from events.models import Event
from jobs.actions import close_job
from jobs.models import Job, JobActivity
from notifications.models import Notice
from proposals.actions import (
    ProposalNotLive,
    decline_proposal,
    mark_proposal_offered,
    read_inbox,
    shortlist_proposal,
    unshortlist_proposal,
)
from proposals.tests.cast import bid, party_of
from tests.nothing import nothing_happens

DAY = timedelta(days=1)


def test_the_label_is_put_on_and_taken_off_and_nobody_is_told(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    deliver_due(at=at)
    told = Notice.objects.count()

    assert shortlist_proposal(proposal_id=proposal.pk, by=alice.actor, at=at).shortlisted_at == at
    assert unshortlist_proposal(proposal_id=proposal.pk, by=alice.actor, at=at).shortlisted_at is None

    assert Event.objects.latest("pk").kind == "proposals.proposal_answered", "for the client's own figures"
    deliver_due(at=at)
    assert Notice.objects.count() == told


def test_a_second_label_keeps_the_moment_of_the_first(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    shortlist_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)

    with nothing_happens():
        shortlist_proposal(proposal_id=proposal.pk, by=alice.actor, at=at + DAY)


def test_one_with_an_offer_may_carry_the_label_and_an_ended_one_may_not(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    offered, ended = bid(bob, job, at=at), bid(chloe, job, at=at)
    with transaction.atomic():
        mark_proposal_offered(proposal_id=offered.pk, at=at)
    decline_proposal(proposal_id=ended.pk, reason="price", by=alice.actor, at=at)

    assert shortlist_proposal(proposal_id=offered.pk, by=alice.actor, at=at).shortlisted_at == at
    with nothing_happens(), pytest.raises(ProposalNotLive):
        shortlist_proposal(proposal_id=ended.pk, by=alice.actor, at=at)


@pytest.mark.parametrize("verb", [shortlist_proposal, unshortlist_proposal])
def test_only_those_who_hire_sort(alice: Person, bob: Person, job: Job, at: datetime, verb: object) -> None:
    proposal = bid(bob, job, at=at)
    shortlist_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)
    others = [bob, make_client("Eve", at=at), make_member("Fay", party_of(alice), "finance", at=at)]

    with nothing_happens():
        for person in others:
            with pytest.raises(NotAllowed):
                verb(proposal_id=proposal.pk, by=person.actor, at=at)  # type: ignore[operator]


def test_reading_the_inbox_renews_an_open_post(alice: Person, job: Job, at: datetime) -> None:
    read_inbox(job_id=job.pk, by=alice.actor, at=at + 10 * DAY)

    job.refresh_from_db()
    assert job.expires_at == at + 40 * DAY
    assert JobActivity.objects.get(job=job).viewed_at == at + 10 * DAY


def test_reading_the_inbox_of_an_ended_job_does_not_revive_it(alice: Person, job: Job, at: datetime) -> None:
    close_job(job_id=job.pk, by=alice.actor, at=at)

    read_inbox(job_id=job.pk, by=alice.actor, at=at + 10 * DAY)

    job.refresh_from_db()
    assert (job.status, job.expires_at) == (Job.Status.CLOSED, at + 30 * DAY)


@pytest.mark.parametrize("role", ["finance", "member"])
def test_those_who_only_look_leave_no_trace(alice: Person, job: Job, at: datetime, role: str) -> None:
    reader = make_member("Fay", party_of(alice), role, at=at)

    with nothing_happens():
        read_inbox(job_id=job.pk, by=reader.actor, at=at + 10 * DAY)
