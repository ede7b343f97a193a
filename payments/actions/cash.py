"""The operator's own cash: put on the platform's balance, and taken out of it, never below what is owed to others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, FormSentBefore, NotAllowed
from core.money import LARGEST
from core.product import rules
from events.actions import record
from events.models import Event
from ledger.actions import Leg, post
from payments.actions.cases import ReasonMissing, open_money_case, settle_money_cases
from payments.actions.moves import is_undone, plan_move, take_answer
from payments.gateway import GatewayAnswer
from payments.models import Credit, MoneyCase, MoneyMove, OperatorCash
from payments.permissions import can_move_operator_cash
from payments.queries import cover

Kind, Status = OperatorCash.Kind, OperatorCash.Status
#: How often finance staff are told of the same shortfall.
TELL_AGAIN = timedelta(days=1)
#: Subject of events and cases about the balance; there is one.
SHORTFALL = "cash:0"


class CashNotPossible(DomainError):
    """The amount is not above zero, or is larger than any the product knows."""


class OwedToOthers(DomainError):
    """So much cannot leave: the rest would not cover what belongs to clients, freelancers and the state."""


@transaction.atomic
def top_up(*, amount: int, reason: str, token: UUID | None = None, by: Actor, at: datetime) -> OperatorCash:
    """Put the operator's own money on the platform's balance, from its bank.

    A `token` that was used before returns what it moved and moves nothing: a form sent twice works once.
    From: nothing. To: planned. Money: m1 once the provider says that it arrived. Event: payments.cash_planned.

    Raises NotAllowed if `by` is not finance staff, ReasonMissing, CashNotPossible, FormSentBefore for a known token
    with other content.
    """
    _check(amount, reason, by)
    known = _lock_and_look(Kind.TOPUP, amount, token)
    return known or _plan(Kind.TOPUP, amount, spare=0, reason=reason, token=token, by=by, at=at)


@transaction.atomic
def cash_out(*, amount: int, reason: str, token: UUID | None = None, by: Actor, at: datetime) -> OperatorCash:
    """Take the operator's earnings out of the platform's balance, to its bank.

    A `token` that was used before returns what it moved and moves nothing: a form sent twice works once.
    From: nothing. To: planned. Money: m2 once the provider says that it was paid; until then it is kept apart from
    what else may leave. Event: payments.cash_planned.

    Raises NotAllowed if `by` is not finance staff, ReasonMissing, CashNotPossible, also where the books hold money of
    another provider (play money must not cover real), FormSentBefore for a known token with other content,
    OwedToOthers if what stays would not cover what is owed.
    """
    _check(amount, reason, by)
    known = _lock_and_look(Kind.CASHOUT, amount, token)
    if known:
        return known
    elsewhere = MoneyMove.objects.exclude(gateway=settings.PAYMENT_GATEWAY)
    if elsewhere.filter(status=MoneyMove.Status.CONFIRMED).exists():
        text = _("These books hold money of another payment provider, so nothing can be taken out here.")
        raise CashNotPossible(text)
    spare = cover().spare
    if amount > spare:
        raise OwedToOthers(_("So much cannot leave: the rest would not cover what belongs to others."))
    return _plan(Kind.CASHOUT, amount, spare=spare, reason=reason, token=token, by=by, at=at)


@transaction.atomic
def settle_cash(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer to cash in or out, or to a client's credit that is paid out by hand.

    From: planned, confirmed. To: confirmed; denied, once, also long after it was confirmed. Money: m1, m2, c5; a
    denied pay-out is the client's credit again, and what had been confirmed is reversed.
    Event: payments.cash_confirmed, payments.cash_denied; payments.cash_returned after it was confirmed.
    """
    cash = OperatorCash.objects.locked(MoneyMove.objects.get(pk=move_id).intent_id)
    move = MoneyMove.objects.locked(move_id)
    if cash.status == Status.CONFIRMED and is_undone(move, answer):
        _return(cash, answer.code, at)
    if move.is_final:
        return
    take_answer(move, answer, at=at)
    cash.provider_id = answer.provider_id or cash.provider_id
    if answer.state != "waiting":
        is_done = answer.state == "confirmed"
        cash.status, cash.settled_at = Status.CONFIRMED if is_done else Status.DENIED, at
        cash.failure_code = "" if is_done else answer.code[:60]
        legs = _legs(cash, move, is_done=is_done, at=at)
        if legs:
            kind = "cash" if is_done else "cash_denied"
            post(key=f"{kind}:{cash.pk}", kind=kind, at=at, currency=cash.currency, legs=legs)
        _tell(f"payments.cash_{cash.status}", cash, Actor.system(), at, code=cash.failure_code)
    cash.save()


