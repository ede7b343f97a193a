"""One money move with everything that belongs to it, for finance staff."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from events.models import Event
from events.queries import history_of
from ledger.models import Entry
from payments.models import (
    Charge,
    MoneyMove,
    OperatorCash,
    ProviderTransfer,
    Refund,
    TransferReversal,
    WebhookEvent,
    Withdrawal,
)

Intent = Charge | Refund | ProviderTransfer | TransferReversal | Withdrawal | OperatorCash
_INTENTS: dict[str, tuple[type[Intent], str, tuple[str, ...]]] = {
    MoneyMove.Verb.CHARGE: (Charge, "charge", ("charge", "provider_fee")),
    MoneyMove.Verb.CANCEL: (Charge, "charge", ()),
    MoneyMove.Verb.REFUND: (
        Refund,
        "refund",
        ("refund", "credit_back", "refund_again", "refund_paid", "refund_denied", "refund_returned"),
    ),
    MoneyMove.Verb.REVERSAL: (TransferReversal, "reversal", ("transfer_reversed",)),
    MoneyMove.Verb.TOPUP: (OperatorCash, "cash", ("cash", "cash_returned")),
    MoneyMove.Verb.CASHOUT: (OperatorCash, "cash", ("cash", "cash_denied", "cash_returned", "credit_out")),
    MoneyMove.Verb.TRANSFER: (ProviderTransfer, "transfer", ("transfer",)),
    MoneyMove.Verb.PAYOUT: (
        Withdrawal,
        "withdrawal",
        ("withdrawal", "withdrawal_paid", "withdrawal_returned", "withdrawal_cancelled"),
    ),
}


#: How the rows that moves are for name the party whose money it is.
_PARTY_PATHS: tuple[tuple[str, type[Intent], str], ...] = (
    ("charge", Charge, "party_id"),
    ("refund", Refund, "charge__party_id"),
    ("transfer", ProviderTransfer, "party_id"),
    ("payout", Withdrawal, "party_id"),
)


def sources_of(party_id: int) -> list[QuerySet[Intent, str]]:
    """Return the sources of a party's moves, a query for each kind: its charges, refunds, transfers, withdrawals."""
    return [
        model.objects.filter(**{path: party_id}).values_list(
            Concat(Value(f"{prefix}-"), Cast("pk", CharField())), flat=True
        )
        for prefix, model, path in _PARTY_PATHS
    ]


@dataclass(frozen=True, slots=True)
class MoveFile:
    """A move, the row it is for, what it wrote into the books, what the provider announced, what happened."""

    move: MoneyMove
    intent: Intent
    entries: tuple[Entry, ...]
    attempts: tuple[MoneyMove, ...]
    announced: tuple[WebhookEvent, ...]
    history: tuple[Event, ...]


def move_file(move_id: int) -> MoveFile | None:
    """Return everything about a move, for staff; None for one that does not exist."""
    move = MoneyMove.objects.filter(pk=move_id).first()
    if move is None:
        return None
    model, prefix, kinds = _INTENTS[move.verb]
    keys = [f"{kind}:{move.intent_id}" for kind in kinds]
    entries = Entry.objects.filter(transfer__key__in=keys).select_related("transfer", "account")
    announced = WebhookEvent.objects.filter(object_id=move.provider_id) if move.provider_id else ()
    return MoveFile(
        move=move,
        intent=model.objects.get(pk=move.intent_id),
        entries=tuple(entries.order_by("pk")),
        attempts=tuple(MoneyMove.objects.filter(source=move.source).exclude(pk=move.pk).order_by("pk")),
        announced=tuple(announced),
        history=tuple(history_of(f"move:{move.pk}", f"{prefix}:{move.intent_id}", limit=100)),
    )
