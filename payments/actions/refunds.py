"""Refunds: money on its way back to the card it came from, or to the credit that it was paid from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from core.actor import Actor
from core.money import split
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from payments.actions.cases import open_money_case, settle_money_cases
from payments.actions.holdings import Part, take_parts, taken_from
from payments.actions.moves import NEVER_ARRIVED, is_undone, plan_move, take_answer
from payments.gateway import GatewayAnswer
from payments.models import (
    Charge,
    Chargeback,
    Credit,
    FrozenPart,
    Holding,
    MoneyCase,
    MoneyMove,
    PaymentMethod,
    Refund,
)
from payments.registry import purpose_named

_CREDITS_OF = """
WITH RECURSIVE mine(id) AS (
    SELECT c.id FROM payments_credit c JOIN payments_refund r ON r.id = c.refund_id
    WHERE r.charge_id = %s AND r.credit = 0
    UNION
    SELECT c.id FROM mine m JOIN payments_credituse u ON u.credit_id = m.id
    JOIN payments_credit c ON c.payment_id = u.payment_id OR c.refund_id = u.refund_id
                           OR c.source = 'cash:' || u.cash_id
)
SELECT id FROM mine
"""
#: The code of a refund that the bank made unnecessary.
CHARGED_BACK = "charged_back"
#: What each part of a payment for work is made of: work and client fee, each with its VAT.
SUMS = ("gross", "vat", "client_fee", "client_fee_vat")


def refund_holding(*, holder: str, gross: int, title: str, scope: str, at: datetime) -> list[Refund | Credit]:
    """Send held money back to the client, oldest charge first, with its VAT and its share of the client fee.

    Runs inside the caller's transaction; one refund, one move for each charge, one posting. Money: c1, reserved here
    and confirmed by the provider's answer; what was paid from credit is credit again at once.
    Event: payments.refund_planned, payments.credit_returned.

    Raises NotEnoughHeld if less than `gross` is held.
    """
    parts = take_parts(holder, gross)
    refunds = make_refunds(parts, source=holder, title=title, scope=scope, at=at)
    legs = [*taken_from(holder, parts), *(leg for _refund, leg in refunds)]
    first = refunds[0][0]
    kind = "refund" if isinstance(first, Refund) else "credit_returned"
    post(key=f"{kind}:{first.pk}", kind=kind, at=at, currency=first.currency, legs=merge_legs(legs))
    return [refund for refund, _leg in refunds]


def make_refunds(
    parts: Sequence[Part], *, source: str, title: str, scope: str, at: datetime
) -> list[tuple[Refund | Credit, Leg]]:
    """Write a refund and plan its move for each charge; return them with the legs that reserve the money.

    A part that was paid from credit becomes credit again.
    """
    made: list[tuple[Refund | Credit, Leg]] = []
    for part in parts:
        if part.origin.charge_id is None:
            credit = return_credit(part, source=source, title=title, scope=scope, at=at)
            made.append((credit, Leg(f"credit:party:{credit.party_id}", credit.amount)))
            continue
        charge = Charge.objects.get(pk=part.origin.charge_id)
        refund = Refund.objects.create(
            charge=charge,
            source=source,
            scope=scope,
            title=title,
            gross=part.gross,
            vat=part.vat,
            client_fee=part.client_fee,
            client_fee_vat=part.client_fee_vat,
            amount=part.work + part.fee,
            currency=charge.currency,
            created_at=at,
        )
        move = plan_refund(refund, at)
        made.append((refund, Leg(f"refunding:move:{move.pk}", refund.amount)))
    return made


def return_credit(part: Part, *, source: str, title: str, scope: str, at: datetime) -> Credit:
    """Write down that money which was paid from credit is credit again. The caller posts it.

    Event: payments.credit_returned.
    """
    payment = part.origin.credit_payment
    if payment is None:
        raise ValueError(f"{part.origin} was not paid from credit")
    credit = Credit.objects.create(
        party_id=payment.party_id,
        source=source,
        scope=scope,
        title=title,
        gateway=payment.gateway,
        currency=payment.currency,
        payment=payment,
        gross=part.gross,
        vat=part.vat,
        client_fee=part.client_fee,
        client_fee_vat=part.client_fee_vat,
        amount=part.work + part.fee,
        left=part.work + part.fee,
        created_at=at,
    )
    record(
        kind="payments.credit_returned",
        actor=Actor.system(),
        subject=f"credit:{credit.party_id}",
        scope=scope,
        at=at,
        party=credit.party_id,
        title=title,
        amount=credit.amount,
        currency=credit.currency,
    )
    return credit


def take_refund(chargeback: Chargeback, refund: Refund, move: MoneyMove, amount: int, *, at: datetime) -> list[Leg]:
    """Let a locked refund that will not be sent answer for a chargeback, and return the legs (inner).

    From: reserved; confirmed where it came back. To: dropped; what it is more than `amount` becomes a refund of its
    own. Money: the caller's, k4.
    """
    came_from = "gateway" if refund.status == Refund.Status.CONFIRMED else f"refunding:move:{move.pk}"
    refund.status, refund.settled_at, refund.failure_code = Refund.Status.DROPPED, at, CHARGED_BACK
    refund.save(update_fields=["status", "settled_at", "failure_code"])
    whole = [getattr(refund, each) for each in SUMS]
    shares = shares_of_whole(amount, whole)
    where = f"refund:{refund.pk}"
    part = _freeze(chargeback, shares, source=where, taken_from=where, scope=refund.scope, at=at)
    legs = [Leg(came_from, -refund.amount), Leg(f"frozen:{chargeback.holder}", part.whole)]
    if amount < refund.amount:
        rest = Part(part, *(all_of - share for all_of, share in zip(whole, shares, strict=True)))
        again = make_refunds([rest], source=refund.source, title=refund.title, scope=refund.scope, at=at)
        legs += [leg for _refund, leg in again]
    return legs


def _freeze(
    chargeback: Chargeback, shares: Sequence[int], *, source: str, taken_from: str, scope: str, at: datetime
) -> FrozenPart:
    """Write down what of the contested payment's money, gone back before, is frozen for its chargeback."""
    holding = Holding.objects.filter(charge=chargeback.charge_id).select_related("payee").order_by("pk")[0]
    return FrozenPart.objects.create(
        case=chargeback.holder,
        source=source,
        taken_from=taken_from,
        scope=scope,
        charge_id=chargeback.charge_id,
        payer_id=holding.payer_id,
        payee=holding.payee,
        currency=chargeback.currency,
        created_at=at,
        **dict(zip(SUMS, shares, strict=True)),
    )