def _legs(cash: OperatorCash, move: MoneyMove, *, is_done: bool, at: datetime) -> list[Leg]:
    """Return what an answer books; nothing was reserved of the operator's own, so that a denial of it books nothing."""
    match cash.kind:
        case Kind.TOPUP if is_done:
            return [Leg("gateway", -cash.amount), Leg("operator", cash.amount)]
        case Kind.CASHOUT if is_done:
            return [Leg("operator", -cash.amount), Leg("gateway", cash.amount)]
        case Kind.CREDIT if cash.party_id is not None:
            reserved = Leg(f"refunding:move:{move.pk}", -cash.amount)
            if is_done:
                return [reserved, Leg("gateway", cash.amount)]
            _give_credit_again(cash, cash.party_id, at)
            return [reserved, Leg(f"credit:party:{cash.party_id}", cash.amount)]
    return []


def _return(cash: OperatorCash, code: str, at: datetime) -> None:
    """Reverse what was confirmed: m1 backwards for a top-up, m2 for a cash-out; a client's credit is theirs again."""
    cash.status, cash.settled_at, cash.failure_code = Status.DENIED, at, code[:60]
    cash.save(update_fields=["status", "settled_at", "failure_code"])
    amount = cash.amount if cash.kind == Kind.TOPUP else -cash.amount
    owner = "operator"
    if cash.party_id is not None:
        _give_credit_again(cash, cash.party_id, at)
        owner = f"credit:party:{cash.party_id}"
    legs = [Leg("gateway", amount), Leg(owner, -amount)]
    post(key=f"cash_returned:{cash.pk}", kind="cash_returned", at=at, currency=cash.currency, legs=legs)
    _tell("payments.cash_returned", cash, Actor.system(), at, code=cash.failure_code)


def _give_credit_again(cash: OperatorCash, party_id: int, at: datetime) -> None:
    """Write down that credit which could not be paid out is credit again, with a case about how the client gets it."""
    credit = Credit.objects.create(
        party_id=party_id,
        source=f"cash:{cash.pk}",
        title=_("Credit that could not be paid out"),
        gateway=cash.gateway,
        currency=cash.currency,
        amount=cash.amount,
        left=cash.amount,
        asked_back_at=at,
        created_at=at,
    )
    open_money_case(
        kind=MoneyCase.Kind.CREDIT_NOT_PAID_OUT,
        subject=f"credit:{credit.pk}",
        party_id=party_id,
        amount=credit.amount,
        currency=credit.currency,
        by=Actor.system(),
        at=at,
    )


def tell_shortfall(*, at: datetime) -> int:
    """Tell finance staff, once a day, that the platform's balance does not cover what is owed; return how often.

    A case is open about it as long as it lasts. Event: payments.shortfall_found.
    """
    found = cover()
    if found.spare >= 0:
        settle_money_cases(SHORTFALL, at=at)
        return 0
    with transaction.atomic():
        open_money_case(
            kind=MoneyCase.Kind.SHORTFALL,
            subject=SHORTFALL,
            amount=-found.spare,
            currency=rules().currency,
            by=Actor.system(),
            at=at,
        )
        if Event.objects.filter(kind="payments.shortfall_found", at__gt=at - TELL_AGAIN).exists():
            return 0
        record(
            kind="payments.shortfall_found",
            actor=Actor.system(),
            subject=SHORTFALL,
            at=at,
            amount=-found.spare,
            platform=found.platform,
            owed=found.owed,
            currency=rules().currency,
        )
    return 1


def _check(amount: int, reason: str, by: Actor) -> None:
    if not can_move_operator_cash(by):
        raise NotAllowed(_("Only finance staff can do this."))
    if not reason.strip():
        raise ReasonMissing(_("Say why."))
    if not 0 < amount <= LARGEST:
        raise CashNotPossible(_("Enter an amount above zero."))


def _lock_and_look(kind: OperatorCash.Kind, amount: int, token: UUID | None) -> OperatorCash | None:
    """Let one at a time move cash: two would see the same spare, or neither the other's token; return what is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.cash'))")
    known = OperatorCash.objects.filter(token=token).first() if token else None
    if known and (known.kind, known.amount) != (kind, amount):
        raise FormSentBefore
    return known


def _plan(
    kind: OperatorCash.Kind, amount: int, *, spare: int, reason: str, token: UUID | None, by: Actor, at: datetime
) -> OperatorCash:
    cash = OperatorCash.objects.create(
        kind=kind,
        gateway=settings.PAYMENT_GATEWAY,
        amount=amount,
        currency=rules().currency,
        spare=spare,
        reason=reason.strip(),
        token=token,
        user_id=by.user_id or 0,
        created_at=at,
    )
    plan_move(
        verb=MoneyMove.Verb.TOPUP if kind == Kind.TOPUP else MoneyMove.Verb.CASHOUT,
        source=f"cash-{cash.pk}",
        amount=amount,
        currency=cash.currency,
        gateway=cash.gateway,
        at=at,
    )
    _tell("payments.cash_planned", cash, by, at, reason=cash.reason)
    return cash


def _tell(kind: str, cash: OperatorCash, by: Actor, at: datetime, *, reason: str = "", **more: Any) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"cash:{cash.pk}",
        at=at,
        reason=reason,
        cash=cash.kind,
        party=cash.party_id,
        amount=cash.amount,
        currency=cash.currency,
        **more,
    )
