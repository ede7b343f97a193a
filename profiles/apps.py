"""Configuration of the profiles app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    """Registers who may see a profile's photo and the files of its works."""

    name = "profiles"
    verbose_name = _("Profiles")

    def ready(self) -> None:
        """Let profiles hold photos and works."""
        from files.registry import register_owner
        from profiles.actions.profiles import PHOTO
        from profiles.queries import PORTFOLIO, can_read_photo, can_read_work

        register_owner(PHOTO, can_read=can_read_photo)
        register_owner(PORTFOLIO, can_read=can_read_work)
