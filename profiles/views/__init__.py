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
from profiles.views.own import availability, vacation, work_amount
from profiles.views.profile import cv, edit, preview, public, submit
from profiles.views.talent import talent
from profiles.views.testimonials import testimonial_ask, testimonial_change, testimonial_write

__all__ = [
    "availability",
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
    "testimonial_ask",
    "testimonial_change",
    "testimonial_write",
    "vacation",
    "work_amount",
]
