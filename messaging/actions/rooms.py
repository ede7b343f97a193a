"""Opening rooms, noting what was read, putting rooms away, and one side that does not want to hear from the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from messaging.actions.marks import note_read
from messaging.models import Masking, Message, ReadMark, Room, RoomBlock
from messaging.permissions import can_block_side, can_read_room


class RoomBlocked(DomainError):
    """While one side is blocked nobody writes in the room."""


class BlockNotPossible(DomainError):
    """One blocks the other side of an interview: in a contract people must be reached, and nobody blocks themselves."""


def open_room(
    *, kind: Room.Kind, owner: str, title: str, party_ids: Sequence[int], at: datetime, guarded: bool = False
) -> Room:
    """Open the room about one thing for its parties; the same owner gets the same room (inner).

    `guarded` says that there is no contract yet: what leads away from the platform is masked for the other side, and
    people go by their public names, until `lift_guard`.
    """
    room, is_new = Room.objects.get_or_create(
        owner=owner, defaults={"kind": kind, "title": title, "created_at": at, "guarded": guarded}
    )
    if is_new:
        room.parties.set(party_ids)
    return room


@transaction.atomic
def lift_guard(*, owner: str, at: datetime) -> None:
    """End the guard over the room about a thing, since a contract was made (inner). Nothing for a room without one.

    From then on nothing is masked, and people see each other's full names. What was masked before is shown too: with a
    contract both sides may know how to reach each other, and what they agreed before must be readable in a dispute.
    Appeals that wait end with it. Event: messaging.guard_lifted.
    """
    found = Room.objects.filter(owner=owner).values_list("pk", flat=True).first()
    room = Room.objects.locked(found) if found is not None else None
    if room is None or not room.guarded:
        return
    room.guarded = False
    room.revision += 1
    room.save(update_fields=["guarded", "revision"])
    Message.objects.filter(room=room).exclude(masked_text="").update(masked_text="", revision=room.revision)
    Masking.objects.filter(message__room=room, status__in=Masking.LIVE).update(status=Masking.Status.ENDED, ended_at=at)
    record(
        kind="messaging.guard_lifted",
        actor=Actor.system(),
        subject=f"room:{room.pk}",
        scope=room.owner,
        at=at,
        room=room.pk,
    )


@transaction.atomic
def mark_read(*, room_id: int, message_id: int, by: Actor, at: datetime) -> bool:
    """Note how far a person has read; it never goes back. Return whether it is further than before.

    Event: none, since nobody is told. Raises NotAllowed if `by` does not read there.
    """
    room = Room.objects.prefetch_related("parties").get(pk=room_id)
    if by.user_id is None or not can_read_room(by, room):
        raise NotAllowed(_("You are not in this room."))
    return note_read(room_id=room.pk, user_id=by.user_id, message_id=message_id)


@transaction.atomic
def archive_room(*, room_id: int, by: Actor, at: datetime) -> None:
    """Put a room away for one person; a new message brings it back. Event: none, it concerns nobody else.

    Raises NotAllowed if `by` does not read there.
    """
    room = Room.objects.prefetch_related("parties").get(pk=room_id)
    if not can_read_room(by, room):
        raise NotAllowed(_("You are not in this room."))
    newest = room.last_message_id or 0
    note_read(room_id=room.pk, user_id=by.person_id, message_id=newest)
    ReadMark.objects.filter(room=room, user_id=by.person_id).update(archived_id=newest)


@transaction.atomic
def unarchive_room(*, room_id: int, by: Actor, at: datetime) -> None:
    """Take a room out of one person's archive. Event: none. Raises NotAllowed if `by` does not read there."""
    room = Room.objects.prefetch_related("parties").get(pk=room_id)
    if not can_read_room(by, room):
        raise NotAllowed(_("You are not in this room."))
    ReadMark.objects.filter(room=room, user_id=by.person_id).update(archived_id=None)


@transaction.atomic
def block_side(*, room_id: int, by: Actor, at: datetime) -> RoomBlock:
    """Stop hearing from the other side of an interview: nobody writes there until it is unblocked. Twice is once.

    What was written before stays readable; nobody is told. Event: messaging.side_blocked.

    Raises NotAllowed if `by` does not write for a side, BlockNotPossible in a contract's room or without another side.
    """
    room = Room.objects.locked(room_id)
    if not can_block_side(by, room):
        raise NotAllowed(_("Only those who write in this room can block its other side."))
    others = [party.pk for party in room.parties.all() if party.pk != by.party_id]
    if room.kind not in Room.BLOCKABLE or len(others) != 1:
        raise BlockNotPossible(_("The other side of a contract has to be able to reach you."))
    block: RoomBlock | None = RoomBlock.objects.filter(room=room, by_party_id=by.party_id, ended_at=None).first()
    if block is not None:
        return block
    block = RoomBlock.objects.create(
        room=room, party_id=others[0], by_party_id=by.party_id or 0, by_id=by.person_id, created_at=at
    )
    record(kind="messaging.side_blocked", actor=by, subject=f"room:{room.pk}", scope=room.owner, at=at, room=room.pk)
    return block


@transaction.atomic
def unblock_side(*, room_id: int, by: Actor, at: datetime) -> None:
    """Let the other side write again; nothing where it is not blocked. Event: messaging.side_unblocked.

    Raises NotAllowed if `by` does not write for the side that blocked.
    """
    room = Room.objects.locked(room_id)
    if not can_block_side(by, room):
        raise NotAllowed(_("Only those who write in this room can block its other side."))
    if RoomBlock.objects.filter(room=room, by_party_id=by.party_id, ended_at=None).update(ended_at=at):
        record(
            kind="messaging.side_unblocked", actor=by, subject=f"room:{room.pk}", scope=room.owner, at=at, room=room.pk
        )
