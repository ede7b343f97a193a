"""Charges: asked for by upper apps for a purpose, given up, and settled by the provider's answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.permissions import can_pay_for_work
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from ledger.actions import Leg, post
from payments.actions.moves import POLL_EVERY, drop_move, plan_move, take_answer
from payments.gateway import GatewayAnswer
from payments.models import Charge, MoneyMove, PaymentMethod
from payments.permissions import can_use_payment_method
from payments.queries import charge_quote
from payments.registry import purpose_named
from payments.tax import RULES, UNTAXED_CHARGE, ChargeTaxes

#: The code of a charge that was ended before the provider heard of it.
GIVEN_UP = "given_up"
#: The code of a cancel whose charge had its answer first.
TOO_LATE = "too_late"


class MethodNotUsable(DomainError):
    """The card was removed, or belongs to somebody else."""


class ChargeUnderWay(DomainError):
    """One thing is paid for by one charge at a time."""


class ChargeEnded(DomainError):
    """The charge has its answer; it cannot be given up any more."""


@transaction.atomic
def start_charge(  # noqa: PLR0913  (each is said by name)
    *,
    payer_id: int,
    method_id: int,
    purpose: str,
    reference: int,
    scope: str,
    title: str,
    gross: int,
    client_fee: int,
    fee_version: int | None = None,
    taxes: ChargeTaxes = UNTAXED_CHARGE,
    is_payer_present: bool = True,
    by: Actor,
    at: datetime,
) -> Charge:
    """Write down that a client pays for something; a worker, or the page right after the commit, sends it.

    `gross` and `client_fee` are without VAT: what `taxes` adds to each is worked out here, once, and kept with its
    rate and reason. `fee_version` explains the client fee.

    Where the payer is away (`is_payer_present`), their bank is asked to do without them; one that wants them all the
    same lets the charge wait for days instead of hours.

    From: nothing. To: planned. Money: none until the provider confirms. Event: payments.charge_planned.

    Raises NotAllowed if `by` may not spend for the payer, MethodNotUsable for a card that is removed or another's,
    ChargeUnderWay if the purpose is being paid already.
    """
    purpose_named(purpose)
    if not can_pay_for_work(by, payer_id):
        raise NotAllowed(_("You may not pay for this client."))
    method = PaymentMethod.objects.filter(pk=method_id).first()
    if method is None or not can_use_payment_method(payer_id, method):
        raise MethodNotUsable(_("This card cannot be used. Choose another one or add one."))
    if Charge.objects.filter(purpose=purpose, reference=reference, status__in=Charge.LIVE).exists():
        raise ChargeUnderWay(_("This is being paid already. Wait for the answer of the bank."))
    quote = charge_quote(gross, client_fee, taxes)
    try:
        with transaction.atomic():
            charge = Charge.objects.create(
                party_id=payer_id,
                method=method,
                purpose=purpose,
                reference=reference,
                scope=scope,
                title=title,
                currency=rules().currency,
                gross=quote.gross,
                vat=quote.vat,
                client_fee=quote.client_fee,
                client_fee_vat=quote.client_fee_vat,
                amount=quote.total,
                fee_version=fee_version,
                vat_bps=taxes.work.rate_bps,
                vat_reason=taxes.work.reason,
                fee_vat_bps=taxes.fee.rate_bps,
                fee_vat_reason=taxes.fee.reason,
                tax_rules=RULES,
                is_payer_present=is_payer_present,
                created_at=at,
            )
    except IntegrityError as error:  # another tab was quicker by less than the look above
        raise ChargeUnderWay(_("This is being paid already. Wait for the answer of the bank.")) from error
    plan_move(
        verb=MoneyMove.Verb.CHARGE,
        source=f"charge-{charge.pk}",
        amount=charge.amount,
        currency=charge.currency,
        gateway=method.gateway,
        at=at,
    )
    _tell("payments.charge_planned", charge, at, by)
    return charge


@transaction.atomic
def give_up_charge(*, charge_id: int, by: Actor, at: datetime) -> Charge:
    """Ask for the end of a charge that has no answer yet; only the provider's answer ends it, and it may still succeed.

    From: planned, waiting. To: same. Money: none. Event: payments.charge_given_up. A second call changes nothing.

    Raises NotAllowed if `by` may not spend for the payer, ChargeEnded if there is an answer.
    """
    charge = Charge.objects.locked(charge_id)
    if not (by.is_system or can_pay_for_work(by, charge.party_id)):
        raise NotAllowed(_("You may not pay for this client."))
    if charge.status not in Charge.LIVE:
        raise ChargeEnded(_("This payment already has its answer."))
    source = f"charge-{charge.pk}"
    cancels = MoneyMove.objects.filter(verb=MoneyMove.Verb.CANCEL, source=source)
    if cancels.exclude(status=MoneyMove.Status.DENIED).exists():
        return charge
    move = MoneyMove.objects.get(verb=MoneyMove.Verb.CHARGE, source=source)
    MoneyMove.objects.locked(move.pk)  # a worker that is about to send it decides first
    charge.given_up_at = at
    charge.save(update_fields=["given_up_at"])
    plan_move(
        verb=MoneyMove.Verb.CANCEL,
        source=source,
        amount=charge.amount,
        currency=charge.currency,
        gateway=move.gateway,
        at=at,
    )
    _tell("payments.charge_given_up", charge, at, by)
    return charge


def give_up_waiting_charges(*, at: datetime) -> int:
    """Give up the charges whose payer did not take the second step in time, and return how many."""
    due = Charge.objects.filter(status=Charge.Status.WAITING, give_up_at__lte=at, given_up_at=None)
    return for_each(due.order_by("give_up_at", "pk"), lambda pk: give_up_charge(charge_id=pk, by=Actor.system(), at=at))


def settle_charge(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer to a charge and let its purpose act on it, all in one transaction.

    From: planned, waiting. To: waiting, confirmed, denied. Money: a1 by the purpose, a2.
    Event: payments.charge_waiting, payments.charge_confirmed, payments.charge_denied; payments.payer_wanted where the
    payer was away and their bank wants them.
    A move that has its definite answer changes nothing.
    """
    move = MoneyMove.objects.get(pk=move_id)
    known = Charge.objects.get(pk=move.intent_id)
    purpose = purpose_named(known.purpose)
    with transaction.atomic():
        purpose.lock(known.reference)
        charge = Charge.objects.locked(known.pk)
        move = MoneyMove.objects.locked(move_id)
        if move.is_final:
            return
        take_answer(move, answer, at=at)
        match answer.state:
            case "waiting":
                _wait(charge, answer, at)
            case "confirmed":
                _end(charge, Charge.Status.CONFIRMED, answer, at)
                purpose.settled(charge, at)
                _post_provider_fee(charge, at)
            case "denied":
                _end(charge, Charge.Status.DENIED, answer, at)
                purpose.failed(charge, at)


