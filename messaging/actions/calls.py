"""Ringing the other side of a room, answering, and every way in which a call ends.

Who is called must hear it now or never, so the open pages are told right after the commit and not by a handler.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from messaging.actions.rooms import RoomBlocked
from messaging.live import tell_users
from messaging.models import Call, CallPerson, Room
from messaging.permissions import can_join_call, can_start_call, may_talk
from messaging.queries import is_blocked, people_to_ring, seat_of

Status, Why = Call.Status, Call.Why


class NobodyToCall(DomainError):
    """There is nobody on the other side of the room who may talk there."""


class OnThePhone(DomainError):
    """A person is in one call at a time."""


class RoomOnThePhone(DomainError):
    """A room has one call at a time."""


class CallNotRinging(DomainError):
    """The call has been answered or has ended."""


class CallNotConnected(DomainError):
    """Nobody talks in this call now."""


@transaction.atomic
def start_call(*, room_id: int, kind: Call.Kind, by: Actor, at: datetime) -> Call:
    """Ring everybody of the other side who may write in the room; the first to answer has the call.

    From: nothing. To: ringing, for 45 seconds; or busy, where all of them are in other calls.
    Event: messaging.call_started, messaging.call_busy. The same person calling again while it rings gets the same call.

    Raises NotAllowed if `by` does not write there, RoomBlocked, RoomOnThePhone, OnThePhone, NobodyToCall.
    """
    room = Room.objects.locked(room_id)
    if not can_start_call(by, room):
        raise NotAllowed(_("Only people who write in this room can call from it."))
    if is_blocked(room):
        raise RoomBlocked(_("One side has blocked the other: nobody can call here now."))
    live = Call.objects.live().filter(room=room).first()
    if live is not None and live.caller_id == by.user_id and live.status == Status.RINGING:
        return live
    if live is not None:
        raise RoomOnThePhone(_("There is a call in this room already. Answer it, or wait until it has ended."))
    people = [each for each in people_to_ring(room, by.party_id) if each[0].user_id != by.user_id]
    if not people:
        raise NobodyToCall(_("There is nobody on the other side who can answer. Leave a message instead."))
    free = [membership.user_id for membership, is_busy in people if not is_busy]
    call = Call.objects.create(
        room=room,
        caller_id=by.person_id,
        kind=kind,
        status=Status.RINGING if free else Status.BUSY,
        started_at=at,
        rings_until=at + timedelta(seconds=rules().call_ring_seconds),
        ended_at=None if free else at,
    )
    CallPerson.objects.bulk_create(
        CallPerson(call=call, user_id=membership.user_id, party_id=membership.party_id) for membership, _busy in people
    )
    caller = CallPerson(call=call, user_id=by.person_id, party_id=by.party_id or 0, joined_at=at, seen_at=at)
    caller.left_at = None if free else at
    _sit_down(caller)
    _record("messaging.call_started" if free else "messaging.call_busy", call, by, at)
    if free:
        _tell(call, "ring", free)
    return call


@transaction.atomic
def answer_call(*, call_id: int, by: Actor, at: datetime) -> Call:
    """Take a call; it stops ringing for the others. The same person answering twice answers once.

    From: ringing. To: connected. Event: messaging.call_answered.

    Raises NotAllowed if it does not ring for `by`, CallNotRinging in any other state and after its time, OnThePhone.
    """
    call = _locked(call_id)
    person = seat_of(call, by.user_id)
    if person is None or person.user_id == call.caller_id or not can_join_call(by, person, call.room):
        raise NotAllowed(_("This call is not for you."))
    if call.status == Status.CONNECTED and call.callee_id == by.user_id:
        return call
    if call.status != Status.RINGING or person.declined_at or at >= call.rings_until or is_blocked(call.room):
        raise CallNotRinging(_("This call does not ring any more."))
    person.joined_at = person.seen_at = at
    person.heard_at = person.heard_at or at
    _sit_down(person)
    call.status, call.callee_id, call.answered_at = Status.CONNECTED, by.person_id, at
    call.save(update_fields=["status", "callee", "answered_at"])
    _record("messaging.call_answered", call, by, at)
    _tell(call, "changed", _everybody(call))
    return call


@transaction.atomic
def decline_call(*, call_id: int, by: Actor, at: datetime) -> Call:
    """Say no to a call; it rings on for the others.

    From: ringing. To: declined, once everybody who is rung said no; ringing until then. Event: messaging.call_declined
    at the end.

    Raises NotAllowed if it does not ring for `by`, CallNotRinging in any other state.
    """
    call = _locked(call_id)
    person = seat_of(call, by.user_id)
    if person is None or person.user_id == call.caller_id or by.impersonator_id is not None:
        raise NotAllowed(_("This call is not for you."))
    if call.status != Status.RINGING:
        raise CallNotRinging(_("This call does not ring any more."))
    if person.declined_at is None:
        person.declined_at = at
        person.heard_at = person.heard_at or at
        person.save(update_fields=["declined_at", "heard_at"])
    rung = [each for each in call.people.all() if each.user_id != call.caller_id]
    if all(each.declined_at is not None for each in rung):
        _end(call, Status.DECLINED, why="", by=by, at=at)
    else:
        _tell(call, "changed", [person.user_id])
    return call


@transaction.atomic
def cancel_call(*, call_id: int, by: Actor, at: datetime) -> Call:
    """Give up before anybody answered.

    From: ringing. To: cancelled. Event: messaging.call_cancelled.

    Raises NotAllowed if `by` did not call, CallNotRinging in any other state.
    """
    call = _locked(call_id)
    if by.user_id != call.caller_id or by.impersonator_id is not None:
        raise NotAllowed(_("Only who called can give up."))
    if call.status != Status.RINGING:
        raise CallNotRinging(_("This call does not ring any more."))
    _end(call, Status.CANCELLED, why=Why.HUNG_UP, by=by, at=at)
    return call


@transaction.atomic
def hang_up(*, call_id: int, why: Call.Why = Why.HUNG_UP, by: Actor, at: datetime) -> Call:
    """End a call for both, because somebody hung up or their page lost the other one.

    From: connected. To: ended. Event: messaging.call_ended.

    Raises NotAllowed if `by` is neither of the two, CallNotConnected in any other state.
    """
    call = _locked(call_id)
    if by.user_id not in {call.caller_id, call.callee_id} or by.impersonator_id is not None:
        raise NotAllowed(_("You are not in this call."))
    if call.status != Status.CONNECTED:
        raise CallNotConnected(_("This call has ended."))
    _end(call, Status.ENDED, why=Why.LOST if why == Why.LOST else Why.HUNG_UP, by=by, at=at)
    return call


@transaction.atomic
def miss_call(*, call_id: int, at: datetime) -> int:
    """End a call that nobody answered in time.

    From: ringing. To: missed; the reason says whether it rang on any open page. Event: messaging.call_missed.
    Returns 0 where it was answered meanwhile or is not due, else 1.
    """
    call = _locked(call_id)
    if call.status != Status.RINGING or at < call.rings_until:
        return 0
    was_heard = any(each.heard_at is not None for each in call.people.all() if each.user_id != call.caller_id)
    _end(call, Status.MISSED, why=Why.NO_ANSWER if was_heard else Why.OFFLINE, by=Actor.system(), at=at)
    return 1


@transaction.atomic
def drop_call(*, call_id: int, at: datetime) -> int:
    """End a call whose people are gone, may not talk any more, or have talked for as long as a call may be.

    From: connected. To: ended. From: ringing, where the caller is gone. To: cancelled. Event: messaging.call_ended,
    messaging.call_cancelled. Returns 0 where all is well, else 1.
    """
    call = _locked(call_id)
    why = _reason_to_drop(call, at) if call.is_live else ""
    if not why:
        return 0
    end = Status.ENDED if call.status == Status.CONNECTED else Status.CANCELLED
    _end(call, end, why=why, by=Actor.system(), at=at)
    return 1


def end_calls_of(*, user_id: int, by: Actor, at: datetime) -> None:
    """End the call in which somebody is whose account is deleted (inner).

    From: connected, ringing. To: ended, cancelled. Event: messaging.call_ended, messaging.call_cancelled.
    """
    seats = CallPerson.objects.filter(user_id=user_id, joined_at__isnull=False, left_at=None)
    for call_id in seats.values_list("call_id", flat=True):
        call = _locked(call_id)
        if call.is_live:
            end = Status.ENDED if call.status == Status.CONNECTED else Status.CANCELLED
            _end(call, end, why=Why.LEFT, by=by, at=at)


def note_alive(*, call_id: int, by: Actor, at: datetime) -> Call:
    """Note that a person's page is still in the call, and end the call if its time has come; return it as it is now.

    Event: that of the end, if it ends. Raises NotAllowed if `by` has not joined.
    """
    joined = CallPerson.objects.filter(call_id=call_id, user_id=by.person_id, joined_at__isnull=False)
    if by.impersonator_id is not None or not joined.exists():
        raise NotAllowed(_("You are not in this call."))
    joined.filter(left_at=None).update(seen_at=at)
    if not miss_call(call_id=call_id, at=at):
        drop_call(call_id=call_id, at=at)
    return Call.objects.get(pk=call_id)


@transaction.atomic
def note_heard(*, call_id: int, by: Actor, at: datetime) -> bool:
    """Note that a call rings on an open page of somebody; who calls is shown that it does. Event: none.

    Returns whether this was news; a call that is not for `by`, or rings no more, is left as it is.
    """
    mine = CallPerson.objects.filter(call_id=call_id, user_id=by.person_id, joined_at=None, heard_at=None)
    is_new = bool(mine.filter(call__status=Status.RINGING).update(heard_at=at))
    if is_new:
        call = Call.objects.get(pk=call_id)
        _tell(call, "changed", [call.caller_id])
    return is_new


def miss_calls(*, at: datetime) -> int:
    """End the calls that nobody answered in time; return how many."""
    due = Call.objects.filter(status=Status.RINGING, rings_until__lte=at)
    return for_each(due.order_by("pk"), lambda pk: miss_call(call_id=pk, at=at))


def drop_calls(*, at: datetime) -> int:
    """End the calls that have nobody left, whose people may not talk, or that are too long; return how many."""
    return for_each(Call.objects.live().order_by("pk"), lambda pk: drop_call(call_id=pk, at=at))


def _locked(call_id: int) -> Call:
    """Return a call for change, with its people and its room as they are now."""
    Call.objects.locked(call_id)
    return Call.objects.select_related("room").prefetch_related("room__parties", "people").get(pk=call_id)


def _sit_down(person: CallPerson) -> None:
    """Store that somebody is in a call. Raises OnThePhone where another call of theirs runs."""
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise OnThePhone(_("You are in another call. End it first.")) from None


def _reason_to_drop(call: Call, at: datetime) -> str:
    joined = [each for each in call.people.all() if each.joined_at is not None and each.left_at is None]
    silent_since = at - timedelta(seconds=rules().call_silence_seconds)
    if any(each.seen_at is None or each.seen_at < silent_since for each in joined):
        return Why.LOST
    if call.answered_at is not None and call.answered_at <= at - timedelta(hours=rules().call_hours_maximum):
        return Why.TOO_LONG
    if is_blocked(call.room) or not all(may_talk(each.user_id, each.party_id, call.room) for each in joined):
        return Why.LEFT
    return ""


def _end(call: Call, status: Call.Status, *, why: str, by: Actor, at: datetime) -> None:
    call.status, call.why, call.ended_at = status, why, max(at, call.answered_at or call.started_at)
    call.save(update_fields=["status", "why", "ended_at"])
    CallPerson.objects.filter(call=call, left_at=None).update(left_at=call.ended_at)
    _record(f"messaging.call_{status}", call, by, at)
    _tell(call, "changed", _everybody(call))


def _everybody(call: Call) -> list[int]:
    return [each.user_id for each in call.people.all()]


def _record(kind: str, call: Call, by: Actor, at: datetime) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"call:{call.pk}",
        scope=call.room.owner,
        at=at,
        room=call.room_id,
        call_kind=call.kind,
        why=call.why,
    )


def _tell(call: Call, action: str, user_ids: Iterable[int]) -> None:
    hint = {"kind": "call", "action": action, "call": call.pk}
    transaction.on_commit(partial(tell_users, list(user_ids), hint), robust=True)
