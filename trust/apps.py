"""Configuration of the trust app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrustConfig(AppConfig):
    """Owns reports."""

    name = "trust"
    verbose_name = _("Reports")
