"""Configuration of the contracts app."""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    """Registers what is paid for, what files belong to, its clocks, its pages and its checks."""

    name = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        """Join the registries of the apps below."""
        from accounts.privacy import register
        from accounts.registry import register_assignment
        from contracts import actions, checks, models, papers, privacy
        from contracts.actions import milestones, offers
        from contracts.queries import (
            contracts_worked_on,
            leave_to_the_client,
            may_read_submission,
            parties_hired_by,
            rooms_open_to,
            rooms_worked_in,
            works_on,
        )
        from core.sweeps import register_sweep
        from files.registry import register_owner
        from ledger.checks import register_check
        from messaging.models import Room
        from messaging.registry import register_member_rooms, register_room_page, register_worker_check
        from payments.registry import register_link, register_purpose
        from proposals.registry import register_past_work

        register_purpose(
            models.offers.PURPOSE,
            lock=offers.lock_offer_payment,
            settled=actions.receive_offer_payment,
            failed=actions.fail_offer_payment,
            charged_back=actions.freeze_charged_back,
            chargeback_closed=actions.close_charged_back,
            evidence=papers.chargeback_evidence,
        )
        register_purpose(
            models.milestones.PURPOSE,
            lock=milestones.lock_milestone_payment,
            settled=actions.receive_milestone_payment,
            failed=actions.fail_milestone_payment,
            charged_back=actions.freeze_charged_back,
            chargeback_closed=actions.close_charged_back,
            evidence=papers.chargeback_evidence,
        )
        register_link(
            "contract", lambda pk: reverse("contracts:room", kwargs={"contract_id": pk}), words=_("Open the contract")
        )
        register_link(
            "offer", lambda pk: reverse("contracts:offer", kwargs={"offer_id": pk}), words=_("Open the offer")
        )
        register_past_work(parties_hired_by)
        register_room_page(Room.Kind.CONTRACT, lambda pk: reverse("contracts:messages", kwargs={"contract_id": pk}))
        register_assignment(
            "contracts.worker",
            words=_("Contracts (the client has to accept another worker)"),
            of=contracts_worked_on,
            hand_over=leave_to_the_client,
        )
        register_worker_check(Room.Kind.CONTRACT, works_on, owners=rooms_worked_in)
        register_owner(models.milestones.SUBMISSION_FILES, can_read=may_read_submission)
        register_sweep("contracts.expire_offers", actions.expire_offers, every=60)
        register_sweep("contracts.release_silent", actions.release_silent_milestones, every=60)
        register_sweep("contracts.remind_offers", actions.remind_offers, every=600)
        register_sweep("contracts.remind_milestones", actions.remind_milestones, every=600)
        register_sweep("contracts.expire_worker_changes", actions.expire_worker_changes, every=60)
        register_sweep("contracts.remind_worker_changes", actions.remind_worker_changes, every=600)
        register_sweep("contracts.finish", actions.finish_contracts, every=300)
        register_sweep("contracts.write_missing_work_history", actions.write_missing_work_history, every=600)
        register(
            "contracts",
            data=privacy.DATA,
            export=privacy.export,
            lock=privacy.lock,
            blockers=privacy.blockers,
            erase=privacy.erase,
        )
        register_check(checks.HELD, checks.held_equals_state)
        register_check(checks.FROZEN, checks.frozen_equals_state)
        register_check(checks.FINALS, checks.finals_hold_nothing)
        register_member_rooms(Room.Kind.CONTRACT, rooms_open_to)
        register_assignment(
            "contracts", words=_("Contracts"), of=actions.contracts_added_to, hand_over=actions.hand_over_contracts
        )
