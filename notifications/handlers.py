"""What notices are made of: every event."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from messaging.live import tell_open_pages
from notifications.actions import make_notices
from notifications.catalogue import KINDS


@handles(*KINDS)
def tell_people(event: Event) -> None:
    """Put an event into the bell of everyone it concerns."""
    make_notices(event=event)


@handles("contracts.*", "disputes.*", "payments.charge_*", "payments.chargeback_*")
def refresh_open_pages(event: Event) -> None:
    """Tell the open pages of a contract that something has changed."""
    if event.scope.startswith("contract:"):
        tell_open_pages(event.scope, event.kind, actor_id=event.actor_user_id)
