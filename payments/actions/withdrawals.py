"""Withdrawals: available money reserved, sent to the bank by a worker, paid, or returned once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, FormSentBefore, NotAllowed
from core.product import rules
from events.actions import record
from ledger.actions import Leg, post
from payments.actions.forgetting import tell_of_stray_money
from payments.actions.moves import NEVER_ARRIVED, drop_move, is_undone, plan_move, take_answer
from payments.actions.schedules import pause_schedule
from payments.gateway import GatewayAnswer
from payments.models import GatewayAccount, MoneyMove, PayoutMethod, Withdrawal, WithdrawalSchedule
from payments.permissions import (
    can_cancel_withdrawal,
    can_use_payout_method,
    can_withdraw,
    can_withdraw_by_schedule,
)
from payments.queries import purse

#: Reasons that say nothing against the bank account.
NOT_THE_BANK = frozenset(
    {NEVER_ARRIVED, "account_not_enabled", "balance_insufficient", "canceled", "limit_exceeded", "try_again"}
)


class PayoutMethodNotUsable(DomainError):
    """The bank account was removed, failed, belongs to another party, or is too new."""


class AccountNotEnabled(DomainError):
    """The provider has not enabled the party's account yet."""


class DebtOpen(DomainError):
    """Money that the party owes is repaid before anything leaves."""


class NotEnoughAvailable(DomainError):
    """The amount is above what can leave now."""


class WithdrawalNotCancellable(DomainError):
    """A worker has taken the withdrawal to the provider, or it is over."""


@transaction.atomic
def request_withdrawal(
    *, party_id: int, method_id: int, amount: int, token: UUID | None = None, by: Actor, at: datetime
) -> Withdrawal:
    """Reserve available money for the bank; a worker sends it after the commit. The edge has re-authenticated `by`.

    The clock asks in the name of a schedule that the party's people have set.
    A `token` that was used before returns its withdrawal and moves nothing: a form sent twice withdraws once.
    From: nothing. To: reserved. Money: h1, available to transit. Event: payments.withdrawal_requested.

    Raises NotAllowed if `by` may not withdraw for the party, FormSentBefore for a known token with another amount or
    bank account, PayoutMethodNotUsable, AccountNotEnabled, DebtOpen, and NotEnoughAvailable if the amount is above
    what is available or above what has arrived at the party's account.
    """
    Party.objects.locked(party_id)
    if not (can_withdraw(by, party_id) or can_withdraw_by_schedule(by, party_id, _schedule_for(by, party_id))):
        raise NotAllowed(_("You may not withdraw money of this account."))
    known = Withdrawal.objects.filter(party_id=party_id, token=token).first() if token else None
    if known:
        if (known.method_id, known.amount) != (method_id, amount):
            raise FormSentBefore
        return known
    method = PayoutMethod.objects.filter(pk=method_id).first()
    if method is None or not can_use_payout_method(party_id, method, at):
        raise PayoutMethodNotUsable(_("This bank account cannot be used yet, or not any more. Choose another one."))
    account = GatewayAccount.objects.filter(party_id=party_id, status=GatewayAccount.Status.ENABLED).first()
    if account is None:
        raise AccountNotEnabled(_("Our payment provider is still checking your account. Try again later."))
    money = purse(party_id)
    if money.owed:
        raise DebtOpen(_("You owe money that is repaid first. Withdrawals open again after that."))
    if amount <= 0 or amount > money.withdrawable:
        raise NotEnoughAvailable(_("That is more than you can withdraw now."))
    withdrawal = Withdrawal.objects.create(
        party_id=party_id,
        method=method,
        amount=amount,
        currency=rules().currency,
        token=token,
        requested_by_id=by.user_id or 0,
        created_at=at,
    )
    legs = [Leg(f"available:party:{party_id}", -amount), Leg(transit_of(withdrawal), amount)]
    post(key=f"withdrawal:{withdrawal.pk}", kind="withdrawal", at=at, currency=withdrawal.currency, legs=legs)
    plan_move(
        verb=MoneyMove.Verb.PAYOUT,
        source=source_of(withdrawal),
        amount=amount,
        currency=withdrawal.currency,
        gateway=account.gateway,
        at=at,
    )
    _tell("payments.withdrawal_requested", withdrawal, by, at)
    return withdrawal


@transaction.atomic
def cancel_withdrawal(*, withdrawal_id: int, by: Actor, at: datetime) -> Withdrawal:
    """Stop a withdrawal that no worker has taken yet; the money is available again.

    From: reserved. To: cancelled. Money: h4. Event: payments.withdrawal_cancelled.

    Raises NotAllowed if `by` may not, WithdrawalNotCancellable if it was sent or is over.
    """
    withdrawal = Withdrawal.objects.locked(withdrawal_id)
    if not can_cancel_withdrawal(by, withdrawal):
        raise NotAllowed(_("You may not cancel this withdrawal."))
    move = MoneyMove.objects.filter(verb=MoneyMove.Verb.PAYOUT, source=source_of(withdrawal)).latest("attempt")
    move = MoneyMove.objects.locked(move.pk)
    if withdrawal.status != Withdrawal.Status.RESERVED or move.status != MoneyMove.Status.PLANNED:
        raise WithdrawalNotCancellable(_("This withdrawal is on its way already and cannot be cancelled."))
    drop_move(move, at=at)
    _close(withdrawal, Withdrawal.Status.CANCELLED, "", at)
    _tell("payments.withdrawal_cancelled", withdrawal, by, at)
    return withdrawal


