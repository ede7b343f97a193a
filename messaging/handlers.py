"""What messaging does when something happened."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from messaging.news import tell_open_pages


@handles("messaging.message_posted")
def tell_about_message(event: Event) -> None:
    """Tell the room's open pages that someone wrote."""
    tell_open_pages(event.scope, event.kind, actor_id=event.actor_user_id)
