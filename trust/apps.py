"""Configuration of the trust app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrustConfig(AppConfig):
    """Owns reports."""

    name = "trust"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Say what is known about people."""
        from accounts.privacy import register
        from trust import privacy

        register("trust", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
