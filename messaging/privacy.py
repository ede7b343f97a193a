"""What this app knows about people: their messages stay in their rooms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.privacy import Leaver, Reader, Sheet, datum, fields_of
from messaging.actions import end_calls_of
from messaging.models import Call, CallPerson, Message, ReadMark, Room
from messaging.permissions import can_read_room
from messaging.queries import call_lines, rooms_for

DATA = (
    datum(
        "messaging.Room messaging.Message",
        "rooms.json, messages.json",
        "nameless",
        "The other side needs what was agreed. The name goes some months after the contract, see the next row.",
    ),
    datum(
        "messaging.AuthorName",
        "made by deleting the account",
        "deleted",
        "The name on the messages of one room, until JALON_FORMER_NAME_DAYS after the contract: payments can be "
        "contested for so long.",
    ),
    datum("messaging.ReadMark", "how far a person read", "deleted", "Nobody else sees it."),
    datum(
        "messaging.Call",
        "calls.json",
        "nameless",
        "The log of a room belongs to both sides: who called, when and for how long. What was said is kept nowhere.",
    ),
    datum("messaging.CallPerson", "whom a call rang", "deleted", "Nobody else sees it."),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the rooms that a person reads with all that was written there, and what they wrote in rooms they left."""
    rooms = [
        room
        for actor in reader.actors
        for room in rooms_for(actor).prefetch_related("parties").order_by("pk")
        if can_read_room(actor, room)
    ]
    described = (
        {"room": room.pk, "about": room.owner, "title": room.title, "created_at": room.created_at} for room in rooms
    )
    yield Sheet("rooms", described)
    names = ("room_id", "created_at", "author__first_name", "author__last_name", "party__name", "text")
    readable = Message.objects.filter(room__in=[room.pk for room in rooms]).order_by("room_id", "pk")
    own = Message.objects.filter(author_id=reader.user_id).exclude(room__in=[room.pk for room in rooms]).order_by("pk")
    yield Sheet("messages", (row for rows in (readable, own) for row in fields_of(rows, *names)))
    yield Sheet("calls", _calls(rooms, reader.user_id))


def _calls(rooms: Sequence[Room], user_id: int) -> Iterator[dict[str, Any]]:
    """Yield the calls of these rooms as they are shown there, and the person's own of rooms they left, without names."""
    names = ("kind", "status", "why", "at", "length_text", "caller_name", "callee_name")
    for room in rooms:
        for line in call_lines(room, reader_id=user_id, count=None):
            yield {"room_id": room.pk, **{name: getattr(line, name) for name in names}}
    own = Call.objects.filter(Q(caller_id=user_id) | Q(callee_id=user_id)).exclude(room__in=[each.pk for each in rooms])
    yield from fields_of(own.order_by("pk"), "room_id", "kind", "status", "why", "started_at", "answered_at", "ended_at")


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete how far the person has read and what rang for them, and end their calls; whose name stays until when is said by the app a room is about."""
    ReadMark.objects.filter(user_id=leaver.user_id).delete()
    end_calls_of(user_id=leaver.user_id, by=leaver.by, at=at)
    CallPerson.objects.filter(user_id=leaver.user_id).delete()
