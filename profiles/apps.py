"""Configuration of the profiles app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    """Registers who may see a profile's photo and the files of its works, and the clock that completes search."""

    name = "profiles"
    verbose_name = _("Profiles")

    def ready(self) -> None:
        """Let profiles hold photos and works, and search find those approved before there was one."""
        from accounts.privacy import register
        from core.sweeps import register_sweep, register_watch
        from files.registry import register_owner
        from profiles import privacy
        from profiles.actions import renew_head, write_missing_documents
        from profiles.actions.profiles import PHOTO
        from profiles.queries import PORTFOLIO, can_read_photo, can_read_work

        register_sweep("profiles.write_missing_documents", write_missing_documents, every=600)
        register_watch("profiles.renew_head", renew_head, every=3600)
        register_owner(PHOTO, can_read=can_read_photo)
        register_owner(PORTFOLIO, can_read=can_read_work)
        register("profiles", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
