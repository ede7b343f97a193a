"""Reads of rooms and messages, for the people of their parties."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership
from accounts.permissions import reads_all
from core.actor import Actor
from core.errors import NotFound
from messaging.models import AuthorName, Message, ReadMark, Room
from messaging.permissions import can_read_room
from messaging.registry import lets_worker_in, member_rooms

#: Messages that a room shows at once; older ones are a page away.
PAGE = 50


def rooms_for(actor: Actor) -> QuerySet[Room]:
    """Return the rooms of the actor's party, the last written in first."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Room.objects.none()
    rooms = Room.objects.filter(parties=actor.party_id).order_by("-last_message_at", "-pk")
    return rooms if reads_all(actor) else rooms.filter(owner__in=member_rooms(actor.party_id, actor.person_id))


def room_for(actor: Actor, room_id: int) -> Room:
    """Return one room of the actor's party. Raises NotFound."""
    room = rooms_for(actor).prefetch_related("parties").filter(pk=room_id).first()
    if room is None or not can_read_room(actor, room):
        raise NotFound("")
    return room


def room_of(owner: str) -> Room | None:
    """Return the room about one thing, such as contract:5, if it has been opened."""
    return Room.objects.prefetch_related("parties").filter(owner=owner).first()


def messages_of(
    room: Room, *, reader_id: int | None = None, before: int | None = None, count: int = PAGE
) -> list[Message]:
    """Return up to `count` messages of a room, oldest first: the newest ones, or those before a message.

    Each says in `is_mine` whether the reader wrote it.
    """
    by_reader = ExpressionWrapper(Q(author_id=reader_id), output_field=BooleanField())
    rows = _with_names(Message.objects.filter(room=room)).select_related("party").order_by("-pk")
    rows = rows.annotate(is_mine=by_reader)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found: list[Message] = [*rows[:count]]
    return found[::-1]


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The messages that a room shows at once, oldest first, and whether there are older ones."""

    messages: list[Message]
    has_older: bool


def message_page(room: Room, *, reader_id: int | None, before: int | None = None) -> MessagePage:
    """Return one page of a room as a reader sees it: the newest messages, or those before a message."""
    found = messages_of(room, reader_id=reader_id, before=before, count=PAGE + 1)
    return MessagePage(found[-PAGE:], has_older=len(found) > PAGE)


def latest_message(room: Room) -> Message | None:
    """Return the newest message of a room."""
    return _with_names(Message.objects.filter(room=room)).order_by("-pk").first()


def rooms_written_in(user_id: int) -> QuerySet[Room]:
    """Return the rooms in which a person wrote."""
    return Room.objects.filter(pk__in=Message.objects.filter(author_id=user_id).values("room_id")).order_by("pk")


def _with_names(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return messages with what `author_name` needs."""
    kept = AuthorName.objects.filter(room=OuterRef("room"), user=OuterRef("author")).values("name")
    return rows.select_related("author").annotate(kept_name=Subquery(kept))


def unread_count(room: Room, user_id: int) -> int:
    """Return how many messages by others a person has not read, counted up to 100."""
    mark = ReadMark.objects.filter(room=room, user_id=user_id).values_list("last_read_id", flat=True).first() or 0
    return Message.objects.filter(room=room, pk__gt=mark).exclude(author_id=user_id)[:100].count()


def belongs_to_room(user_id: int, owner: str) -> bool:
    """Test whether a user is, at this moment, one of the people of a room's parties whom it is open to."""
    found = Membership.objects.live().filter(user_id=user_id, user__is_active=True, party__rooms__owner=owner)
    return any(
        lets_worker_in(kind, owner, user_id)
        if role == Membership.Role.NAMED_WORKER
        else role != Membership.Role.MEMBER or owner in member_rooms(party_id, user_id)
        for role, party_id, kind in found.values_list("role", "party_id", "party__rooms__kind")
    )
