"""Configuration of the disputes app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisputesConfig(AppConfig):
    """Registers its clock and its check."""

    name = "disputes"
    verbose_name = _("Disputes")

    def ready(self) -> None:
        """Join the registries of the apps below."""
        from core.sweeps import register_sweep
        from disputes import actions, checks
        from ledger.checks import register_check

        register_sweep("disputes.silent_ask_backs", actions.sweep_silent_ask_backs, every=60)
        register_check(checks.FROZEN, checks.frozen_equals_open_cases)