def end_unsent_charge(*, cancel_id: int, at: datetime) -> None:
    """End a charge that was given up before it was sent: no call is made.

    From: planned. To: denied. Money: none. Event: payments.charge_denied. A charge that was sent meanwhile is left
    alone; one that has its answer already makes the cancel pointless, which ends unsent.
    """
    cancel = MoneyMove.objects.get(pk=cancel_id)
    known = Charge.objects.get(pk=cancel.intent_id)
    purpose = purpose_named(known.purpose)
    with transaction.atomic():
        purpose.lock(known.reference)
        charge = Charge.objects.locked(known.pk)
        charge_move = MoneyMove.objects.get(verb=MoneyMove.Verb.CHARGE, source=cancel.source)
        move, cancel = MoneyMove.objects.locked(charge_move.pk), MoneyMove.objects.locked(cancel_id)
        if cancel.status != MoneyMove.Status.PLANNED:
            return
        if move.is_final:
            drop_move(cancel, at=at, code=TOO_LATE)
        if move.status != MoneyMove.Status.PLANNED:
            return
        drop_move(move, at=at, code=GIVEN_UP)
        drop_move(cancel, at=at)
        _end(charge, Charge.Status.DENIED, GatewayAnswer("denied", code=GIVEN_UP), at)
        purpose.failed(charge, at)


@transaction.atomic
def settle_cancel(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer to a cancel; the charge itself is asked about next and ends by its own state.

    From: sent, unknown. To: confirmed, denied. Money: none. Event: none. After a denial the charge may be given up
    again, so that one that still waits for its payer does not wait for ever.
    """
    known = MoneyMove.objects.get(pk=move_id)
    charge = Charge.objects.locked(known.intent_id)
    charge_move = MoneyMove.objects.get(verb=MoneyMove.Verb.CHARGE, source=known.source)
    charge_move = MoneyMove.objects.locked(charge_move.pk)
    move = MoneyMove.objects.locked(move_id)
    if move.is_final:
        return
    take_answer(move, answer, at=at)
    if charge_move.status == MoneyMove.Status.WAITING:
        charge_move.next_at = at
        charge_move.save(update_fields=["next_at"])
    if answer.state == "denied" and charge.status in Charge.LIVE:
        charge.given_up_at = None
        charge.give_up_at = at + POLL_EVERY if charge.next_url else None
        charge.save(update_fields=["given_up_at", "give_up_at"])


def _wait(charge: Charge, answer: GatewayAnswer, at: datetime) -> None:
    is_news = charge.status != Charge.Status.WAITING or charge.next_url != answer.next_url
    charge.status, charge.provider_id, charge.next_url = Charge.Status.WAITING, answer.provider_id, answer.next_url
    if not answer.next_url:
        charge.give_up_at = None
    elif charge.give_up_at is None:
        hours, days = rules().payer_wait_hours, rules().payer_absent_wait_days
        charge.give_up_at = at + (timedelta(hours=hours) if charge.is_payer_present else timedelta(days=days))
    charge.save(update_fields=["status", "provider_id", "next_url", "give_up_at"])
    if is_news:
        _tell("payments.charge_waiting", charge, at, Actor.system(), needs_payer=bool(answer.next_url))
        if answer.next_url and not charge.is_payer_present:
            _tell("payments.payer_wanted", charge, at, Actor.system())


def _end(charge: Charge, status: Charge.Status, answer: GatewayAnswer, at: datetime) -> None:
    is_paid = status == Charge.Status.CONFIRMED
    charge.status, charge.settled_at, charge.next_url, charge.give_up_at = status, at, "", None
    charge.failure_code = "" if is_paid else answer.code[:60]
    charge.provider_id = answer.provider_id or charge.provider_id
    charge.provider_fee = answer.fee if is_paid else None
    charge.save()
    kind = "payments.charge_confirmed" if is_paid else "payments.charge_denied"
    _tell(kind, charge, at, Actor.system(), code=charge.failure_code)


def _post_provider_fee(charge: Charge, at: datetime) -> None:
    """Post a2."""
    if charge.provider_fee:
        fee = charge.provider_fee
        legs = [Leg("exp:gateway", -fee), Leg("gateway", fee)]
        post(key=f"provider_fee:{charge.pk}", kind="provider_fee", at=at, currency=charge.currency, legs=legs)


def _tell(kind: str, charge: Charge, at: datetime, by: Actor, **more: Any) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"charge:{charge.pk}",
        scope=charge.scope,
        at=at,
        party=charge.party_id,
        purpose=charge.purpose,
        reference=charge.reference,
        amount=charge.amount,
        currency=charge.currency,
        **more,
    )
