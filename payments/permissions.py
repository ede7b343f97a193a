"""Who may move money, and what it may be moved with."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.permissions import (
    WORKING_KINDS,
    can_hire,
    can_pay_for_work,
    can_spend,
    has_belonged,
    is_finance_staff,
)
from core.actor import Actor
from payments.models import (
    Charge,
    Chargeback,
    Holding,
    PaymentMethod,
    PayoutMethod,
    Release,
    Withdrawal,
    WithdrawalSchedule,
)


def can_see_chargebacks(by: Actor) -> bool:
    """Test whether the actor may read which payments are contested, and where their money is."""
    return is_finance_staff(by)


def can_handle_chargeback(by: Actor, chargeback: Chargeback) -> bool:
    """Test whether the actor may read what speaks for the contested payment, and send it to the bank.

    Finance staff who never belonged to its payer nor to anybody whom it paid.
    """
    charge = chargeback.charge
    held = Holding.objects.filter(charge=charge).values_list("payee_id", flat=True)
    released = Release.objects.filter(charge=charge).values_list("payee_id", flat=True)
    return acts_for_others(by, charge.party_id, *held, *released)


def can_use_payment_method(party_id: int, method: PaymentMethod) -> bool:
    """Test whether this party can pay with the card; one of a gateway that is not in use may be play money."""
    is_mine = method.party_id == party_id and method.status == PaymentMethod.Status.ACTIVE
    return is_mine and method.gateway == settings.PAYMENT_GATEWAY


def can_pay(by: Actor) -> bool:
    """Test whether the actor may keep cards and pay with them: clients for work, freelancers for connects."""
    return can_spend(by, by.party_id)


def can_change_payment_method(by: Actor, method: PaymentMethod) -> bool:
    """Test whether the actor may make the card the default or remove it."""
    return can_spend(by, method.party_id)


def can_follow_charge(by: Actor, charge: Charge) -> bool:
    """Test whether the actor may take the second step of a charge, or ask about it."""
    return can_pay_for_work(by, charge.party_id)


def can_see_charges(by: Actor) -> bool:
    """Test whether the actor may read what their party paid: those who pay, and hiring managers for their work."""
    return can_spend(by, by.party_id) or can_hire(by, by.party_id)


def can_see_wallet(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may read what a freelancer or agency party earned: those who may move it."""
    return by.party_kind in WORKING_KINDS and can_spend(by, party_id)


def can_withdraw(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may send this party's money to its bank."""
    return can_see_wallet(by, party_id)


def can_change_schedule(by: Actor, party_id: int | None) -> bool:
    """Test whether the actor may say on which days this party withdraws."""
    return can_withdraw(by, party_id)


def can_withdraw_by_schedule(by: Actor, party_id: int, schedule: WithdrawalSchedule | None) -> bool:
    """Test whether the clock may withdraw for this party: only where its people have set a schedule that is on."""
    is_on = schedule is not None and schedule.status == WithdrawalSchedule.Status.ON
    return by.is_system and is_on and schedule is not None and schedule.party_id == party_id


def can_use_payout_method(party_id: int, method: PayoutMethod, at: datetime) -> bool:
    """Test whether this party can withdraw to the bank account now."""
    is_mine = method.party_id == party_id and method.status == PayoutMethod.Status.ACTIVE
    return is_mine and method.usable_from <= at


def can_cancel_withdrawal(by: Actor, withdrawal: Withdrawal) -> bool:
    """Test whether the actor may stop a withdrawal that was not sent: the party's people, or finance staff."""
    return can_spend(by, withdrawal.party_id) or acts_for_others(by, withdrawal.party_id)


def can_see_moves(by: Actor) -> bool:
    """Test whether the actor may read the money moves of everybody."""
    return is_finance_staff(by)


def can_repeat_move(by: Actor) -> bool:
    """Test whether the actor may have the provider asked again, or an event worked through again."""
    return is_finance_staff(by)


def can_see_invoices(by: Actor, *party_ids: int | None) -> bool:
    """Test whether the actor may read the invoices of one of these parties: those who may spend for it, and finance."""
    return is_finance_staff(by) or any(party_id is not None and can_spend(by, party_id) for party_id in party_ids)


def can_ask_credit_back(by: Actor, party_id: int) -> bool:
    """Test whether the actor may have a client's credit paid back: those who spend for it, or finance staff."""
    return can_spend(by, party_id) or acts_for_others(by, party_id)


def can_pay_credit_out(by: Actor, party_id: int) -> bool:
    """Test whether the actor may pay a client's credit out by hand: finance staff."""
    return acts_for_others(by, party_id)


def can_give_release_back(by: Actor, release: Release) -> bool:
    """Test whether the actor may give released money back: those who may move it, or finance staff with a reason."""
    return can_see_wallet(by, release.payee_id) or acts_for_others(by, release.payee_id, release.payer_id)


def can_handle_money_case(by: Actor) -> bool:
    """Test whether the actor may read, take and close cases about money that cannot settle by itself."""
    return is_finance_staff(by)


def can_explain_difference(by: Actor) -> bool:
    """Test whether the actor may read where our books and the provider differ, explain it, or take it to a case."""
    return is_finance_staff(by)


def can_move_operator_cash(by: Actor) -> bool:
    """Test whether the actor may move the operator's own cash."""
    return is_finance_staff(by)


def acts_for_others(by: Actor, *party_ids: int) -> bool:
    """Test whether the actor is of finance staff and never belonged to these parties, whose money it is."""
    return is_finance_staff(by) and not has_belonged(by, *party_ids)