def credits_of(charge: Charge) -> QuerySet[Credit]:
    """Return the credits that money of a charge became, however often it was used since and came back.

    The first ones are its refused refunds; of credit of other charges that was paid back to its card, none is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CREDITS_OF, [charge.pk])
        return Credit.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()]).order_by("pk")


def take_credit(chargeback: Chargeback, credit: Credit, amount: int, *, at: datetime) -> list[Leg]:
    """Let a part of a locked credit of `credits_of` answer for a chargeback, and return the legs (inner).

    Money: the caller's, k4. The case that asks how the client gets the credit is over once nothing of it is left.
    """
    origin: Refund | Credit = credit.refund if credit.refund and not credit.refund.credit else credit
    whole = [getattr(origin, each) for each in SUMS]
    credit.left -= amount
    credit.save(update_fields=["left"])
    if not credit.left:
        settle_money_cases(f"credit:{credit.pk}", at=at)
    shares = shares_of_whole(amount, whole if sum(whole) else [amount, 0, 0, 0])
    _freeze(chargeback, shares, source=credit.source, taken_from=f"credit:{credit.pk}", scope=credit.scope, at=at)
    return [Leg(f"credit:party:{credit.party_id}", -amount), Leg(f"frozen:{chargeback.holder}", amount)]


def post_covered(
    chargeback: Chargeback, covered: int, legs: Sequence[Leg], *, kind: str, key: str, at: datetime
) -> None:
    """Post what answers for a locked chargeback that it was not covered by before (inner).

    Where the chargeback is lost already, the operator's loss grows smaller. What nobody answers for is a case no more
    once all of it is covered.
    """
    chargeback.uncovered -= covered
    chargeback.save(update_fields=["uncovered"])
    legs = list(legs)
    if not chargeback.is_running:
        FrozenPart.objects.filter(case=chargeback.holder, closed_at=None).update(closed_at=at, is_lost=True)
        legs += [Leg(f"frozen:{chargeback.holder}", -covered), Leg("exp:chargeback", covered)]
    post(key=f"{kind}:{key}", kind=kind, at=at, currency=chargeback.currency, legs=merge_legs(legs))
    if not chargeback.uncovered:
        settle_money_cases(chargeback.holder, kind=MoneyCase.Kind.CHARGEBACK_UNCOVERED, at=at)


def put_credit_back(part: FrozenPart, *, at: datetime) -> list[Leg]:
    """Give a client the credit again that a chargeback had frozen, and return the legs (inner). Money: k4."""
    credit = Credit.objects.locked(int(part.taken_from.partition(":")[2]))
    was_used_up = not credit.left
    credit.left += part.whole
    credit.save(update_fields=["left"])
    if was_used_up:
        _ask_about(credit, at)
    return [Leg(f"credit:party:{credit.party_id}", part.whole)]


def shares_of_whole(amount: int, whole: Sequence[int]) -> list[int]:
    """Return the shares of work, VAT, fee and its VAT in a part of them that is above 0; all of it is all of each.

    There is work in every part, and as long as something stays behind, work stays behind.
    """
    shares = split(amount, whole)
    if amount < sum(whole) and whole[0] > 1:
        wanted = min(max(shares[0], 1), whole[0] - 1)
        for place in range(1, len(whole)):
            change = min(max(shares[0] - wanted, 0), whole[place] - shares[place])
            change -= min(max(wanted - shares[0], 0), shares[place])
            shares[0], shares[place] = shares[0] - change, shares[place] + change
    return shares


def settle_refund(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer to a refund, all in one transaction with what its purpose does about it.

    From: reserved, confirmed. To: confirmed, dropped; denied, once, also long after it had arrived. Money: c1
    confirmed; c4 where the card refuses it: the client's credit; k4 where the bank took the payment back meanwhile:
    then it answers for that. Event: payments.refund_confirmed, payments.refund_denied. One that never arrived
    is sent again as a new attempt.
    """
    move = MoneyMove.objects.get(pk=move_id)
    known = Refund.objects.select_related("charge").get(pk=move.intent_id)
    purpose = purpose_named(known.charge.purpose)
    with transaction.atomic():
        purpose.lock(known.charge.reference)
        Charge.objects.locked(known.charge_id)  # a chargeback of it opens before this, or after
        refund = Refund.objects.locked(known.pk)
        move = MoneyMove.objects.locked(move_id)
        is_returned = refund.status == Refund.Status.CONFIRMED and is_undone(move, answer)
        if is_returned and not _absorb(refund, move, at):
            _end(refund, move, Refund.Status.DENIED, at, code=answer.code)
            if purpose.refund_failed:
                purpose.refund_failed(refund, at)
        if move.is_final:
            return
        take_answer(move, answer, at=at)
        if answer.provider_id:
            refund.provider_id = answer.provider_id
            refund.save(update_fields=["provider_id"])
        if answer.state == "confirmed":
            _end(refund, move, Refund.Status.CONFIRMED, at)
            if purpose.refunded:
                purpose.refunded(refund, at)
        elif answer.state == "denied" and answer.code == NEVER_ARRIVED:
            _send_again(refund, move, at)
        elif answer.state == "denied" and not _absorb(refund, move, at):
            _end(refund, move, Refund.Status.DENIED, at, code=answer.code)
            if purpose.refund_failed:
                purpose.refund_failed(refund, at)


