"""Who may change the words."""

from __future__ import annotations

from core.actor import Actor


def can_edit_words(by: Actor) -> bool:
    """Test whether the actor may change names and synonyms: moderators, who see which words people miss."""
    return by.in_group("moderator")
