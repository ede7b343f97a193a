"""Who may look into the books."""

from __future__ import annotations

from core.actor import Actor


def can_read_books(by: Actor) -> bool:
    """Test whether the actor is finance staff or an administrator."""
    return by.in_group("finance")