def plan_refund(refund: Refund, at: datetime) -> MoneyMove:
    """Plan the move of a refund that was just written, or its next attempt, and say so the first time."""
    is_first = not MoneyMove.objects.filter(verb=MoneyMove.Verb.REFUND, source=f"refund-{refund.pk}").exists()
    gateway = PaymentMethod.objects.values_list("gateway", flat=True).get(charges=refund.charge_id)
    move = plan_move(
        verb=MoneyMove.Verb.REFUND,
        source=f"refund-{refund.pk}",
        amount=refund.amount,
        currency=refund.currency,
        gateway=gateway,
        at=at,
    )
    if is_first:
        _tell("payments.refund_planned", refund, at)
    return move


def _absorb(refund: Refund, move: MoneyMove, at: datetime) -> bool:
    """Let a refund that the provider refused answer for the chargeback of its charge; say whether one needed it.

    The payer has that money from the bank by then, or will have: as credit it would be theirs twice. The charge and
    the refund are locked. From: reserved, confirmed. To: dropped. Money: k4; where the chargeback is lost already, the
    operator's loss grows smaller.
    """
    if refund.credit:
        return False
    found = Chargeback.objects.filter(charge=refund.charge, uncovered__gt=0).order_by("pk")
    found = found.exclude(status=Chargeback.Status.WON)
    for pk in list(found.values_list("pk", flat=True)):
        chargeback = Chargeback.objects.locked(pk)
        covered = min(chargeback.uncovered, refund.amount)
        legs = take_refund(chargeback, refund, move, covered, at=at)
        post_covered(chargeback, covered, legs, kind="refund_charged_back", key=str(refund.pk), at=at)
        return True
    return False


