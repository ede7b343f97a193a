"""The pages of a profile."""

from profiles.views.items import item_add, item_change, item_delete, item_move
from profiles.views.lists import (
    talent_list_delete,
    talent_list_edit,
    talent_list_new,
    talent_lists,
    talent_remove,
    talent_save,
)
from profiles.views.profile import cv, edit, preview, public, submit
from profiles.views.talent import talent

__all__ = [
    "cv",
    "edit",
    "item_add",
    "item_change",
    "item_delete",
    "item_move",
    "preview",
    "public",
    "submit",
    "talent",
    "talent_list_delete",
    "talent_list_edit",
    "talent_list_new",
    "talent_lists",
    "talent_remove",
    "talent_save",
]
