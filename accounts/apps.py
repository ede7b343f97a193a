"""Configuration of the accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers its clocks, and what it and the apps below know about people."""

    name = "accounts"
    verbose_name = _("People and parties")

    def ready(self) -> None:
        """Join the registries of the apps below, and open that of privacy."""
        from accounts import actions
        from accounts.privacy import below, own, register
        from core.sweeps import register_sweep

        register("core", data=below.CORE, erase=below.erase_traces)
        register("ledger", data=below.LEDGER)
        register("events", data=below.EVENTS, export=below.export_events)
        register("files", data=below.FILES, export=below.export_files, erase=below.erase_files)
        register("taxonomy", data=below.TAXONOMY)
        register("accounts", data=own.DATA, export=own.export, blockers=own.blockers, erase=own.erase)
        register_sweep("accounts.build_exports", actions.build_exports, every=60)
        register_sweep("accounts.expire_exports", actions.expire_exports, every=3600)
        register_sweep("accounts.send_farewells", actions.send_farewells, every=30)
        register_sweep("accounts.expire_invitations", actions.expire_invitations, every=300)
        register_sweep("accounts.send_invitation_mails", actions.send_invitation_mails, every=5)