@transaction.atomic
def reconcile_withdrawal(*, withdrawal_id: int, at: datetime) -> None:
    """Mark a withdrawal whose payout had no answer for too long: it is being looked up.

    From: reserved. To: reconciling. Money: none. Event: payments.withdrawal_reconciling.
    """
    withdrawal = Withdrawal.objects.locked(withdrawal_id)
    if withdrawal.status == Withdrawal.Status.RESERVED:
        withdrawal.status = Withdrawal.Status.RECONCILING
        withdrawal.save(update_fields=["status"])
        _tell("payments.withdrawal_reconciling", withdrawal, Actor.system(), at)


@transaction.atomic
def settle_payout(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's word on a payout; it may say "paid" first and "failed" days later, in any order, often.

    From: reserved, reconciling, sent, paid. To: sent (h2), paid (h3), returned (h4 before it was paid, h5 after; once,
    and the bank account is not used again, nor a schedule that pays to it), cancelled where it never arrived (h4).
    Event: payments.withdrawal_sent, _paid, _returned, _cancelled, payments.schedule_paused.
    """
    withdrawal_id = MoneyMove.objects.get(pk=move_id).intent_id
    # Bank account and schedule are the party's; and who asks what can leave must not see half of this.
    Party.objects.locked(Withdrawal.objects.values_list("party_id", flat=True).get(pk=withdrawal_id))
    withdrawal = Withdrawal.objects.locked(withdrawal_id)
    move = MoneyMove.objects.locked(move_id)
    is_returnable = withdrawal.status == Withdrawal.Status.PAID and is_undone(move, answer)
    if withdrawal.status in Withdrawal.OPEN and not move.is_final:
        take_answer(move, answer, at=at)
    elif not is_returnable:
        return
    withdrawal.provider_id = answer.provider_id or withdrawal.provider_id
    if answer.state == "waiting":
        _sent(withdrawal, at)
    elif answer.state == "confirmed":
        _paid(withdrawal, at)
    elif answer.code == NEVER_ARRIVED:
        _close(withdrawal, Withdrawal.Status.CANCELLED, answer.code, at)
        _tell("payments.withdrawal_cancelled", withdrawal, Actor.system(), at)
    else:
        _returned(withdrawal, answer.code, at)


def source_of(withdrawal: Withdrawal) -> str:
    """Return the source of the moves of a withdrawal."""
    return f"payout-{withdrawal.pk}"


def transit_of(withdrawal: Withdrawal) -> str:
    """Return the account on which the money of a withdrawal waits."""
    return f"transit:withdrawal:{withdrawal.pk}"


def _schedule_for(by: Actor, party_id: int) -> WithdrawalSchedule | None:
    """Return the schedule in whose name the clock may ask; nobody else needs it."""
    return WithdrawalSchedule.objects.filter(party_id=party_id).first() if by.is_system else None


def _sent(withdrawal: Withdrawal, at: datetime) -> None:
    if withdrawal.status == Withdrawal.Status.SENT:
        return
    withdrawal.status, withdrawal.sent_at = Withdrawal.Status.SENT, at
    withdrawal.save()
    _tell("payments.withdrawal_sent", withdrawal, Actor.system(), at)


def _paid(withdrawal: Withdrawal, at: datetime) -> None:
    withdrawal.sent_at = withdrawal.sent_at or at
    withdrawal.status, withdrawal.paid_at = Withdrawal.Status.PAID, at
    withdrawal.save()
    legs = [
        Leg(transit_of(withdrawal), -withdrawal.amount),
        Leg(f"connected:party:{withdrawal.party_id}", withdrawal.amount),
    ]
    post(key=f"withdrawal_paid:{withdrawal.pk}", kind="withdrawal_paid", at=at, currency=withdrawal.currency, legs=legs)
    _tell("payments.withdrawal_paid", withdrawal, Actor.system(), at)


def _returned(withdrawal: Withdrawal, code: str, at: datetime) -> None:
    _close(withdrawal, Withdrawal.Status.RETURNED, code, at)
    if code not in NOT_THE_BANK:
        PayoutMethod.objects.filter(pk=withdrawal.method_id, status=PayoutMethod.Status.ACTIVE).update(
            status=PayoutMethod.Status.FAILED
        )
        pause_schedule(party_id=withdrawal.party_id, method_id=withdrawal.method_id, at=at)
    _tell("payments.withdrawal_returned", withdrawal, Actor.system(), at, code=code)


def _close(withdrawal: Withdrawal, status: Withdrawal.Status, code: str, at: datetime) -> None:
    """End a withdrawal and make its money available again: h5 if the bank had paid it, else h4."""
    party = f"party:{withdrawal.party_id}"
    was_paid = withdrawal.status == Withdrawal.Status.PAID
    where = f"connected:{party}" if was_paid else transit_of(withdrawal)
    withdrawal.status, withdrawal.closed_at, withdrawal.failure_code = status, at, code[:60]
    withdrawal.save()
    kind = f"withdrawal_{status.value}"
    legs = [Leg(where, -withdrawal.amount), Leg(f"available:{party}", withdrawal.amount)]
    post(key=f"{kind}:{withdrawal.pk}", kind=kind, at=at, currency=withdrawal.currency, legs=legs)
    tell_of_stray_money(withdrawal, at=at)


def _tell(kind: str, withdrawal: Withdrawal, by: Actor, at: datetime, **more: Any) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"withdrawal:{withdrawal.pk}",
        scope=f"party:{withdrawal.party_id}",
        at=at,
        party=withdrawal.party_id,
        amount=withdrawal.amount,
        currency=withdrawal.currency,
        **more,
    )
