"""Agreeing on an interview: times are proposed, accepted, moved, cancelled, and end by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from messaging.actions import RoomBlocked
from messaging.guard import check_texts
from messaging.models import Room
from messaging.queries import is_blocked, room_of
from proposals.models import LONGEST_LINK, LONGEST_NOTE, Conversation, Interview, InterviewSlot, Proposal
from proposals.permissions import can_plan_interview

Status = Interview.Status


class InterviewNotPossible(DomainError):
    """The length, the way, the link or the note of an interview cannot be used."""


class TimesMissing(DomainError):
    """An interview is proposed with at least one time."""


class TooManyTimes(DomainError):
    """Only some times are proposed at once."""


class TimePast(DomainError):
    """A time lies in the past."""


class TimeTooFar(DomainError):
    """A time lies too far ahead."""


class TimesOverlap(DomainError):
    """Two of the proposed times overlap."""


class InterviewRuns(DomainError):
    """A conversation has one interview at a time."""


class InterviewNotLive(DomainError):
    """The interview was cancelled or held, or no time was agreed in time."""


class InterviewNotWaiting(DomainError):
    """No times wait for an answer."""


class InterviewChanged(DomainError):
    """The interview is not as it was on the page that the actor saw."""


class OwnTimes(DomainError):
    """The other side answers the times that one side proposed."""


class TimeNotProposed(DomainError):
    """The time is not among those that were proposed."""


@dataclass(frozen=True, slots=True)
class InterviewTerms:
    """When an interview could begin, how long it takes in minutes, and how the two sides meet."""

    starts: Sequence[datetime]
    minutes: int
    way: str = Interview.Way.CALL
    link: str = ""
    note: str = ""


@transaction.atomic
def propose_interview(*, conversation_id: int, terms: InterviewTerms, by: Actor, at: datetime) -> Interview:
    """Propose times for an interview to the other side of a conversation.

    From: nothing. To: proposed, until the last of the times. Event: proposals.interview_proposed.

    Raises NotAllowed if `by` does not write in the conversation, InterviewRuns while another one is live, RoomBlocked,
    TimesMissing, TooManyTimes, TimePast, TimeTooFar, TimesOverlap, InterviewNotPossible, LeadsAway for contact data in
    the note.
    """
    conversation = Conversation.objects.locked(conversation_id)
    _demand_side(by, conversation)
    if Interview.objects.filter(conversation=conversation, status__in=Interview.LIVE).exists():
        raise InterviewRuns(_("An interview is proposed or agreed already: move it or cancel it."))
    _demand_unblocked(conversation)
    starts = _checked(terms, conversation, at)

    interview = Interview(conversation=conversation, created_at=at)
    _propose(interview, terms, starts=starts, by=by, at=at)
    interview.save()
    _store_times(interview, starts)
    _tell("interview_proposed", interview, by, at)
    return interview


@transaction.atomic
def accept_interview(*, interview_id: int, slot_id: int, seen_version: int, by: Actor, at: datetime) -> Interview:
    """Agree to one of the times that the other side proposed.

    From: proposed. To: accepted, held once it is over. Event: proposals.interview_accepted, with what calendars need.

    Raises NotAllowed if `by` does not write in the conversation, InterviewNotWaiting in any other state,
    InterviewChanged if other times were proposed since `seen_version`, OwnTimes, TimeNotProposed, TimePast.
    """
    interview = _locked(interview_id)
    _demand_side(by, interview.conversation)
    if interview.status != Status.PROPOSED:
        raise InterviewNotWaiting(_("No times wait for your answer: the interview was agreed, cancelled, or is over."))
    _demand_seen(interview, seen_version)
    if interview.proposer_id == by.party_id:
        raise OwnTimes(_("You proposed these times: the other side chooses one."))
    slot = InterviewSlot.objects.filter(interview=interview, pk=slot_id).first()
    if slot is None:
        raise TimeNotProposed(_("Choose one of the proposed times."))
    if slot.starts_at <= at:
        raise TimePast(_("This time has passed: choose another one, or propose other times."))

    interview.status, interview.starts_at, interview.accepted_at = Status.ACCEPTED, slot.starts_at, at
    interview.version += 1
    interview.due_at = slot.starts_at + timedelta(minutes=interview.minutes)
    interview.remind_at = next_reminder(slot.starts_at, after=at)
    interview.save(update_fields=["status", "starts_at", "accepted_at", "version", "due_at", "remind_at"])
    _tell("interview_accepted", interview, by, at, **_calendar(interview, "request"))
    return interview


@transaction.atomic
def move_interview(
    *, interview_id: int, seen_version: int, terms: InterviewTerms, by: Actor, at: datetime
) -> Interview:
    """Propose other times in place of those that stand; an agreed time holds no longer.

    From: proposed, accepted. To: proposed. Event: proposals.interview_moved; of an agreed one with what takes it out
    of calendars.

    Raises NotAllowed if `by` does not write in the conversation, InterviewNotLive in any other state, InterviewChanged
    if something happened since `seen_version`, and what `propose_interview` says of times and note.
    """
    interview = _locked(interview_id)
    _demand_side(by, interview.conversation)
    _demand_live(interview)
    _demand_seen(interview, seen_version)
    _demand_unblocked(interview.conversation)
    starts = _checked(terms, interview.conversation, at)

    interview.version += 1
    calendar = _calendar(interview, "cancel") if interview.status == Status.ACCEPTED else {}
    _propose(interview, terms, starts=starts, by=by, at=at)
    interview.save()
    interview.slots.all().delete()
    _store_times(interview, starts)
    _tell("interview_moved", interview, by, at, **calendar)
    return interview


@transaction.atomic
def cancel_interview(*, interview_id: int, seen_version: int, note: str = "", by: Actor, at: datetime) -> Interview:
    """Call an interview off, with a word about why.

    From: proposed, accepted. To: cancelled. Event: proposals.interview_cancelled; of an agreed one with what takes it
    out of calendars.

    Raises NotAllowed if `by` does not write in the conversation, InterviewNotLive in any other state, InterviewChanged
    if something happened since `seen_version`, InterviewNotPossible for a note that is too long, LeadsAway for contact
    data in it.
    """
    interview = _locked(interview_id)
    _demand_side(by, interview.conversation)
    _demand_live(interview)
    _demand_seen(interview, seen_version)
    interview.cancel_note = _checked_note(note, interview.conversation)
    _cancel(interview, by, at)
    return interview


@transaction.atomic
def drop_interviews(*, job_id: int, party_id: int | None = None, at: datetime) -> int:
    """Cancel what is planned with those with whom a client talks no more; with nobody named, with all of an ended job.

    Who has an offer or was hired keeps theirs. From: proposed, accepted. To: cancelled.
    Event: proposals.interview_cancelled for each. Returns how many.
    """
    planned = Interview.objects.filter(conversation__job_id=job_id, status__in=Interview.LIVE)
    if party_id is not None:
        planned = planned.filter(conversation__party_id=party_id)
    wanted = [*Proposal.BOUND, Proposal.Status.HIRED] if party_id is not None else ["offered", "hired"]
    bound = Proposal.objects.filter(job_id=job_id, status__in=wanted).values("party_id")
    return _drop(planned.exclude(conversation__party_id__in=bound), at)


def drop_interviews_of(*, party_ids: Sequence[int], at: datetime) -> int:
    """Cancel whatever is planned with parties that close (inner), as `drop_interviews`. Returns how many."""
    sides = Q(conversation__party_id__in=party_ids) | Q(conversation__job__client_id__in=party_ids)
    return _drop(Interview.objects.filter(sides, status__in=Interview.LIVE), at)


def remind_interviews(*, at: datetime) -> int:
    """Remind both sides of each agreed interview whose reminder is due; return how many."""
    due = Interview.objects.filter(remind_at__lte=at).order_by("remind_at", "pk")
    return for_each(due, lambda pk: _remind_one(interview_id=pk, at=at))


def finish_interviews(*, at: datetime) -> int:
    """End each interview whose time is over; return how many.

    From: accepted. To: held. From: proposed. To: expired, since no time was agreed. Event: proposals.interview_held,
    proposals.interview_expired.
    """
    due = Interview.objects.filter(due_at__lte=at).order_by("due_at", "pk")
    return for_each(due, lambda pk: _finish_one(interview_id=pk, at=at))


def next_reminder(starts_at: datetime, *, after: datetime) -> datetime | None:
    """Return when an interview is next reminded of: so many hours before it begins; None when all these have passed."""
    moments = [starts_at - timedelta(hours=hours) for hours in rules().interview_reminder_hours]
    return min((moment for moment in moments if moment > after), default=None)


def _drop(planned: QuerySet[Interview], at: datetime) -> int:
    dropped = 0
    for pk in list(planned.order_by("pk").values_list("pk", flat=True)):
        interview = _locked(pk)
        if interview.status in Interview.LIVE:
            _cancel(interview, Actor.system(), at)
            dropped += 1
    return dropped


@transaction.atomic
def _remind_one(*, interview_id: int, at: datetime) -> int:
    interview = _locked(interview_id)
    if interview.remind_at is None or interview.remind_at > at or interview.starts_at is None:
        return 0
    interview.remind_at = next_reminder(interview.starts_at, after=at)
    interview.save(update_fields=["remind_at"])
    if interview.starts_at > at:
        _tell("interview_near", interview, Actor.system(), at, starts_at=interview.starts_at.isoformat())
    return 1


@transaction.atomic
def _finish_one(*, interview_id: int, at: datetime) -> int:
    interview = _locked(interview_id)
    if interview.due_at is None or interview.due_at > at:
        return 0
    is_held = interview.status == Status.ACCEPTED
    _end(interview, Status.HELD if is_held else Status.EXPIRED, at)
    _tell("interview_held" if is_held else "interview_expired", interview, Actor.system(), at)
    return 1


def _locked(interview_id: int) -> Interview:
    """Lock a conversation, then its interview."""
    conversation_id = Interview.objects.values_list("conversation_id", flat=True).get(pk=interview_id)
    conversation = Conversation.objects.locked(conversation_id)
    interview = Interview.objects.locked(interview_id)
    interview.conversation = conversation
    return interview


def _demand_side(by: Actor, conversation: Conversation) -> None:
    if not can_plan_interview(by, conversation):
        raise NotAllowed(_("Your role reads this conversation but does not plan interviews."))


def _demand_unblocked(conversation: Conversation) -> None:
    room = room_of(conversation.scope)
    if room is not None and is_blocked(room):
        raise RoomBlocked(_("One side of this conversation is blocked: nothing is planned until that ends."))


def _demand_live(interview: Interview) -> None:
    if interview.status not in Interview.LIVE:
        raise InterviewNotLive(_("This interview is over. You can propose a new one."))


def _demand_seen(interview: Interview, seen_version: int) -> None:
    if interview.version != seen_version:
        raise InterviewChanged(_("The interview has changed since you opened this page. Look at it again."))


def _checked(terms: InterviewTerms, conversation: Conversation, at: datetime) -> list[datetime]:
    """Return the times in their order, once terms are found possible."""
    starts = sorted(set(terms.starts))
    most, days = rules().interview_times_maximum, rules().interview_days_ahead
    if not starts:
        raise TimesMissing(_("Propose at least one time."))
    if len(starts) > most:
        raise TooManyTimes(
            ngettext("Propose %(most)d time at most.", "Propose %(most)d times at most.", most) % {"most": most}
        )
    if starts[0] <= at:
        raise TimePast(_("Choose times in the future."))
    if starts[-1] > at + timedelta(days=days):
        raise TimeTooFar(
            ngettext("Choose times within the next %(days)d day.", "Choose times within the next %(days)d days.", days)
            % {"days": days}
        )
    if terms.minutes not in Interview.LENGTHS:
        raise InterviewNotPossible(_("Choose how long the interview takes."))
    length = timedelta(minutes=terms.minutes)
    if len(starts) != len(terms.starts) or any(later < earlier + length for earlier, later in pairwise(starts)):
        raise TimesOverlap(_("Two of the times overlap: leave room for the whole interview between them."))
    _check_link(terms)
    _checked_note(terms.note, conversation)
    return starts


def _check_link(terms: InterviewTerms) -> None:
    if terms.way not in Interview.Way.values:
        raise InterviewNotPossible(_("Choose how you meet."))
    link = terms.link.strip()
    if terms.way == Interview.Way.CALL:
        return
    try:
        URLValidator(schemes=["https"])(link)
    except ValidationError as error:
        raise InterviewNotPossible(_("Enter the link to the meeting: it begins with https://")) from error
    if len(link) > LONGEST_LINK or "@" in link.partition("//")[2].partition("/")[0]:
        raise InterviewNotPossible(_("Enter the link to the meeting: it begins with https://"))


def _checked_note(note: str, conversation: Conversation) -> str:
    """Return a note, once it is found short enough and, before a contract, without contact data."""
    clean = note.replace("\x00", "").strip()
    if len(clean) > LONGEST_NOTE:
        raise InterviewNotPossible(
            _("Shorten the note to %(most)d characters: it has %(length)d.")
            % {"most": LONGEST_NOTE, "length": len(clean)}
        )
    if Room.objects.filter(owner=conversation.scope, guarded=True).exists():
        check_texts({"note": clean})
    return clean


def _propose(
    interview: Interview, terms: InterviewTerms, *, starts: Sequence[datetime], by: Actor, at: datetime
) -> None:
    interview.status, interview.proposed_at = Status.PROPOSED, at
    interview.proposer_id, interview.author_id = by.party_id or 0, by.person_id
    interview.minutes, interview.way = terms.minutes, terms.way
    interview.link = terms.link.strip() if terms.way == Interview.Way.LINK else ""
    interview.note = terms.note.replace("\x00", "").strip()
    interview.starts_at = interview.accepted_at = interview.remind_at = None
    interview.due_at = starts[-1]


def _store_times(interview: Interview, starts: Sequence[datetime]) -> None:
    InterviewSlot.objects.bulk_create(InterviewSlot(interview=interview, starts_at=start) for start in starts)


def _cancel(interview: Interview, by: Actor, at: datetime) -> None:
    interview.version += 1
    calendar = _calendar(interview, "cancel") if interview.status == Status.ACCEPTED else {}
    _end(interview, Status.CANCELLED, at)
    _tell("interview_cancelled", interview, by, at, **calendar)


def _end(interview: Interview, status: Interview.Status, at: datetime) -> None:
    interview.status, interview.ended_at = status, at
    interview.due_at = interview.remind_at = None
    interview.save(update_fields=["status", "ended_at", "due_at", "remind_at", "version", "cancel_note"])


def _calendar(interview: Interview, change: str) -> dict[str, Any]:
    """Return what an event says to calendars: take the interview in, or take it out."""
    if interview.starts_at is None:
        raise RuntimeError("only an agreed interview stands in calendars")
    starts_at = interview.starts_at.isoformat()
    return {"calendar": change, "version": interview.version, "starts_at": starts_at, "minutes": interview.minutes}


def _tell(name: str, interview: Interview, by: Actor, at: datetime, **data: Any) -> None:
    record(
        kind=f"proposals.{name}",
        actor=by,
        subject=f"interview:{interview.pk}",
        scope=interview.conversation.scope,
        at=at,
        **data,
    )
