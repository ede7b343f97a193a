"""What messaging does when something happened."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from messaging.live import check_users, tell_open_pages


@handles("messaging.message_posted")
def tell_about_message(event: Event) -> None:
    """Tell the room's open pages that someone wrote."""
    tell_open_pages(event.scope, event.kind, actor_id=event.actor_user_id)


@handles(
    "accounts.user_deactivated",
    "accounts.user_erased",
    "accounts.device_signed_out",
    "accounts.other_devices_signed_out",
)
def cut_ended_log_ins(event: Event) -> None:
    """Cut the open pages whose log-in has ended; a word that is lost is made up for by the page's next heartbeat."""
    check_users([event.subject_id])
