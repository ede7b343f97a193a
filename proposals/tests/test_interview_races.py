"""An interview that is accepted, moved and cancelled at the same moment: one of them happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.tests.cast import Person
from core.tests.threads import race, winners
from events.models import Event
from jobs.models import Job
from messaging.models import Message, Room
from proposals.actions import (
    InterviewTerms,
    accept_interview,
    cancel_interview,
    message_proposal,
    move_interview,
    withdraw_proposal,
)
from proposals.models import Conversation, Interview, Proposal
from proposals.tests.cast import bid, make_job, propose, stock_up, talk

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def test_one_of_accepting_moving_and_cancelling_happens(
    alice: Person, bob: Person, job: Job, at: datetime, trials: int
) -> None:
    conversation = talk(alice, bid(bob, job, at=at), at=at)
    ends = {"accepted": 0, "proposed": 0, "cancelled": 0}
    for _trial in range(trials):
        interview = propose(bob, conversation, at=at)
        slot = interview.slots.first()
        assert slot is not None
        told = Event.objects.count()
        seen: dict[str, Any] = {"interview_id": interview.pk, "seen_version": interview.version, "at": at}
        terms = InterviewTerms(starts=[at + 7 * DAY, at + 8 * DAY], minutes=60)

        answers = race(
            partial(accept_interview, slot_id=slot.pk, by=alice.actor, **seen),
            partial(move_interview, terms=terms, by=alice.actor, **seen),
            partial(cancel_interview, by=bob.actor, **seen),
        )

        assert winners(answers) == 1
        after = Interview.objects.get(pk=interview.pk)
        assert after.version == 1
        times = [each.starts_at for each in after.slots.all()]
        if after.status == Interview.Status.PROPOSED:
            assert times == terms.starts
        else:
            assert times == [at + 2 * DAY, at + 3 * DAY]
        assert Event.objects.count() == told + 1
        ends[after.status] += 1
        if after.status != Interview.Status.CANCELLED:
            cancel_interview(interview_id=interview.pk, seen_version=1, by=bob.actor, at=at)
    assert sum(ends.values()) == trials


def test_two_first_messages_open_one_room(alice: Person, bob: Person, at: datetime, fewer: int) -> None:
    stock_up(bob, fewer, at=at)
    for trial in range(fewer):
        proposal = bid(bob, make_job(alice, at=at, title=f"Small {trial}", budget=5_000), at=at)
        write = partial(message_proposal, proposal_id=proposal.pk, text="Hello", by=alice.actor, at=at)

        race(partial(write, token="one"), partial(write, token="two"))

        conversation = Conversation.objects.get(job=proposal.job)
        room = Room.objects.get(owner=conversation.scope)
        assert Message.objects.filter(room=room).count() == 2
        kinds = Event.objects.filter(subject=f"proposal:{proposal.pk}", kind="proposals.proposal_interviewing")
        assert kinds.count() == 1


def test_a_first_message_and_a_withdrawal_come_one_after_the_other(
    alice: Person, bob: Person, at: datetime, fewer: int
) -> None:
    stock_up(bob, fewer, at=at)
    for trial in range(fewer):
        proposal = bid(bob, make_job(alice, at=at, title=f"Small {trial}", budget=5_000), at=at)

        race(
            partial(message_proposal, proposal_id=proposal.pk, text="Hello", token="one", by=alice.actor, at=at),
            partial(withdraw_proposal, proposal_id=proposal.pk, by=bob.actor, at=at),
        )

        after = Proposal.objects.get(pk=proposal.pk)
        assert after.status == Proposal.Status.WITHDRAWN
        assert Conversation.objects.filter(job=proposal.job).exists() == (after.interviewing_at is not None)
