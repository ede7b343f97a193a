"""What messaging does when something happened."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from messaging.live import check_users, tell_users
from messaging.models import Room
from messaging.queries import readers_of


@handles(
    "messaging.message_posted",
    "messaging.message_edited",
    "messaging.message_deleted",
    "messaging.mask_lifted",
    "messaging.guard_lifted",
)
def tell_about_room(event: Event) -> None:
    """Tell the open pages of a room's people that there is something new in it, or something changed."""
    room = Room.objects.filter(pk=event.data["room"]).first()
    if room is not None:
        tell_room(room)


@handles(
    "accounts.user_deactivated",
    "accounts.user_erased",
    "accounts.device_signed_out",
    "accounts.other_devices_signed_out",
)
def cut_ended_log_ins(event: Event) -> None:
    """Cut the open pages whose log-in has ended; a word that is lost is made up for by the page's next heartbeat."""
    check_users([event.subject_id])


def tell_room(room: Room, *, but: int | None = None) -> None:
    """Send a hint to the open pages of those who may read a room at this very moment, `but` for one person.

    Who was removed or blocked meanwhile is not among them, so nothing reaches a page of theirs that is still open.
    """
    tell_users(readers_of(room) - {but}, {"kind": "room", "room": room.pk, "last_id": room.last_message_id or 0})
