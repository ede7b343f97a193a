"""Who may do what the house itself does."""

from __future__ import annotations

from django.conf import settings

from core.actor import Actor


def can_advance_clock(by: Actor) -> bool:
    """Test whether the actor may move the demonstration clock, where there is one: staff, and the system."""
    return settings.DEMO_CLOCK and by.impersonator_id is None and (by.is_system or by.is_staff)
