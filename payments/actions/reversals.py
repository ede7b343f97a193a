"""Reversals: transferred money that is taken back from the payee's own account, so that it can go to somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Party
from core.actor import Actor
from core.sweeps import for_each
from events.actions import record
from ledger.actions import Leg, post
from payments.actions.moves import drop_move, plan_move, take_answer
from payments.gateway import GatewayAnswer
from payments.models import GatewayAccount, MoneyMove, ProviderTransfer, Refund, TransferReversal

#: How long a refused transfer or reversal rests before it is tried again.
RETRY_AFTER = timedelta(hours=1)
Status = TransferReversal.Status


def plan_reversal(
    *, transfer: ProviderTransfer, amount: int, refund: Refund | None = None, at: datetime
) -> TransferReversal:
    """Plan to take a part of a transfer back, inside the caller's transaction, which has locked its release.

    It is sent once the transfer is confirmed; a `refund` waits until it has its first answer.
    From: nothing. To: planned. Money: none before the answer. Event: the caller's.
    """
    reversal = TransferReversal.objects.create(
        transfer=transfer,
        party_id=transfer.party_id,
        refund=refund,
        amount=amount,
        currency=transfer.currency,
        created_at=at,
    )
    _plan(reversal, at)
    return reversal


def drop_reversals(transfer: ProviderTransfer, at: datetime) -> None:
    """End the reversals of a locked transfer that was refused: nothing arrived that could be taken back (inner).

    From: planned. To: dropped. Money: none. Event: none. What waited for them goes on.
    """
    for reversal in TransferReversal.objects.filter(transfer=transfer, status=Status.PLANNED).order_by("pk"):
        locked = TransferReversal.objects.locked(reversal.pk)
        move = MoneyMove.objects.filter(verb=MoneyMove.Verb.REVERSAL, source=_source(locked)).latest("attempt")
        drop_move(MoneyMove.objects.locked(move.pk), at=at)
        locked.status, locked.settled_at = Status.DROPPED, at
        locked.save(update_fields=["status", "settled_at"])
        _wake_refund(locked, at)


@transaction.atomic
def settle_reversal(*, move_id: int, answer: GatewayAnswer, at: datetime) -> None:
    """Write the provider's answer to a reversal.

    From: planned. To: confirmed; denied and tried again later, while what waited for it goes on: the payee's own
    balance was cut when it was planned, so that nothing of it can be withdrawn meanwhile.
    Money: connected to gateway once confirmed. Event: payments.reversal_confirmed, payments.reversal_denied.
    """
    reversal_id = MoneyMove.objects.get(pk=move_id).intent_id
    # who asks what can leave must not see half of this
    Party.objects.locked(TransferReversal.objects.values_list("party_id", flat=True).get(pk=reversal_id))
    reversal = TransferReversal.objects.locked(reversal_id)
    move = MoneyMove.objects.locked(move_id)
    if move.is_final:
        return
    take_answer(move, answer, at=at)
    if answer.state == "waiting":
        return
    reversal.settled_at = at
    if answer.state == "confirmed":
        reversal.status, reversal.provider_id, reversal.failure_code = Status.CONFIRMED, answer.provider_id, ""
        legs = [Leg("gateway", -reversal.amount), Leg(f"connected:party:{reversal.party_id}", reversal.amount)]
        key = f"transfer_reversed:{reversal.pk}"
        post(key=key, kind="transfer_reversed", at=at, currency=reversal.currency, legs=legs)
    else:
        reversal.status, reversal.failure_code = Status.DENIED, answer.code[:60]
        reversal.is_advanced, reversal.retry_at = True, at + RETRY_AFTER
    reversal.save()
    _wake_refund(reversal, at)
    record(
        kind=f"payments.reversal_{reversal.status}",
        actor=Actor.system(),
        subject=f"reversal:{reversal.pk}",
        scope=f"party:{reversal.party_id}",
        at=at,
        party=reversal.party_id,
        amount=reversal.amount,
        currency=reversal.currency,
        code=reversal.failure_code,
    )


def retry_reversals(*, at: datetime) -> int:
    """Plan the refused reversals again that have rested, and return how many."""
    due = TransferReversal.objects.filter(status=Status.DENIED, retry_at__lte=at).order_by("pk")
    return for_each(due, lambda pk: _plan_again(pk, at))


@transaction.atomic
def _plan_again(reversal_id: int, at: datetime) -> None:
    reversal = TransferReversal.objects.locked(reversal_id)
    if reversal.status != Status.DENIED or reversal.retry_at is None or reversal.retry_at > at:
        return
    reversal.status, reversal.settled_at, reversal.retry_at = Status.PLANNED, None, None
    reversal.save(update_fields=["status", "settled_at", "retry_at"])
    _plan(reversal, at)


def _plan(reversal: TransferReversal, at: datetime) -> MoneyMove:
    account = GatewayAccount.objects.get(party_id=reversal.party_id)
    return plan_move(
        verb=MoneyMove.Verb.REVERSAL,
        source=_source(reversal),
        amount=reversal.amount,
        currency=reversal.currency,
        gateway=account.gateway,
        at=at,
    )


def _source(reversal: TransferReversal) -> str:
    return f"reversal-{reversal.pk}"


def _wake_refund(reversal: TransferReversal, at: datetime) -> None:
    """Let the refund that waited be sent in the next round instead of at the end of its lease."""
    if reversal.refund_id is None:
        return
    moves = MoneyMove.objects.filter(verb=MoneyMove.Verb.REFUND, source=f"refund-{reversal.refund_id}")
    moves.filter(status=MoneyMove.Status.PLANNED).update(next_at=at)
