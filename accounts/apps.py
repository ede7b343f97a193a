"""Configuration of the accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers the clocks of invitations."""

    name = "accounts"
    verbose_name = _("People and parties")

    def ready(self) -> None:
        """Join the registry of clocks."""
        from accounts import actions
        from core.sweeps import register_sweep

        register_sweep("accounts.expire_invitations", actions.expire_invitations, every=300)
        register_sweep("accounts.send_invitation_mails", actions.send_invitation_mails, every=5)
