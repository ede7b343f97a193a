"""What messaging does when something happened."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from messaging.live import check_users, tell_open_pages, tell_room
from messaging.models import Room


@handles("messaging.mask_lifted", "messaging.guard_lifted")
def tell_about_room(event: Event) -> None:
    """Tell the open pages of a room's people that something in it changed; of messages the verbs tell at once."""
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


@handles(
    "messaging.call_ended",
    "messaging.call_missed",
    "messaging.call_declined",
    "messaging.call_cancelled",
    "messaging.call_busy",
)
def tell_about_call(event: Event) -> None:
    """Tell the room's open pages that there is a new line in its log of calls."""
    tell_open_pages(event.scope, event.kind, actor_id=event.actor_user_id)
