"""Reads of rooms and messages, for the people of their parties."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership
from accounts.permissions import reads_all
from core.actor import Actor
from core.errors import NotFound
from messaging.models import AuthorName, Message, ReadMark, Room, RoomBlock
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
    room: Room,
    *,
    reader_id: int | None = None,
    party_id: int | None = None,
    before: int | None = None,
    count: int = PAGE,
) -> list[Message]:
    """Return up to `count` messages of a room, oldest first: the newest ones, or those before a message.

    Each says in `is_mine` whether the reader wrote it, and in `shown` what the people of their party read of it.
    """
    rows = Message.objects.filter(room=room).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _as_read(room, rows[:count], reader_id=reader_id, party_id=party_id)[::-1]


def _as_read(room: Room, rows: QuerySet[Message], *, reader_id: int | None, party_id: int | None) -> list[Message]:
    """Return messages of one room as one reader sees them, with whose they are and what they answer."""
    by_reader = ExpressionWrapper(Q(author_id=reader_id), output_field=BooleanField())
    kept = AuthorName.objects.filter(room=OuterRef("room"), user=OuterRef("quoted__author")).values("name")
    found: list[Message] = list(
        _with_names(rows)
        .select_related("party", "quoted__author")
        .annotate(is_mine=by_reader, quoted_kept_name=Subquery(kept))
    )
    for message in found:
        message.room = room
        message.shown = message.text_for(party_id)  # type: ignore[attr-defined]  # for the page
        if message.quoted is not None:
            message.quoted.room = room
            message.quoted.kept_name = message.quoted_kept_name  # type: ignore[attr-defined]
            message.quoted.shown = message.quoted.text_for(party_id)  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The messages that a room shows at once, oldest first, and whether there are older ones."""

    messages: list[Message]
    has_older: bool


def message_page(
    room: Room, *, reader_id: int | None, party_id: int | None = None, before: int | None = None
) -> MessagePage:
    """Return one page of a room as a reader sees it: the newest messages, or those before a message."""
    found = messages_of(room, reader_id=reader_id, party_id=party_id, before=before, count=PAGE + 1)
    return MessagePage(found[-PAGE:], has_older=len(found) > PAGE)


def latest_message(room: Room) -> Message | None:
    """Return the newest message of a room."""
    latest = _with_names(Message.objects.filter(room=room)).order_by("-pk").first()
    if latest is not None:
        latest.room = room
    return latest


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
    return _unread(user_id).filter(room=room, pk__gt=mark)[:100].count()


def _unread(user_id: int) -> QuerySet[Message]:
    """Return what counts as unread for a person once it is newer than their mark: words of others."""
    return Message.objects.filter(deleted_at=None).exclude(author_id=user_id)


def is_blocked(room: Room) -> bool:
    """Test whether one side of a room does not want to hear from the other now: nobody writes there then."""
    return room.kind in Room.BLOCKABLE and RoomBlock.objects.filter(room=room, ended_at=None).exists()


def readers_of(room: Room, party_id: int | None = None) -> set[int]:
    """Return who may read a room at this moment, of both sides or one, as `can_read_room` would say of each.

    Who acts for a side that is blocked may read what was written before; they hear of nothing, so they are left out.
    """
    blocked = RoomBlock.objects.filter(room=room, ended_at=None).values("party_id")
    people = Membership.objects.live().filter(party__rooms=room, party__closed_at=None, user__is_active=True)
    if party_id is not None:
        people = people.filter(party_id=party_id)
    return {each.user_id for each in people.exclude(party_id__in=blocked) if _enters(each, room.kind, room.owner)}


def _enters(membership: Membership, kind: str, owner: str) -> bool:
    if membership.role == Membership.Role.NAMED_WORKER:
        return lets_worker_in(kind, owner, membership.user_id)
    return membership.role != Membership.Role.MEMBER or owner in member_rooms(membership.party_id, membership.user_id)


def belongs_to_room(user_id: int, owner: str) -> bool:
    """Test whether a user is, at this moment, one of the people of a room's parties whom it is open to."""
    found = Membership.objects.live().filter(user_id=user_id, user__is_active=True, party__rooms__owner=owner)
    kind = Room.objects.filter(owner=owner).values_list("kind", flat=True).first()
    return kind is not None and any(_enters(each, kind, owner) for each in found)
