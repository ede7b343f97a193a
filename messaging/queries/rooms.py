"""Rooms: whose they are, who may read there now, what is unread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Membership
from accounts.permissions import reads_all
from core.actor import Actor
from core.errors import NotFound
from messaging.models import Message, ReadMark, Room, RoomBlock
from messaging.permissions import can_read_room
from messaging.queries.messages import files_of_messages, words_of
from messaging.registry import kinds_of_some_workers, lets_worker_in, member_rooms, worker_rooms

#: Characters of the last line of a room that its list shows.
LINE = 140


def rooms_for(actor: Actor) -> QuerySet[Room]:
    """Return the rooms that the actor's party opens to them, the last written in first, then those without a word."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Room.objects.none()
    newest = F("last_message_at").desc(nulls_last=True)
    rooms: QuerySet[Room] = Room.objects.filter(parties=actor.party_id).order_by(newest, "-pk")
    if actor.role == Membership.Role.FINANCE:
        return rooms.exclude(kind__in=Room.WITHOUT_FINANCE)
    if actor.role == Membership.Role.NAMED_WORKER:
        kinds = kinds_of_some_workers()
        owners = [
            owner
            for kind in kinds
            for owner in worker_rooms(
                kind, actor.party_id, actor.person_id, rooms.filter(kind=kind).values_list("owner", flat=True)
            )
        ]
        return rooms.filter(~Q(kind__in=kinds) | Q(owner__in=owners))
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


def rooms_written_in(user_id: int) -> QuerySet[Room]:
    """Return the rooms in which a person wrote."""
    return Room.objects.filter(pk__in=Message.objects.filter(author_id=user_id).values("room_id")).order_by("pk")


def other_names(room: Room, party_id: int | None) -> str:
    """Return the names of the other parties of a room, before a contract the public ones. Needs `room.parties`."""
    others = [party for party in room.parties.all() if party.pk != party_id]
    return ", ".join(party.public_name if room.guarded else party.name for party in others)


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A room in a list: with whom, its last words as the reader sees them, and how much is unread."""

    room: Room
    others: str
    last: Message | None
    words: str
    unread: int


def room_lines(rooms: Iterable[Room], actor: Actor) -> list[RoomLine]:
    """Return what a list shows of rooms whose `last_message` and `parties` are at hand. One query more, or two."""
    rooms = list(rooms)
    unread = _unread_in(rooms, actor.person_id)
    wordless = [each.last_message for each in rooms if each.last_message and not each.last_message.text]
    files = files_of_messages([each.pk for each in wordless if each.deleted_at is None])
    lines = []
    for room in rooms:
        last = room.last_message
        words = words_of(last.text_for(actor.party_id), files.get(last.pk, [])) if last is not None else ""
        words = words if len(words) <= LINE else words[: LINE - 1] + "…"
        if last is not None:
            last.room = room
        lines.append(RoomLine(room, other_names(room, actor.party_id), last, words, unread.get(room.pk, 0)))
    return lines


def listed_rooms(actor: Actor, *, is_archived: bool) -> QuerySet[Room]:
    """Return the rooms of the actor that they put away, or the others, with what a list shows of them."""
    marks = ReadMark.objects.filter(room=OuterRef("pk"), user_id=actor.person_id)
    newest = Coalesce(F("last_message_id"), Value(0), output_field=BigIntegerField())
    rooms = rooms_for(actor).annotate(archived=Subquery(marks.values("archived_id")[:1]), newest=newest)
    put_away = Q(archived__isnull=False, archived__gte=F("newest"))
    rooms = rooms.filter(put_away) if is_archived else rooms.exclude(put_away)
    return rooms.select_related("last_message__author").prefetch_related("parties")


def _unread(user_id: int) -> QuerySet[Message]:
    """Return what counts as unread for a person once it is newer than their mark: words of others."""
    return Message.objects.filter(deleted_at=None).exclude(author_id=user_id)


def _unread_in(rooms: list[Room], user_id: int) -> dict[int, int]:
    mark = ReadMark.objects.filter(room=OuterRef("room"), user_id=user_id).values("last_read_id")
    rows = (
        _unread(user_id)
        .filter(room__in=rooms)
        .annotate(mark=Coalesce(Subquery(mark), Value(0), output_field=BigIntegerField()))
        .filter(pk__gt=F("mark"))
    )
    return dict(rows.values_list("room").annotate(number=Count("pk")).order_by())


def unread_count(room: Room, user_id: int) -> int:
    """Return how many messages by others a person has not read, counted up to 100."""
    mark = ReadMark.objects.filter(room=room, user_id=user_id).values_list("last_read_id", flat=True).first() or 0
    return _unread(user_id).filter(room=room, pk__gt=mark)[:100].count()


def unread_rooms(actor: Actor) -> int:
    """Return in how many rooms the newest words are by others and unread."""
    if actor.user_id is None:
        return 0
    mark = ReadMark.objects.filter(room=OuterRef("pk"), user_id=actor.person_id).values("last_read_id")
    rooms = rooms_for(actor).annotate(mark=Coalesce(Subquery(mark), Value(0), output_field=BigIntegerField()))
    fresh = rooms.filter(last_message_id__gt=F("mark"), last_message__deleted_at=None)
    return fresh.exclude(last_message__author_id=actor.person_id).count()


def seen_names(room: Room, actor: Actor) -> list[str]:
    """Return the names of the others who have read the newest message, where the actor wrote it: an answer says so."""
    newest = Message.objects.filter(room=room, deleted_at=None).order_by("-pk").first()
    if newest is None or newest.author_id != actor.person_id:
        return []
    marks = ReadMark.objects.filter(room=room, last_read_id__gte=newest.pk).exclude(user_id=actor.person_id)
    people = [mark.user for mark in marks.filter(user__in=readers_of(room)).select_related("user")]
    return sorted(each.public_name if room.guarded else each.get_full_name() for each in people)


def is_blocked(room: Room) -> bool:
    """Test whether one side of a room does not want to hear from the other now: nobody writes there then."""
    return room.kind in Room.BLOCKABLE and RoomBlock.objects.filter(room=room, ended_at=None).exists()


def has_blocked(room: Room, party_id: int | None) -> bool:
    """Test whether a party is the side that does not want to hear from the other."""
    return RoomBlock.objects.filter(room=room, by_party_id=party_id, ended_at=None).exists()


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
    if membership.role == Membership.Role.FINANCE and kind in Room.WITHOUT_FINANCE:
        return False
    return membership.role != Membership.Role.MEMBER or owner in member_rooms(membership.party_id, membership.user_id)


def belongs_to_room(user_id: int, owner: str) -> bool:
    """Test whether a user is, at this moment, one of the people of a room's parties whom it is open to."""
    found = Membership.objects.live().filter(user_id=user_id, user__is_active=True, party__rooms__owner=owner)
    kind = Room.objects.filter(owner=owner).values_list("kind", flat=True).first()
    return kind is not None and any(_enters(each, kind, owner) for each in found)
