"""Configuration of the disputes app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisputesConfig(AppConfig):
    """Registers its clock, what it does when a bank steps in, and its check."""

    name = "disputes"
    verbose_name = _("Disputes")

    def ready(self) -> None:
        """Join the registries of the apps below."""
        from accounts.privacy import register
        from contracts.models import milestones, offers
        from core.sweeps import register_sweep
        from disputes import actions, checks, privacy
        from ledger.checks import register_check
        from payments.registry import register_chargeback_watch

        register_sweep("disputes.silent_ask_backs", actions.sweep_silent_ask_backs, every=60)
        for purpose in (milestones.PURPOSE, offers.PURPOSE):
            register_chargeback_watch(
                purpose,
                lock=actions.lock_cases_of,
                charged_back=actions.wait_for_bank,
                chargeback_closed=actions.hear_bank,
            )
        register("disputes", data=privacy.DATA, export=privacy.export, blockers=privacy.blockers)
        register_check(checks.FROZEN, checks.frozen_equals_open_cases)