def _send_again(refund: Refund, move: MoneyMove, at: datetime) -> None:
    """Plan the next attempt and let the reserved money wait for that one."""
    again = plan_refund(refund, at)
    legs = [Leg(f"refunding:move:{move.pk}", -refund.amount), Leg(f"refunding:move:{again.pk}", refund.amount)]
    post(key=f"refund_again:{again.pk}", kind="refund_again", at=at, currency=refund.currency, legs=legs)


def _end(refund: Refund, move: MoneyMove, status: Refund.Status, at: datetime, *, code: str = "") -> None:
    """Post how the refund of a settled move ended; one that comes back after it had arrived leaves the gateway."""
    was_paid = refund.status == Refund.Status.CONFIRMED
    refund.status, refund.settled_at, refund.failure_code = status, at, code[:60]
    taken = Leg("gateway" if was_paid else f"refunding:move:{move.pk}", -refund.amount)
    if status == Refund.Status.CONFIRMED:
        kind, legs = "refund_paid", [taken, Leg("gateway", refund.amount)]
    else:
        _keep_as_credit(refund, at)
        kind = "refund_returned" if was_paid else "refund_denied"
        legs = [taken, Leg(f"credit:party:{refund.charge.party_id}", refund.amount)]
    refund.save(update_fields=["status", "settled_at", "failure_code"])
    post(key=f"{kind}:{refund.pk}", kind=kind, at=at, currency=refund.currency, legs=legs)
    told = "payments.refund_confirmed" if status == Refund.Status.CONFIRMED else "payments.refund_denied"
    _tell(told, refund, at)


def _keep_as_credit(refund: Refund, at: datetime) -> None:
    """Write down the credit that a refused refund becomes, with a case about how the client gets it."""
    gateway = PaymentMethod.objects.values_list("gateway", flat=True).get(charges=refund.charge_id)
    credit = Credit.objects.create(
        party_id=refund.charge.party_id,
        source=f"refund:{refund.pk}",
        scope=refund.scope,
        title=refund.title,
        gateway=gateway,
        currency=refund.currency,
        refund=refund,
        amount=refund.amount,
        left=refund.amount,
        created_at=at,
    )
    _ask_about(credit, at)


def _ask_about(credit: Credit, at: datetime) -> None:
    open_money_case(
        kind=MoneyCase.Kind.REFUND_DENIED,
        subject=f"credit:{credit.pk}",
        title=credit.title,
        scope=credit.scope,
        party_id=credit.party_id,
        amount=credit.left,
        currency=credit.currency,
        by=Actor.system(),
        at=at,
    )


def _tell(kind: str, refund: Refund, at: datetime) -> None:
    record(
        kind=kind,
        actor=Actor.system(),
        subject=f"refund:{refund.pk}",
        scope=refund.scope,
        at=at,
        party=refund.charge.party_id,
        source=refund.source,
        title=refund.title,
        amount=refund.amount,
        currency=refund.currency,
        code=refund.failure_code,
    )
