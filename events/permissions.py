"""Who may read what happened, and who may tell it again."""

from __future__ import annotations

from core.actor import Actor


def can_read_events(by: Actor) -> bool:
    """Test whether the actor is finance staff or an administrator: events tell of everybody's money and rights."""
    return by.in_group("finance")


def can_retry_deliveries(by: Actor) -> bool:
    """Test whether the actor may try failed deliveries again."""
    return by.in_group("administrator")
