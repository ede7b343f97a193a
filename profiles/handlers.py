"""What profiles learn from the apps below."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from payments.queries import usable_methods
from profiles.actions import set_payment_verified


@handles("payments.method_added", "payments.method_removed")
def note_payment_verified(event: Event) -> None:
    """Note whether the party can be charged, as it is now: events may come late or in another order."""
    is_verified = usable_methods(event.scope_id).exists()
    set_payment_verified(party_id=event.scope_id, is_verified=is_verified, at=event.at)
