"""Who may read and write in a room."""

from __future__ import annotations

from accounts.models import Membership
from accounts.permissions import reads_all
from core.actor import Actor
from messaging.models import Room
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
    return reads_all(by) or room.owner in member_rooms(by.party_id or 0, by.person_id)


def can_post_message(by: Actor, room: Room) -> bool:
    """Test whether the actor may write in the room for the party they act for."""
    return can_read_room(by, room) and by.role in WRITERS
