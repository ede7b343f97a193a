"""The pages of a profile."""

from profiles.views.items import item_add, item_change, item_delete, item_move
from profiles.views.profile import cv, edit, preview, public, submit
from profiles.views.talent import talent

__all__ = ["cv", "edit", "item_add", "item_change", "item_delete", "item_move", "preview", "public", "submit", "talent"]
