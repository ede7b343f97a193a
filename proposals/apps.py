"""Configuration of the proposals app."""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    """Registers what connects are paid for, their clocks and their checks."""

    name = "proposals"
    verbose_name = _("Proposals and connects")

    def ready(self) -> None:
        """Join the registries of the apps below."""
        from accounts.privacy import register
        from core.sweeps import register_sweep
        from jobs.registry import register_bid_check
        from ledger.checks import register_check
        from messaging.models import Room
        from messaging.registry import register_member_rooms, register_worker_check
        from payments.registry import register_link, register_purpose
        from proposals import actions, checks, privacy, queries
        from proposals.actions.connects import lock_purchase
        from proposals.models import CONNECTS_PURPOSE

        register_purpose(
            CONNECTS_PURPOSE,
            lock=lock_purchase,
            settled=actions.receive_connects,
            failed=actions.fail_connect_purchase,
            charged_back=actions.take_back_connects,
            chargeback_closed=actions.close_connect_claim,
            loss=actions.loss_of_connects,
        )
        register_bid_check(queries.has_bound_proposal)
        register_link("connects", lambda _party: reverse("proposals:connects"), words=_("Back to connects"))
        register_sweep("proposals.grant_monthly", actions.grant_monthly, every=3600)
        register_sweep("proposals.expire_lots", actions.expire_lots, every=3600)
        register_sweep("proposals.return_unopened", actions.return_unopened, every=600)
        register_sweep("proposals.remind_interviews", actions.remind_interviews, every=60)
        register_sweep("proposals.finish_interviews", actions.finish_interviews, every=60)
        register_worker_check(Room.Kind.INTERVIEW, queries.talks_in, owners=queries.conversations_worked_in)
        register_member_rooms(Room.Kind.INTERVIEW, queries.conversations_open_to)
        register_sweep("proposals.remind_of_expiry", actions.remind_of_expiry, every=3600)
        register(
            "proposals",
            data=privacy.DATA,
            export=privacy.export,
            lock=privacy.lock,
            blockers=privacy.blockers,
            erase=privacy.erase,
        )
        register_check("connects: lots and balances", checks.lots_equal_balances)
        register_check("connects: no lot spent twice", checks.lots_not_overspent)
        register_check("connects: movements and rows", checks.movements_have_rows)
        register_check("connects: boosts are paid", checks.boosts_are_paid)
