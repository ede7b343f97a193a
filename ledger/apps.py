"""Configuration of the ledger app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """Keeps the chart of accounts in the database in step with the code."""

    name = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        """Write the chart of accounts after every migration and every flush; register the roll-up and the checks."""
        from core.sweeps import register_sweep
        from ledger.actions import roll_up
        from ledger.checks import register_own

        post_migrate.connect(self.write_chart, sender=self)
        register_sweep("ledger.roll_up", roll_up, every=60)
        register_own()

    def write_chart(self, *, using: str, apps: Apps | None = None, **_others: Any) -> None:
        """Write the chart, unless the migration has just taken its table away; a flush names no apps."""
        from ledger import actions

        if apps is None or "accountkind" in apps.all_models["ledger"]:
            actions.write_chart(using=using)
