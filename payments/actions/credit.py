"""A client's credit: kept where no card takes money back, used to pay for work, and paid back another way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.permissions import can_pay_for_work, can_spend
from core.actor import Actor
from core.errors import DomainError, FormSentBefore, NotAllowed
from core.product import rules
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from payments.actions.absorptions import absorb_credits_of
from payments.actions.cases import ReasonMissing, settle_money_cases
from payments.actions.moves import plan_move
from payments.actions.refunds import plan_refund
from payments.models import Charge, Credit, CreditPayment, CreditUse, Holding, MoneyMove, OperatorCash, Refund
from payments.permissions import can_ask_credit_back, can_pay_credit_out
from payments.queries import charge_quote, credit_total, open_credits, rooms_for_credit
from payments.registry import purpose_named
from payments.tax import RULES, UNTAXED_CHARGE, ChargeTaxes


class CreditNotEnough(DomainError):
    """Credit pays for all of something, or for nothing of it."""


class NoCredit(DomainError):
    """There is no credit that could be paid back."""


class CreditAskedBack(DomainError):
    """Staff are paying this credit out already."""


@transaction.atomic
def pay_from_credit(  # noqa: PLR0913  (each is said by name)
    *,
    payer_id: int,
    payee_id: int,
    holder: str,
    purpose: str,
    reference: int,
    scope: str,
    title: str,
    gross: int,
    client_fee: int,
    fee_version: int | None = None,
    taxes: ChargeTaxes = UNTAXED_CHARGE,
    by: Actor,
    at: datetime,
) -> CreditPayment:
    """Pay for work from the client's credit instead of a card: the money is held at once, oldest credit first.

    From: nothing. Money: a4, credit to held and held fee. Event: payments.credit_used.

    Raises NotAllowed if `by` may not spend for the payer, CreditNotEnough unless credit covers all of it.
    """
    purpose_named(purpose)
    if not can_pay_for_work(by, payer_id):
        raise NotAllowed(_("You may not pay for this client."))
    quote = charge_quote(gross, client_fee, taxes)
    credits_left = _lock_credits(payer_id, at)
    if sum(credit.left for credit in credits_left) < quote.total:
        raise CreditNotEnough(_("Your credit does not cover all of this. Pay by card instead."))
    payment = CreditPayment.objects.create(
        party_id=payer_id,
        purpose=purpose,
        reference=reference,
        scope=scope,
        title=title,
        gateway=settings.PAYMENT_GATEWAY,
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
        created_at=at,
    )
    _use(credits_left, payment.amount, at=at, payment=payment)
    Holding.objects.create(
        holder=holder,
        scope=scope,
        credit_payment=payment,
        payer_id=payer_id,
        payee_id=payee_id,
        currency=payment.currency,
        gross_left=payment.gross,
        vat_left=payment.vat,
        fee_left=payment.client_fee,
        fee_vat_left=payment.client_fee_vat,
        created_at=at,
    )
    legs = [
        Leg(f"credit:party:{payer_id}", -payment.amount),
        Leg(f"held:{holder}", payment.gross + payment.vat),
        Leg(f"held_fee:{holder}", payment.client_fee + payment.client_fee_vat),
    ]
    key = f"credit_payment:{payment.pk}"
    post(key=key, kind="credit_payment", at=at, currency=payment.currency, legs=merge_legs(legs))
    _tell("payments.credit_used", payer_id, payment.amount, by=by, at=at, scope=scope, title=title)
    return payment


@transaction.atomic
def ask_credit_back(*, party_id: int, reason: str = "", by: Actor, at: datetime) -> list[Refund]:
    """Pay a client's credit back to other cards that can still take some; what none can take waits for finance staff.

    A provider returns to a card no more than the card has paid and nobody else is promised, oldest charge first, and
    never to a card that refused a refund. Until staff pay it out, the rest can still pay for work.

    From: nothing. To: reserved, one refund for each charge. Money: c5, confirmed by the provider's answer.
    Event: payments.refund_planned; payments.credit_asked_back with what is left for staff.

    Raises NotAllowed unless `by` may spend for the client or is finance staff, ReasonMissing for staff without one,
    NoCredit, CreditAskedBack if staff have all of it to pay out already.
    """
    if not can_ask_credit_back(by, party_id):
        raise NotAllowed(_("You may not ask for the credit of this client."))
    if not can_spend(by, party_id) and not reason.strip():
        raise ReasonMissing(_("Say why."))
    credits_left = _lock_credits(party_id, at)
    total = sum(credit.left for credit in credits_left)
    if not total:
        raise NoCredit(_("There is no credit to pay back."))
    rooms = rooms_for_credit(party_id)
    list(Charge.objects.filter(pk__in=rooms).order_by("pk").select_for_update(no_key=True))
    refunds: list[Refund] = []
    legs = []
    for charge_id, room in rooms_for_credit(party_id).items():  # again: as they are now that nobody changes them
        amount = min(room, total - sum(refund.credit for refund in refunds))
        if amount <= 0:
            continue
        refund = Refund.objects.create(
            charge_id=charge_id,
            source=f"credit:{party_id}",
            title=_("Credit paid back"),
            gross=0,
            client_fee=0,
            credit=amount,
            amount=amount,
            currency=rules().currency,
            created_at=at,
        )
        _use(credits_left, amount, at=at, refund=refund)
        move = plan_refund(refund, at)
        refunds.append(refund)
        legs.append(Leg(f"refunding:move:{move.pk}", amount))
    returned = sum(refund.credit for refund in refunds)
    if refunds:
        legs.append(Leg(f"credit:party:{party_id}", -returned))
        key = f"credit_back:{refunds[0].pk}"
        post(key=key, kind="credit_back", at=at, currency=rules().currency, legs=merge_legs(legs))
    _leave_to_staff(credits_left, returned=returned, party_id=party_id, reason=reason, by=by, at=at)
    return refunds


def _leave_to_staff(
    credits_left: Sequence[Credit], *, returned: int, party_id: int, reason: str, by: Actor, at: datetime
) -> None:
    """Let what no card can take wait for staff; refuse where it does so already and nothing else was done."""
    waiting = [credit for credit in credits_left if credit.left and credit.asked_back_at is None]
    for credit in waiting:
        credit.asked_back_at = at
        credit.save(update_fields=["asked_back_at"])
    rest = sum(credit.left for credit in credits_left)
    if not returned and not waiting:
        raise CreditAskedBack(_("You asked for this before. Our staff will contact you."))
    if waiting:
        _tell("payments.credit_asked_back", party_id, rest, by=by, at=at, reason=reason.strip())


@transaction.atomic
def pay_credit_out(*, party_id: int, reason: str, token: UUID | None = None, by: Actor, at: datetime) -> OperatorCash:
    """Take all of a client's credit out of the platform, to the operator's bank, from where staff send it on by hand.

    A `token` that was used before returns what it paid out and moves nothing, also if there is new credit by then.
    From: nothing. To: planned. Money: c5, credit to refunding; confirmed by the provider's answer.
    Event: payments.credit_paid_out_planned.

    Raises NotAllowed unless `by` is finance staff that never belonged to the client, ReasonMissing, FormSentBefore for
    a known token of something else, NoCredit.
    """
    if not can_pay_credit_out(by, party_id):
        raise NotAllowed(_("You may not pay out the credit of this client."))
    if not reason.strip():
        raise ReasonMissing(_("Say why."))
    credits_left = _lock_credits(party_id, at)
    known = OperatorCash.objects.filter(token=token).first() if token else None
    if known:
        if known.party_id != party_id:
            raise FormSentBefore
        return known
    amount = sum(credit.left for credit in credits_left)
    if not amount:
        raise NoCredit(_("There is no credit to pay back."))
    cash = OperatorCash.objects.create(
        kind=OperatorCash.Kind.CREDIT,
        party_id=party_id,
        gateway=settings.PAYMENT_GATEWAY,
        amount=amount,
        currency=rules().currency,
        spare=amount,
        reason=reason.strip(),
        token=token,
        user_id=by.user_id or 0,
        created_at=at,
    )
    _use(credits_left, amount, at=at, cash=cash)
    move = plan_move(
        verb=MoneyMove.Verb.CASHOUT,
        source=f"cash-{cash.pk}",
        amount=amount,
        currency=cash.currency,
        gateway=cash.gateway,
        at=at,
    )
    legs = [Leg(f"credit:party:{party_id}", -amount), Leg(f"refunding:move:{move.pk}", amount)]
    post(key=f"credit_out:{cash.pk}", kind="credit_out", at=at, currency=cash.currency, legs=legs)
    _tell("payments.credit_paid_out_planned", party_id, amount, by=by, at=at, reason=cash.reason)
    return cash


def _lock_credits(party_id: int, at: datetime) -> list[Credit]:
    """Return what is left of a client's credit at the gateway in use, locked, oldest first."""
    locked = open_credits(party_id).order_by("pk").select_for_update(no_key=True)
    list(locked)
    absorb_credits_of(party_id, at=at)  # what answers for a chargeback is not the client's to use
    return list(locked.all())


def _use(credits_left: Sequence[Credit], amount: int, *, at: datetime, **end: Any) -> None:
    """Take a sum out of locked credits, oldest first, for one end."""
    missing = amount
    for credit in credits_left:
        part = min(credit.left, missing)
        if not part:
            continue
        credit.left -= part
        credit.save(update_fields=["left"])
        CreditUse.objects.create(credit=credit, amount=part, **end)
        missing -= part
        if not credit.left:
            settle_money_cases(f"credit:{credit.pk}", at=at)


def _tell(kind: str, party_id: int, amount: int, *, by: Actor, at: datetime, **more: Any) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"credit:{party_id}",
        at=at,
        party=party_id,
        amount=amount,
        left=credit_total(party_id),
        currency=rules().currency,
        **{"scope": f"party:{party_id}", **more},
    )
