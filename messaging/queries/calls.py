"""Reads of calls: which one rings or runs, whom it rings, and the log of a room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import Membership, User
from core.actor import Actor
from core.errors import NotFound
from messaging.models import AuthorName, Call, CallPerson, Room
from messaging.permissions import WRITERS, can_post_message, talker

#: Calls that the log of a room shows.
LOG = 20


def call_for(actor: Actor, call_id: int) -> Call:
    """Return a call to one of its people, whomever else they act for now. Raises NotFound."""
    calls = Call.objects.select_related("room", "caller", "callee").prefetch_related("room__parties", "people")
    found = calls.filter(pk=call_id, people__user_id=actor.user_id or 0).first()
    if found is None or actor.impersonator_id is not None:
        raise NotFound("")
    return found


def seat_of(call: Call, user_id: int | None) -> CallPerson | None:
    """Return somebody's part in a call. Needs `call.people` prefetched to stay without a query."""
    return next((each for each in call.people.all() if each.user_id == user_id), None)


def others_of(call: Call, user_id: int) -> list[int]:
    """Return with whom a person of a running call talks: the other one of the two."""
    pair = (call.caller_id, call.callee_id)
    return [each for each in pair if each is not None and each != user_id] if user_id in pair else []


def people_to_ring(room: Room, party_id: int | None) -> list[tuple[Membership, bool]]:
    """Return who of the other side may write in a room, and whether each is in a call now, oldest member first."""
    in_call = CallPerson.objects.filter(user=OuterRef("user"), joined_at__isnull=False, left_at=None)
    others = Membership.objects.live().filter(
        party__in=[party.pk for party in room.parties.all() if party.pk != party_id],
        party__closed_at=None,
        role__in=WRITERS,
        user__is_active=True,
    )
    found: QuerySet[Any] = (
        others.select_related("party", "user").annotate(is_busy=Exists(in_call)).order_by("created_at", "pk")
    )
    seen: set[int] = set()
    rung = []
    for each in found:
        if each.user_id not in seen and can_post_message(talker(each), room):
            seen.add(each.user_id)
            rung.append((each, each.is_busy))
    return rung


def ringing_for(user_id: int, at: datetime) -> Call | None:
    """Return the newest call that rings for a person now, unless they talk or declined it."""
    mine = CallPerson.objects.filter(user_id=user_id)
    if mine.filter(joined_at__isnull=False, left_at=None).exists():
        return None
    rings = mine.filter(joined_at=None, declined_at=None).values("call_id")
    found = Call.objects.filter(pk__in=rings, status=Call.Status.RINGING, rings_until__gt=at)
    return found.order_by("-pk").first()


def live_call_of(room: Room) -> Call | None:
    """Return the call that rings or runs in a room."""
    return Call.objects.live().filter(room=room).prefetch_related("people").first()


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call as a reader of the room's log sees it."""

    pk: int
    kind: str
    status: str
    why: str
    at: datetime
    caller_name: str
    callee_name: str
    is_mine: bool
    length: timedelta | None

    @property
    def length_text(self) -> str:
        """How long they talked, in minutes and seconds."""
        seconds = int(self.length.total_seconds()) if self.length else 0
        return f"{seconds // 60}:{seconds % 60:02}"

    @property
    def is_missed(self) -> bool:
        """Test whether the reader's side was called and nobody talked."""
        return not self.is_mine and self.status in {Call.Status.MISSED, Call.Status.BUSY, Call.Status.CANCELLED}


def call_lines(room: Room, *, reader_id: int | None, count: int | None = LOG) -> list[CallLine]:
    """Return the newest calls of a room, or all, the newest first, with the names that its people have in the room."""
    calls: QuerySet[Any] = Call.objects.filter(room=room).select_related("caller", "callee").order_by("-pk")
    calls = calls.annotate(caller_kept=_kept_name("caller"), callee_kept=_kept_name("callee"))
    return [
        CallLine(
            pk=call.pk,
            kind=call.kind,
            status=call.status,
            why=call.why,
            at=call.started_at,
            caller_name=_kept(call, "caller") or name_in_room(call.caller, room),
            callee_name=(_kept(call, "callee") or name_in_room(call.callee, room)) if call.callee else "",
            is_mine=call.caller_id == reader_id,
            length=call.ended_at - call.answered_at if call.ended_at and call.answered_at else None,
        )
        for call in calls[:count]
    ]


def name_in_room(user: User, room: Room) -> str:
    """Return a person's name as the other side of the room reads it: before a contract, the public one."""
    return user.public_name if room.guarded else user.get_full_name()


def _kept(call: Call, person: str) -> str:
    """Return the name that was kept for somebody who left, read with the call."""
    return getattr(call, f"{person}_kept", None) or ""


def _kept_name(person: str) -> Subquery:
    return Subquery(AuthorName.objects.filter(room=OuterRef("room"), user=OuterRef(person)).values("name"))
