"""The calls to the provider: a move is claimed, stored as sent, called outside of any transaction, and settled."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from django.utils.translation import gettext as _

from core.actor import Actor
from core.clock import offset
from core.errors import DomainError, NotAllowed
from core.points import passing
from core.product import rules
from events.actions import record
from payments.actions.cases import open_money_case
from payments.actions.cash import settle_cash
from payments.actions.charges import end_unsent_charge, settle_cancel, settle_charge
from payments.actions.moves import NEVER_ARRIVED, POLL_EVERY, MoveMismatch, case_subject
from payments.actions.refunds import settle_refund
from payments.actions.reversals import settle_reversal
from payments.actions.transfers import settle_transfer
from payments.actions.withdrawals import reconcile_withdrawal, settle_payout
from payments.gateway import CalledInsideTransaction, GatewayAnswer, GatewayRefused, GatewayUnreachable
from payments.gateways import gateway_named
from payments.models import (
    Charge,
    GatewayAccount,
    MoneyCase,
    MoneyMove,
    PaymentCustomer,
    ProviderTransfer,
    Refund,
    TransferReversal,
    Withdrawal,
)
from payments.permissions import can_repeat_move

logger = logging.getLogger("jalon.payments")

Status, Verb = MoneyMove.Status, MoneyMove.Verb
#: How long a worker has a move to itself; longer than a call may take.
LEASE = timedelta(minutes=2)
#: Real seconds after which a round takes no further move: far below the time limit of a task.
LONGEST_ROUND = 120.0
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)


class Settle(Protocol):
    """Writes a provider's answer, in one transaction of its own."""

    def __call__(self, *, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
        """Write the answer."""


SETTLE: dict[str, Settle] = {
    Verb.CHARGE: settle_charge,
    Verb.CANCEL: settle_cancel,
    Verb.REFUND: settle_refund,
    Verb.TRANSFER: settle_transfer,
    Verb.REVERSAL: settle_reversal,
    Verb.PAYOUT: settle_payout,
    Verb.TOPUP: settle_cash,
    Verb.CASHOUT: settle_cash,
}


def run_move(*, move_id: int, at: datetime) -> MoneyMove:
    """Send a move that is due, and settle it by the answer; not one transaction.

    A move that another worker holds, that is not due, or that has its answer is left alone. Without an answer it
    stays unknown and is sent again under the same key; after `unknown_move_hours` it is looked up instead.

    From: planned, sent (the worker before died), unknown. To: what the answer says.
    """
    move = MoneyMove.objects.get(pk=move_id)
    if move.verb == Verb.CANCEL and move.status == Status.PLANNED:
        end_unsent_charge(cancel_id=move_id, at=at)
    passing("move.found")
    claimed = _claim(move_id, at)
    if claimed:
        passing("move.claimed")
        answer = _ask(claimed, at)
        if answer:
            passing("move.answered")
            settle_move(move_id=move_id, answer=answer, at=at)
            passing("move.settled")
            if claimed.verb == Verb.CANCEL:
                _ask_about_cancelled(claimed, at)
    return MoneyMove.objects.get(pk=move_id)


def settle_move(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer where it belongs; page, webhook and sweeps all come through here.

    An answer about another move, object or sum writes nothing but a case for finance staff, and raises MoveMismatch.
    """
    verb = MoneyMove.objects.values_list("verb", flat=True).get(pk=move_id)
    try:
        SETTLE[verb](move_id=move_id, answer=answer, at=at)
    except MoveMismatch:
        _open_case(move_id, MoneyCase.Kind.MOVE_MISMATCH, at)
        raise


def run_charge(*, charge_id: int, at: datetime) -> Charge:
    """Send a charge right after the commit that planned it, and return its fresh row; not one transaction.

    The worker does the same where the page does not get that far.
    """
    move = MoneyMove.objects.get(verb=Verb.CHARGE, source=f"charge-{charge_id}")
    run_move(move_id=move.pk, at=at)
    return Charge.objects.get(pk=charge_id)


def ask_about_charge(*, charge_id: int, at: datetime) -> Charge:
    """Ask the provider how a charge that waits stands now, and return its fresh row; not one transaction."""
    move = MoneyMove.objects.get(verb=Verb.CHARGE, source=f"charge-{charge_id}")
    if move.status == Status.WAITING:
        ask_about_move(move_id=move.pk, at=at)
    else:
        run_move(move_id=move.pk, at=at)
    return Charge.objects.get(pk=charge_id)


def run_due_moves(*, at: datetime, limit: int = 200) -> int:
    """Send the moves that are due, oldest first, and return how many got an answer."""
    due = MoneyMove.objects.filter(status__in=[Status.PLANNED, Status.SENT, Status.UNKNOWN], next_at__lte=at)
    return _each(due.order_by("next_at", "pk").values_list("pk", flat=True)[:limit], run_move, at)


def poll_waiting_moves(*, at: datetime, limit: int = 200) -> int:
    """Ask about the moves that have waited since the last hour, and return how many are over."""
    due = MoneyMove.objects.filter(status=Status.WAITING, next_at__lte=at)
    return _each(due.order_by("next_at", "pk").values_list("pk", flat=True)[:limit], ask_about_move, at)


def ask_about_move(*, move_id: int, at: datetime) -> MoneyMove:
    """Fetch the provider's object of a waiting move and settle by its present state; not one transaction."""
    MoneyMove.objects.filter(pk=move_id, status=Status.WAITING).update(next_at=at + POLL_EVERY)
    move = MoneyMove.objects.get(pk=move_id)
    if move.status == Status.WAITING and move.provider_id:
        within = move.body.get("transfer") or move.body.get("account") or ""
        answer = gateway_named(move.gateway).fetch(move.verb, move.provider_id, within=within, at=at)
        passing("move.fetched")
        settle_move(move_id=move_id, answer=answer, at=at)
    return MoneyMove.objects.get(pk=move_id)


class MoveEnded(DomainError):
    """The move has its definite answer; there is nothing to ask."""


def ask_again(*, move_id: int, reason: str, by: Actor, at: datetime) -> MoneyMove:
    """Ask the provider about an open move now instead of later: by its key, or by its object; not one transaction.

    From: planned, sent, unknown, waiting. To: what the answer says. Event: payments.move_asked_again.

    Raises NotAllowed if `by` is not finance staff, MoveEnded if there is an answer.
    """
    with transaction.atomic():
        move = MoneyMove.objects.locked(move_id)
        if not can_repeat_move(by):
            raise NotAllowed(_("Only finance staff can do this."))
        if move.is_final:
            raise MoveEnded(_("This move has its answer."))
        if move.status != Status.SENT:  # a worker may be at it; its lease decides
            move.next_at = _on_its_clock(move, at) if move.status == Status.UNKNOWN else at
            move.save(update_fields=["next_at"])
        record(kind="payments.move_asked_again", actor=by, subject=f"move:{move.pk}", at=at, reason=reason)
    return ask_about_move(move_id=move_id, at=at) if move.status == Status.WAITING else run_move(move_id=move_id, at=at)


def _each(move_ids: Any, act: Callable[..., MoneyMove], at: datetime) -> int:
    """Do it to each move; one that fails is logged and does not stop the others, a slow one leaves them to the next."""
    done, began = 0, time.monotonic()
    for move_id in list(move_ids):
        if time.monotonic() - began > LONGEST_ROUND:
            break
        before = MoneyMove.objects.values_list("status", "tries").get(pk=move_id)
        try:
            move = act(move_id=move_id, at=at)
        except GatewayUnreachable as error:
            logger.warning("move %s: %s", move_id, error)
        except Exception:
            logger.exception("move %s failed", move_id)
        else:
            done += (move.status, move.tries) != before and move.status != Status.UNKNOWN
    return done


@transaction.atomic
def _claim(move_id: int, at: datetime) -> MoneyMove | None:
    """Take a due move for one call: the first time, build its body, store its hash, mark it sent. None if not ours."""
    by_real_time = ExpressionWrapper(F("ahead") + Value(at - offset()), output_field=DateTimeField())
    is_due = Q(status=Status.PLANNED, next_at__lte=at) | Q(
        status__in=[Status.SENT, Status.UNKNOWN], next_at__lte=by_real_time
    )
    move = MoneyMove.objects.free().filter(is_due, pk=move_id).first()
    if move is None:
        return None
    if move.status == Status.PLANNED:
        move.ahead = offset()
    move.next_at = _on_its_clock(move, at) + LEASE
    if move.status == Status.PLANNED:
        body = _BODY[move.verb](move)
        if body is None:  # what it needs to know is not known yet
            move.save(update_fields=["next_at"])
            return None
        move.body = {
            "amount": move.amount,
            "currency": move.currency,
            "metadata": {"move_id": move.pk},
            **body,
        }
        move.request_hash, move.sent_at, move.status = _hash(move.body), at, Status.SENT
    if _hash(move.body) != move.request_hash:
        raise MoveMismatch(f"{move}: its body changed after it was sent")
    move.tries += 1
    move.save()
    return move


def _on_its_clock(move: MoneyMove, at: datetime) -> datetime:
    """Return the moment as the clock stood when the move was first sent: real time goes on, jumps since do not count.

    A call is under way in real time: a demonstration clock that jumps five days makes no lease end and no call old.
    """
    return at - offset() + move.ahead


def _ask(move: MoneyMove, at: datetime) -> GatewayAnswer | None:
    """Call the provider about a claimed move; None, and the move unknown, when there is no answer."""
    gateway, is_refused = gateway_named(move.gateway), False
    is_overdue = _on_its_clock(move, at) - (move.sent_at or at) > timedelta(hours=rules().unknown_move_hours)
    try:
        if not is_overdue:
            return gateway.send(move.verb, key=move.key, body=move.body, at=at)
        if move.verb == Verb.PAYOUT:
            reconcile_withdrawal(withdrawal_id=move.intent_id, at=at)
        if move.verb == Verb.CANCEL:
            return gateway.fetch(Verb.CANCEL, move.body["payment"], at=at)
        found = gateway.find(move.verb, move.pk, body=move.body, since=move.sent_at or at, at=at)
        return found or GatewayAnswer("denied", code=NEVER_ARRIVED)
    except CalledInsideTransaction:
        raise
    except GatewayUnreachable as error:
        logger.warning("move %s: %s", move, error)
    except GatewayRefused:  # the request is wrong, which no repetition mends
        logger.exception("move %s: the provider refused the request", move)
        is_refused = True
    except Exception:
        logger.exception("move %s: the call failed", move)
    passing("move.unanswered")
    _note_unknown(move.pk, at)
    if is_overdue or is_refused:
        is_payout = move.verb == Verb.PAYOUT
        kind = MoneyCase.Kind.WITHDRAWAL_UNKNOWN if is_payout else MoneyCase.Kind.MOVE_UNKNOWN
        _open_case(move.pk, kind, at)
    passing("move.unknown")
    return None


@transaction.atomic
def _note_unknown(move_id: int, at: datetime) -> None:
    """Write down that a call had no answer, and when it is made again; an answer that came otherwise counts.

    From: sent. To: unknown. Money: none. Event: payments.move_unknown, the first time.
    """
    move = MoneyMove.objects.locked(move_id)
    if move.status not in {Status.SENT, Status.UNKNOWN}:
        return
    if move.status == Status.SENT:
        record(kind="payments.move_unknown", actor=Actor.system(), subject=f"move:{move.pk}", at=at, verb=move.verb)
    move.status = Status.UNKNOWN
    move.next_at = _on_its_clock(move, at) + min(FIRST_WAIT * 2 ** min(move.tries - 1, 12), LONGEST_WAIT)
    move.save(update_fields=["status", "next_at"])


@transaction.atomic
def _open_case(move_id: int, kind: MoneyCase.Kind, at: datetime) -> None:
    """Let a person look after a move that neither its answers nor the look-up can end; one that has ended needs none.

    Event: payments.money_case_opened.
    """
    move = MoneyMove.objects.locked(move_id)
    if move.is_final:
        return
    open_money_case(
        kind=kind,
        subject=case_subject(move),
        title=move.key,
        amount=move.amount,
        currency=move.currency,
        by=Actor.system(),
        at=at,
    )


def _ask_about_cancelled(cancel: MoneyMove, at: datetime) -> None:
    """Let a cancelled charge end by its own present state."""
    move = MoneyMove.objects.get(verb=Verb.CHARGE, source=cancel.source)
    if move.status == Status.WAITING:
        ask_about_move(move_id=move.pk, at=at)


def _hash(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _charge_body(move: MoneyMove) -> dict[str, Any] | None:
    charge = Charge.objects.select_related("method").get(pk=move.intent_id)
    if charge.given_up_at is not None:
        return None
    method = charge.method
    customer = PaymentCustomer.objects.filter(party_id=charge.party_id, gateway=method.gateway).first()
    return {
        "customer": (customer and customer.provider_id) or "",
        "is_payer_present": charge.is_payer_present,
        "mandate": method.mandate,
        "method": method.provider_id,
        "method_kind": method.kind,
        "transfer_group": charge.scope,
    }


def _cancel_body(move: MoneyMove) -> dict[str, Any] | None:
    charge = Charge.objects.get(pk=move.intent_id)
    return {"payment": charge.provider_id} if charge.provider_id else None


def _refund_body(move: MoneyMove) -> dict[str, Any] | None:
    refund = Refund.objects.select_related("charge").get(pk=move.intent_id)
    if refund.reversals.filter(status=TransferReversal.Status.PLANNED, is_advanced=False).exists():
        return None
    return {"payment": refund.charge.provider_id}


def _transfer_body(move: MoneyMove) -> dict[str, Any] | None:
    transfer = ProviderTransfer.objects.select_related("release__charge").get(pk=move.intent_id)
    account = GatewayAccount.objects.get(party_id=transfer.party_id)
    charge = transfer.release.charge
    if charge is None:  # the operator's own balance pays: what came in for it came in long ago, or never
        return {"account": account.provider_id, "transfer_group": transfer.release.scope}
    return {
        "account": account.provider_id,
        "source_transaction": charge.provider_id,
        "transfer_group": charge.scope,
    }


def _reversal_body(move: MoneyMove) -> dict[str, Any] | None:
    transfer = TransferReversal.objects.select_related("transfer").get(pk=move.intent_id).transfer
    return {"transfer": transfer.provider_id} if transfer.status == ProviderTransfer.Status.CONFIRMED else None


def _cash_body(move: MoneyMove) -> dict[str, Any] | None:
    return {}


def _payout_body(move: MoneyMove) -> dict[str, Any] | None:
    withdrawal = Withdrawal.objects.select_related("method").get(pk=move.intent_id)
    account = GatewayAccount.objects.get(party_id=withdrawal.party_id)
    return {"account": account.provider_id, "bank": withdrawal.method.provider_id}


#: What each call says beside amount, currency and metadata; None while it cannot be sent yet.
_BODY: dict[str, Callable[[MoneyMove], dict[str, Any] | None]] = {
    Verb.CHARGE: _charge_body,
    Verb.CANCEL: _cancel_body,
    Verb.REFUND: _refund_body,
    Verb.TRANSFER: _transfer_body,
    Verb.REVERSAL: _reversal_body,
    Verb.PAYOUT: _payout_body,
    Verb.TOPUP: _cash_body,
    Verb.CASHOUT: _cash_body,
}
