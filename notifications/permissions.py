"""Who may do what with notices."""

from __future__ import annotations

from core.actor import Actor


def can_choose_channels(by: Actor) -> bool:
    """Test whether the actor may choose how they hear of things: a person, for themselves."""
    return by.user_id is not None and by.impersonator_id is None
