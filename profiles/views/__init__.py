"""The pages of a profile."""

from profiles.views.items import item_add, item_change, item_delete, item_move
from profiles.views.profile import edit, preview, public, submit, talent

__all__ = ["edit", "item_add", "item_change", "item_delete", "item_move", "preview", "public", "submit", "talent"]
