"""Configuration of the profiles app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    """Registers who may see a profile's photo."""

    name = "profiles"
    verbose_name = _("Profiles")

    def ready(self) -> None:
        """Let profiles hold photos."""
        from files.registry import register_owner
        from profiles.actions.profiles import PHOTO
        from profiles.queries import can_read_photo

        register_owner(PHOTO, can_read=can_read_photo)
