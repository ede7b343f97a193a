"""What this app knows about people: their messages stay in their rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.privacy import CHUNK, Leaver, Reader, Sheet, datum, fields_of
from messaging.models import GuardCase, Masking, Message, ReadMark, RoomBlock
from messaging.permissions import can_read_room
from messaging.queries import rooms_for

DATA = (
    datum(
        "messaging.Room messaging.Message",
        "rooms.json, messages.json",
        "nameless",
        "The other side needs what was agreed. The name goes some months after the contract, see the next row. Of a "
        "message that was changed the old words are kept nowhere, of one that was deleted none.",
    ),
    datum(
        "messaging.AuthorName",
        "made by deleting the account",
        "deleted",
        "The name on the messages of one room, until JALON_FORMER_NAME_DAYS after the contract: payments can be "
        "contested for so long.",
    ),
    datum("messaging.ReadMark", "read-rooms.json", "deleted", "How far a person read; the others of the room see it."),
    datum("messaging.RoomBlock", "closed-conversations.json", "nameless", "Which conversations a person closed."),
    datum(
        "messaging.Masking",
        "masked-messages.json",
        "nameless",
        "Which messages had a part hidden before a contract, what the writer said against it and what was answered. "
        "What the writer said goes with the account.",
    ),
    datum(
        "messaging.GuardCase",
        "guard-cases.json",
        "nameless",
        "Who wrote contact data again and again, for moderators, under the number of the account.",
    ),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the rooms that a person reads with all that was written there, and what they wrote in rooms they left.

    Of a message of the other side what is masked stays masked.
    """
    rooms = {
        room.pk: (room, actor.party_id)
        for actor in reader.actors
        for room in rooms_for(actor).prefetch_related("parties").order_by("pk")
        if can_read_room(actor, room)
    }
    described = (
        {"room": room.pk, "about": room.owner, "title": room.title, "created_at": room.created_at}
        for room, _party_id in rooms.values()
    )
    yield Sheet("rooms", described)
    yield Sheet("messages", _messages(reader, {pk: party_id for pk, (_room, party_id) in rooms.items()}))
    marks = ReadMark.objects.filter(user_id=reader.user_id).order_by("room_id")
    yield Sheet("read-rooms", fields_of(marks, "room_id", "last_read_id", "archived_id"))
    blocks = RoomBlock.objects.filter(by_id=reader.user_id).order_by("pk")
    yield Sheet("closed-conversations", fields_of(blocks, "room_id", "created_at", "ended_at"))
    masked = Masking.objects.filter(author_id=reader.user_id).order_by("pk")
    said = ("appeal", "appealed_at", "reason", "decided_at", "ended_at")
    yield Sheet("masked-messages", fields_of(masked, "message_id", "kinds", "status", "created_at", *said))
    cases = GuardCase.objects.filter(user_id=reader.user_id).order_by("pk")
    yield Sheet("guard-cases", fields_of(cases, "status", "opened_at", "closed_at"))


def _messages(reader: Reader, parties: Mapping[int, int | None]) -> Iterator[dict[str, Any]]:
    own = Q(author_id=reader.user_id)
    readable = Message.objects.filter(room__in=list(parties)).order_by("room_id", "pk")
    left = Message.objects.filter(own).exclude(room__in=list(parties)).order_by("pk")
    for rows in (readable, left):
        for message in rows.select_related("author", "party", "room").iterator(chunk_size=CHUNK):
            is_own = message.author_id == reader.user_id
            side = message.party_id if is_own else parties.get(message.room_id)
            is_public = message.room.guarded and not is_own
            yield {
                "id": message.pk,
                "room_id": message.room_id,
                "created_at": message.created_at,
                "edited_at": message.edited_at,
                "deleted_at": message.deleted_at,
                "answers": message.quoted_id,
                "author": message.author.public_name if is_public else message.author.get_full_name(),
                "party": message.party.public_name if is_public else message.party.name,
                "text": message.text_for(side),
            }


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete how far the person has read and what they said to moderators.

    Whose name stays on messages, and until when, is said by the app that a room is about.
    """
    ReadMark.objects.filter(user_id=leaver.user_id).delete()
    Masking.objects.filter(author_id=leaver.user_id).exclude(appeal="").update(appeal="")
