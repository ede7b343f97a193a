"""Who may read and write in a room."""

from __future__ import annotations

from accounts.models import Membership
from accounts.permissions import has_belonged, is_moderator, reads_all
from core.actor import Actor
from messaging.models import Message, Room
from messaging.registry import lets_worker_in, member_rooms

#: Roles that write for their party; finance and plain members read.
WRITERS = (
    Membership.Role.OWNER,
    Membership.Role.ADMIN,
    Membership.Role.HIRING_MANAGER,
    Membership.Role.NAMED_WORKER,
)


def can_read_room(by: Actor, room: Room) -> bool:
    """Test whether the actor acts for a party of the room, and it is open to them.

    Needs `room.parties` prefetched to stay without a query. Members enter where they were added, named workers where
    they work: one query more.
    """
    if by.impersonator_id is not None or all(party.pk != by.party_id for party in room.parties.all()):
        return False
    if by.role == Membership.Role.NAMED_WORKER:
        return lets_worker_in(room.kind, room.owner, by.person_id)
    if by.role == Membership.Role.FINANCE and room.kind in Room.WITHOUT_FINANCE:
        return False
    return reads_all(by) or room.owner in member_rooms(by.party_id or 0, by.person_id)


def can_post_message(by: Actor, room: Room) -> bool:
    """Test whether the actor may write in the room for the party they act for."""
    return can_read_room(by, room) and by.role in WRITERS


def can_change_message(by: Actor, message: Message) -> bool:
    """Test whether the actor wrote the message, for the party they act for, and still writes in its room."""
    return by.user_id == message.author_id and by.party_id == message.party_id and can_post_message(by, message.room)


def can_delete_message(by: Actor, message: Message) -> bool:
    """Test whether the actor wrote the message, for the party they act for, and still reads its room."""
    return by.user_id == message.author_id and by.party_id == message.party_id and can_read_room(by, message.room)


def can_appeal_mask(by: Actor, message: Message) -> bool:
    """Test whether the actor may say that what is masked in a message is no contact data: its author."""
    return can_delete_message(by, message)


def can_block_side(by: Actor, room: Room) -> bool:
    """Test whether the actor may stop hearing from the other side for their party: those who write there."""
    return can_post_message(by, room)


def can_decide_mask(by: Actor, message: Message) -> bool:
    """Test whether the actor answers an appeal: moderators who never were of a side of the room."""
    return is_moderator(by) and not has_belonged(by, *(party.pk for party in message.room.parties.all()))


def can_see_guard_cases(by: Actor) -> bool:
    """Test whether the actor reads whose messages were masked again and again, and what was appealed."""
    return is_moderator(by)
