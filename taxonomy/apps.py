"""Django's entry to the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TaxonomyConfig(AppConfig):
    """The words for work."""

    name = "taxonomy"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Categories and skills")
