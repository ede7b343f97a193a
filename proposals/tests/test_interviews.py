"""Agreeing on an interview: which times are taken, who answers, and what the clock does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person, make_client, make_member
from core.errors import DomainError, NotAllowed
from events.models import Event
from jobs.actions import close_job
from jobs.models import Job
from messaging.actions import RoomBlocked, block_side
from messaging.guard import LeadsAway
from messaging.queries import room_of
from proposals import actions
from proposals.actions import (
    InterviewChanged,
    InterviewNotLive,
    InterviewNotPossible,
    InterviewNotWaiting,
    InterviewRuns,
    InterviewTerms,
    OwnTimes,
    TimeNotProposed,
    TimePast,
    TimesMissing,
    TimesOverlap,
    TimeTooFar,
    TooManyTimes,
    accept_interview,
    cancel_interview,
    decline_proposal,
    finish_interviews,
    move_interview,
    propose_interview,
    remind_interviews,
    withdraw_proposal,
)
from proposals.models import Conversation, Interview
from proposals.queries import interview_questions, zone_of_side
from proposals.tests.cast import agree, bid, make_job, party_of, propose, talk, tell
from taxonomy.models import Category
from tests.nothing import nothing_happens

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Status = Interview.Status


@pytest.fixture
def conversation(alice: Person, bob: Person, job: Job, at: datetime) -> Conversation:
    return talk(alice, bid(bob, job, at=at), at=at)


def kinds(interview: Interview) -> list[str]:
    """Return the events of an interview in their order."""
    events = Event.objects.filter(subject=f"interview:{interview.pk}").order_by("pk")
    return [event.kind.removeprefix("proposals.interview_") for event in events]


def test_one_side_proposes_and_the_other_accepts(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    starts = [at + 3 * DAY, at + DAY]
    terms = InterviewTerms(starts=starts, minutes=45, way="link", link="https://meet.example/x", note="The quay")

    interview = propose_interview(conversation_id=conversation.pk, terms=terms, by=bob.actor, at=at)

    assert (interview.status, interview.version, interview.proposer_id) == (Status.PROPOSED, 0, party_of(bob).pk)
    assert [slot.starts_at for slot in interview.slots.all()] == [at + DAY, at + 3 * DAY]
    assert interview.due_at == at + 3 * DAY

    taken = agree(alice, interview, at=at + HOUR)

    assert (taken.status, taken.starts_at, taken.accepted_at, taken.version) == (
        Status.ACCEPTED,
        at + DAY,
        at + HOUR,
        1,
    )
    assert (taken.due_at, taken.remind_at) == (at + DAY + 45 * MINUTE, at + DAY - HOUR)
    event = Event.objects.get(kind="proposals.interview_accepted")
    assert event.data == {"calendar": "request", "version": 1, "starts_at": (at + DAY).isoformat(), "minutes": 45}
    assert event.scope == conversation.scope


@pytest.mark.parametrize(
    ("hours", "minutes", "refusal"),
    [
        ((), 30, TimesMissing),
        ((24, 48, 72, 96, 120, 144), 30, TooManyTimes),
        ((0,), 30, TimePast),
        ((-1, 24), 30, TimePast),
        ((60 * 24 + 1,), 30, TimeTooFar),
        ((24, 24.4), 30, TimesOverlap),
        ((24, 24), 30, TimesOverlap),
        ((24,), 31, InterviewNotPossible),
        ((24,), 0, InterviewNotPossible),
    ],
)
def test_times_that_cannot_be_kept_are_refused(
    hours: tuple[float, ...],
    minutes: int,
    refusal: type[DomainError],
    bob: Person,
    conversation: Conversation,
    at: datetime,
) -> None:
    terms = InterviewTerms(starts=[at + each * HOUR for each in hours], minutes=minutes)
    with nothing_happens(), pytest.raises(refusal):
        propose_interview(conversation_id=conversation.pk, terms=terms, by=bob.actor, at=at)


def test_times_may_touch_and_reach_the_last_day(bob: Person, conversation: Conversation, at: datetime) -> None:
    starts = [at + DAY, at + DAY + 30 * MINUTE, at + 60 * DAY]
    terms = InterviewTerms(starts=starts, minutes=30)
    assert propose_interview(conversation_id=conversation.pk, terms=terms, by=bob.actor, at=at).slots.count() == 3


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://meet.example/x",
        "javascript:alert(1)",
        "ftp://meet.example",
        "https://user:word@meet.example/x",
        "meet.example/x",
        "https://meet.example/" + "x" * 500,
    ],
)
def test_a_link_is_https_and_nothing_else(link: str, bob: Person, conversation: Conversation, at: datetime) -> None:
    terms = InterviewTerms(starts=[at + DAY], minutes=30, way="link", link=link)
    with nothing_happens(), pytest.raises(InterviewNotPossible):
        propose_interview(conversation_id=conversation.pk, terms=terms, by=bob.actor, at=at)


def test_a_call_here_keeps_no_link(bob: Person, conversation: Conversation, at: datetime) -> None:
    assert propose(bob, conversation, at=at, link="https://meet.example/x").link == ""


def test_phone_is_no_way_to_meet(bob: Person, conversation: Conversation, at: datetime) -> None:
    with nothing_happens(), pytest.raises(InterviewNotPossible):
        propose(bob, conversation, at=at, way="phone")


def test_notes_are_guarded_before_a_contract(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    with nothing_happens(), pytest.raises(LeadsAway):
        propose(bob, conversation, at=at, note="Call me: +33 6 12 34 56 78")
    interview = propose(bob, conversation, at=at)
    with nothing_happens(), pytest.raises(LeadsAway):
        cancel_interview(
            interview_id=interview.pk, seen_version=0, note="Call me: 06 12 34 56 78", by=alice.actor, at=at
        )
    actions.lift_guards(client_id=party_of(alice).pk, party_id=party_of(bob).pk, at=at)
    cancel_interview(interview_id=interview.pk, seen_version=0, note="Call me: 06 12 34 56 78", by=alice.actor, at=at)
    assert Interview.objects.get().cancel_note == "Call me: 06 12 34 56 78"


def test_one_interview_at_a_time(alice: Person, bob: Person, conversation: Conversation, at: datetime) -> None:
    first = propose(bob, conversation, at=at)
    with nothing_happens(), pytest.raises(InterviewRuns):
        propose(alice, conversation, at=at)
    cancel_interview(interview_id=first.pk, seen_version=0, by=bob.actor, at=at)
    assert propose(alice, conversation, at=at).pk != first.pk


def test_nobody_answers_their_own_times(bob: Person, conversation: Conversation, at: datetime) -> None:
    interview = propose(bob, conversation, at=at)
    with nothing_happens(), pytest.raises(OwnTimes):
        agree(bob, interview, at=at)


def test_only_a_time_of_this_interview_that_has_not_passed_is_taken(
    alice: Person, bob: Person, conversation: Conversation, chloe: Person, job: Job, at: datetime
) -> None:
    interview = propose(bob, conversation, at=at, days=(1, 2))
    other = propose(chloe, talk(alice, bid(chloe, job, at=at), at=at), at=at).slots.get(starts_at=at + 2 * DAY)
    first = interview.slots.get(starts_at=at + DAY)
    for slot_id, moment, refusal in ((other.pk, at, TimeNotProposed), (first.pk, at + DAY, TimePast)):
        with nothing_happens(), pytest.raises(refusal):
            accept_interview(interview_id=interview.pk, slot_id=slot_id, seen_version=0, by=alice.actor, at=moment)


def test_other_times_take_the_place_of_all(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = propose(bob, conversation, at=at, way="link", link="https://meet.example/x")
    stale = interview.slots.first()
    assert stale is not None
    terms = InterviewTerms(starts=[at + 5 * DAY], minutes=60)

    moved = move_interview(interview_id=interview.pk, seen_version=0, terms=terms, by=alice.actor, at=at + HOUR)

    assert (moved.status, moved.version, moved.proposer_id, moved.minutes, moved.way, moved.link) == (
        Status.PROPOSED,
        1,
        party_of(alice).pk,
        60,
        "call",
        "",
    )
    assert [slot.starts_at for slot in moved.slots.all()] == [at + 5 * DAY]
    for version, refusal in ((0, InterviewChanged), (1, TimeNotProposed)):
        with nothing_happens(), pytest.raises(refusal):
            accept_interview(interview_id=moved.pk, slot_id=stale.pk, seen_version=version, by=bob.actor, at=at + HOUR)
    assert Event.objects.get(kind="proposals.interview_moved").data == {}


def test_moving_an_agreed_interview_takes_it_out_of_calendars(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    terms = InterviewTerms(starts=[at + 9 * DAY], minutes=30)

    moved = move_interview(interview_id=interview.pk, seen_version=1, terms=terms, by=bob.actor, at=at)

    assert (moved.status, moved.starts_at, moved.accepted_at, moved.remind_at) == (Status.PROPOSED, None, None, None)
    calendar = Event.objects.get(kind="proposals.interview_moved").data
    assert calendar == {"calendar": "cancel", "version": 2, "starts_at": (at + 2 * DAY).isoformat(), "minutes": 30}
    assert agree(alice, moved, at=at).version == 3


def test_what_has_changed_meanwhile_is_looked_at_again(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    with nothing_happens(), pytest.raises(InterviewChanged):
        cancel_interview(interview_id=interview.pk, seen_version=0, by=bob.actor, at=at)
    terms = InterviewTerms(starts=[at + DAY], minutes=30)
    with nothing_happens(), pytest.raises(InterviewChanged):
        move_interview(interview_id=interview.pk, seen_version=0, terms=terms, by=bob.actor, at=at)


def test_reminders_come_a_day_and_an_hour_before_and_once_each(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    starts_at = at + 2 * DAY
    for moment, told in (
        (starts_at - DAY - MINUTE, 0),
        (starts_at - DAY, 1),
        (starts_at - DAY, 0),
        (starts_at - HOUR - MINUTE, 0),
        (starts_at - HOUR, 1),
        (starts_at - MINUTE, 0),
    ):
        assert remind_interviews(at=moment) == told
    assert kinds(interview) == ["proposed", "accepted", "near", "near"]


def test_a_clock_that_slept_reminds_once_and_never_after_the_beginning(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    starts_at = at + 2 * DAY
    assert remind_interviews(at=starts_at - 30 * MINUTE) == 1
    assert remind_interviews(at=starts_at) == 0
    assert kinds(interview).count("near") == 1


def test_an_interview_within_the_hour_is_not_reminded_of(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    terms = InterviewTerms(starts=[at + 50 * MINUTE], minutes=15)
    interview = propose_interview(conversation_id=conversation.pk, terms=terms, by=bob.actor, at=at)
    assert agree(alice, interview, at=at).remind_at is None


def test_an_agreed_interview_is_held_when_its_time_is_over(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    end = at + 2 * DAY + 30 * MINUTE
    assert finish_interviews(at=end - MINUTE) == 0
    assert finish_interviews(at=end) == 1
    assert finish_interviews(at=end) == 0
    after = Interview.objects.get(pk=interview.pk)
    assert (after.status, after.ended_at, after.starts_at) == (Status.HELD, end, at + 2 * DAY)


def test_proposed_times_expire_with_the_last_of_them(bob: Person, conversation: Conversation, at: datetime) -> None:
    interview = propose(bob, conversation, at=at)
    assert finish_interviews(at=at + 3 * DAY - MINUTE) == 0
    assert finish_interviews(at=at + 3 * DAY) == 1
    after = Interview.objects.get(pk=interview.pk)
    assert (after.status, after.ended_at) == (Status.EXPIRED, at + 3 * DAY)


@pytest.mark.parametrize("end", ["declined", "withdrawn", "closed"])
def test_the_end_of_a_proposal_cancels_what_is_planned(
    end: str, alice: Person, bob: Person, conversation: Conversation, job: Job, at: datetime
) -> None:
    proposal = job.proposals.get()
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    if end == "declined":
        decline_proposal(proposal_id=proposal.pk, reason="price", by=alice.actor, at=at)
    elif end == "withdrawn":
        withdraw_proposal(proposal_id=proposal.pk, by=bob.actor, at=at)
    else:
        close_job(job_id=job.pk, by=alice.actor, at=at)
    tell(at)
    after = Interview.objects.get(pk=interview.pk)
    assert (after.status, after.ended_at) == (Status.CANCELLED, at)
    assert Event.objects.get(kind="proposals.interview_cancelled").data["calendar"] == "cancel"


def test_who_has_an_offer_keeps_the_interview_when_the_job_closes(
    alice: Person, bob: Person, conversation: Conversation, job: Job, at: datetime
) -> None:
    interview = agree(alice, propose(bob, conversation, at=at), at=at)
    actions.mark_proposal_offered(proposal_id=job.proposals.get().pk, at=at)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    tell(at)
    assert Interview.objects.get(pk=interview.pk).status == Status.ACCEPTED
    actions.mark_proposal_unoffered(proposal_id=job.proposals.get().pk, at=at + HOUR)
    tell(at + HOUR)
    after = Interview.objects.get(pk=interview.pk)
    assert (after.status, after.ended_at) == (Status.CANCELLED, at + HOUR)


def test_while_a_side_is_blocked_nothing_is_planned_but_all_can_be_cancelled(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = propose(bob, conversation, at=at)
    room = room_of(conversation.scope)
    assert room is not None
    block_side(room_id=room.pk, by=bob.actor, at=at)
    terms = InterviewTerms(starts=[at + DAY], minutes=30)
    with nothing_happens(), pytest.raises(RoomBlocked):
        move_interview(interview_id=interview.pk, seen_version=0, terms=terms, by=alice.actor, at=at)
    cancel_interview(interview_id=interview.pk, seen_version=0, by=bob.actor, at=at)
    with nothing_happens(), pytest.raises(RoomBlocked):
        propose(alice, conversation, at=at)


def test_only_who_writes_there_plans(
    alice: Person, bob: Person, chloe: Person, conversation: Conversation, at: datetime
) -> None:
    people = [
        chloe,
        make_client("Eve", at=at),
        make_member("Fay", party_of(alice), "finance", at=at),
        make_member("Meg", party_of(alice), "member", at=at),
    ]
    for person in people:
        with nothing_happens(), pytest.raises(NotAllowed):
            propose(person, conversation, at=at)
    manager = make_member("Henri", party_of(alice), "hiring_manager", at=at)
    assert agree(bob, propose(manager, conversation, at=at), at=at).status == Status.ACCEPTED


def test_what_is_over_is_not_moved_cancelled_or_accepted(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = propose(bob, conversation, at=at)
    cancel_interview(interview_id=interview.pk, seen_version=0, by=bob.actor, at=at)
    terms = InterviewTerms(starts=[at + DAY], minutes=30)
    with nothing_happens(), pytest.raises(InterviewNotLive):
        move_interview(interview_id=interview.pk, seen_version=1, terms=terms, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(InterviewNotLive):
        cancel_interview(interview_id=interview.pk, seen_version=1, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(InterviewNotWaiting):
        agree(alice, Interview.objects.get(), at=at)


def test_a_side_lives_in_the_zone_of_who_writes_for_it(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    for person, zone in ((alice, "America/New_York"), (bob, "Asia/Tokyo")):
        type(person.user).objects.filter(pk=person.user.pk).update(time_zone=zone)
    conversation = talk(alice, bid(bob, job, at=at), at=at)
    assert zone_of_side(conversation, party_of(alice).pk) == "America/New_York"
    assert zone_of_side(conversation, party_of(bob).pk) == "Asia/Tokyo"


@pytest.mark.django_db
def test_each_category_has_questions_in_both_languages() -> None:
    for slug in Category.objects.values_list("slug", flat=True):
        english, french = (interview_questions(slug, language) for language in ("en", "fr"))
        assert len(english) == len(french) == 6, slug
        assert len(set(english) | set(french)) == 12
    assert interview_questions("no-such-category", "en") == interview_questions("", "en")


def test_two_jobs_have_interviews_of_their_own(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    other = talk(alice, bid(bob, make_job(alice, title="Another site", at=at), at=at), at=at)
    assert propose(bob, conversation, at=at).pk != propose(bob, other, at=at).pk
