"""Configuration of the payments app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Registers the clocks of money and keeps the table of fees in step with the settings."""

    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Register the sweeps, and write the fees after every migration."""
        from accounts.privacy import register
        from core.sweeps import register_sweep, register_watch
        from payments import actions, checks, privacy

        payouts = "payouts"  # what speaks with the provider has workers of its own: a slow one delays nothing else
        register_sweep("payments.run_due_moves", actions.run_due_moves, every=5, queue=payouts, side_by_side=8)
        register_sweep("payments.deliver_sandbox_events", actions.deliver_sandbox_events, every=2, queue=payouts)
        register_sweep("payments.process_inbox", actions.process_inbox, every=2, queue=payouts, side_by_side=8)
        register_sweep("payments.poll_waiting_moves", actions.poll_waiting_moves, every=300, queue=payouts)
        register_sweep("payments.fill_gaps", actions.fill_gaps, every=3600, queue=payouts)
        register_sweep("payments.refresh_waiting_accounts", actions.refresh_waiting_accounts, every=300, queue=payouts)
        register_sweep("payments.give_up_waiting_charges", actions.give_up_waiting_charges, every=60)
        register_sweep("payments.mature_releases", actions.mature_releases, every=60)
        register_sweep("payments.plan_transfers", actions.plan_transfers, every=60)
        register_sweep("payments.retry_reversals", actions.retry_reversals, every=60)
        register_sweep("payments.repay_debts", actions.repay_debts, every=60)
        register_sweep("payments.absorb_credits", actions.absorb_credits, every=60)
        register_sweep("payments.tell_overdue_cases", actions.tell_overdue_cases, every=300)
        register_sweep("payments.forget_legal_profiles", actions.forget_legal_profiles, every=86_400)
        register_sweep("payments.tell_shortfall", actions.tell_shortfall, every=3600)
        register_sweep("payments.scheduled_withdrawals", actions.request_scheduled_withdrawals, every=60)
        register_watch("payments.watch_differences", actions.watch_differences, every=3600, queue=payouts)
        register_watch("payments.watch_books", actions.watch_books, every=3600)
        checks.register_own()
        register("payments", data=privacy.DATA, export=privacy.export, blockers=privacy.blockers, erase=privacy.erase)
        post_migrate.connect(self.write_fees, sender=self)

    def write_fees(self, *, using: str, apps: Apps | None = None, **_: Any) -> None:
        """Write a version of the fees, unless the newest one says what the settings say; a flush names no apps."""
        from core.clock import now
        from payments import actions

        if apps is None or "feeschedule" in apps.all_models["payments"]:
            actions.publish_fees(using=using, at=now())
