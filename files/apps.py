"""Django's entry to the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """The private file store and its sweeps."""

    name = "files"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Files")

    def ready(self) -> None:
        """Register the sweeps, and the most pixels that Pillow looks at."""
        from PIL import Image

        from core.product import rules
        from core.sweeps import register_sweep
        from files.actions import delete_orphans, rescan_quarantined

        Image.MAX_IMAGE_PIXELS = rules().image_pixels_maximum
        register_sweep("files.rescan_quarantined", rescan_quarantined, every=600)
        register_sweep("files.delete_orphans", delete_orphans, every=3600)
