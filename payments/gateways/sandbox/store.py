"""The sandbox's own rows: how its objects are made and change, what is announced, and what it answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation

from core.money import fee_of
from payments.gateway import DisputeStatus, GatewayAnswer, ProviderDispute, State
from payments.models import SandboxEvent, SandboxObject

FEE_BPS, FEE_FIXED, DISPUTE_FEE = 150, 25, 1500
#: How long the sandbox takes for what it does not do at once.
SOON, ACCOUNT_CHECK, BANK_TIME = timedelta(seconds=5), timedelta(seconds=2), timedelta(seconds=5)
EVIDENCE_TIME = timedelta(days=7)

KINDS = {
    "charge": "payment",
    "refund": "refund",
    "transfer": "transfer",
    "reversal": "reversal",
    "payout": "payout",
    "topup": "topup",
    "cashout": "cashout",
    "dispute": "dispute",
}
_PREFIX = {
    "account": "acct",
    "bank": "bank",
    "card": "card",
    "cashout": "co",
    "customer": "cus",
    "dispute": "dp",
    "payment": "pay",
    "payout": "po",
    "refund": "ref",
    "reversal": "trr",
    "setup": "seti",
    "topup": "tu",
    "transfer": "tr",
}
STATES: dict[str, State] = {
    "succeeded": "confirmed",
    "paid": "confirmed",
    "processing": "waiting",
    "requires_action": "waiting",
    "pending": "waiting",
    "failed": "denied",
    "canceled": "denied",
}
#: Types of events, and the kind of move (or other object) that they speak of.
LISTENED = {
    "payment_intent.succeeded": "charge",
    "payment_intent.payment_failed": "charge",
    "payment_intent.canceled": "charge",
    "refund.updated": "refund",
    "refund.failed": "refund",
    "charge.dispute.created": "dispute",
    "charge.dispute.updated": "dispute",
    "charge.dispute.closed": "dispute",
    "payout.paid": "payout",
    "payout.failed": "payout",
    "cashout.paid": "cashout",
    "cashout.failed": "cashout",
    "topup.succeeded": "topup",
    "topup.reversed": "topup",
    "account.updated": "account",
}
_FINAL = frozenset({"failed", "canceled", "won", "lost"})
#: The platform's balance by the sandbox's rows: what came in less fees, and what went out.
_PLATFORM = """
SELECT coalesce(sum(CASE kind
    WHEN 'payment' THEN (data->>'amount')::bigint - (data->>'fee')::bigint
    WHEN 'dispute' THEN CASE data->>'status' WHEN 'won' THEN 0 ELSE -(data->>'amount')::bigint END
                        - (data->>'fee')::bigint
    WHEN 'reversal' THEN (data->>'amount')::bigint
    WHEN 'topup' THEN (data->>'amount')::bigint
    ELSE -(data->>'amount')::bigint END), 0)
FROM payments_sandboxobject
WHERE data->>'currency' = %s
  AND (kind IN ('payment', 'transfer', 'reversal', 'topup') AND data->>'status' = 'succeeded'
       OR kind = 'refund' AND data->>'status' IN ('succeeded', 'pending')
       OR kind = 'cashout' AND data->>'status' IN ('paid', 'pending')
       OR kind = 'dispute' AND data->>'status' <> 'expected')
"""
_WITHHELD = """
SELECT coalesce(sum((data->>'amount')::bigint), 0) FROM payments_sandboxobject
WHERE kind = 'dispute' AND data->>'currency' = %s AND data->>'status' IN ('needs_response', 'under_review')
"""


def platform_balance(currency: str) -> int:
    """Return what the platform has at the sandbox."""
    return _sum(_PLATFORM, currency)


def withheld(currency: str) -> int:
    """Return what is kept back for open disputes."""
    return _sum(_WITHHELD, currency)


def _sum(query: str, currency: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, [currency])
        (total,) = cursor.fetchone()
    return int(total)


def fee(amount: int) -> int:
    """Return what the sandbox keeps of a payment."""
    return fee_of(amount, FEE_BPS) + FEE_FIXED


def make(kind: str, data: Mapping[str, Any], at: datetime, *, move: str = "") -> SandboxObject:
    """Make an object."""
    return SandboxObject.objects.create(
        pk=f"sbx_{_PREFIX[kind]}_{uuid.uuid4().hex}", kind=kind, move=move, data=dict(data), created_at=at
    )


def make_for(kind: str, body: Mapping[str, Any], at: datetime, **data: Any) -> SandboxObject:
    """Make the object that a move asks for."""
    fixed = {"amount": body["amount"], "currency": body["currency"]}
    return make(kind, {**fixed, **data}, at, move=str(body["metadata"]["move_id"]))


def become(thing: SandboxObject, status: str, **changes: Any) -> None:
    """Let an object take a state."""
    thing.data = {**thing.data, "status": status, **changes}
    thing.save(update_fields=["data"])


def announce(kind: str, thing: SandboxObject, due_at: datetime, *, becomes: str = "", code: str = "") -> None:
    """Announce something about an object at its time; with `becomes` that is also when it happens."""
    event_id = f"sbx_evt_{uuid.uuid4().hex}"
    body: dict[str, Any] = {"id": event_id, "type": kind, "livemode": False, "data": {"object": {"id": thing.pk}}}
    account = thing.pk if thing.kind == "account" else thing.data.get("account") if thing.kind == "payout" else None
    if account:
        body["account"] = account
    SandboxEvent.objects.create(
        pk=event_id,
        kind=kind,
        body=body,
        object=thing,
        becomes=becomes,
        code=code,
        due_at=due_at,
        happened_at=None if becomes else due_at,
    )


@transaction.atomic
def happen(event_id: str, at: datetime) -> None:
    """Let the object of an event take its new state, once."""
    event = SandboxEvent.objects.select_for_update().get(pk=event_id)
    if event.happened_at is not None:
        return
    thing = SandboxObject.objects.locked(event.object_id)
    if thing.data["status"] not in _FINAL:
        if thing.kind == "payout" and event.becomes == "failed":
            account = SandboxObject.objects.locked(thing.data["account"])
            become(account, account.data["status"], balance=account.data["balance"] + thing.data["amount"])
        if thing.kind == "refund" and event.becomes == "failed":
            payment = SandboxObject.objects.locked(thing.data["payment"])
            become(payment, payment.data["status"], refunded=payment.data["refunded"] - thing.data["amount"])
        kept = {"fee": fee(thing.data["amount"])} if thing.kind == "payment" and event.becomes == "succeeded" else {}
        become(thing, event.becomes, code=event.code, **kept)
        if thing.kind == "payment" and event.becomes == "succeeded":
            expect_dispute(thing, at)
    event.happened_at = at
    event.save(update_fields=["happened_at"])


def expect_dispute(payment: SandboxObject, at: datetime) -> None:
    """Let the payer of a card that is charged back contest the payment some seconds later."""
    card = SandboxObject.objects.get(pk=payment.data["card"])
    if card.data.get("is_disputed"):
        contest(payment, payment.data["amount"], at)


def contest(payment: SandboxObject, amount: int, at: datetime) -> SandboxObject:
    """Let a payer contest a payment, or a part of it, at their bank some seconds later."""
    data = {
        "payment": payment.pk,
        "amount": amount,
        "currency": payment.data["currency"],
        "fee": DISPUTE_FEE,
        "reason": "fraudulent",
        "status": "expected",
        "due": (at + EVIDENCE_TIME).isoformat(),
        "texts": {},
        "files": [],
    }
    dispute = make("dispute", data, at)
    announce("charge.dispute.created", dispute, at + SOON, becomes="needs_response")
    return dispute


def answer_of(thing: SandboxObject) -> GatewayAnswer:
    """Return what the sandbox says of the object of a move."""
    data = thing.data
    waits_for_payer = data["status"] == "requires_action"
    return GatewayAnswer(
        state=STATES[data["status"]],
        provider_id=thing.pk,
        code=data.get("code", ""),
        next_url=_bank_page(thing) if waits_for_payer else "",
        fee=data.get("fee") if data["status"] == "succeeded" else None,
        amount=data["amount"],
        currency=data["currency"],
        move_id=int(thing.move) if thing.move else None,
    )


def cancel_answer(payment: SandboxObject) -> GatewayAnswer:
    """Return what became of a cancel."""
    if payment.data["status"] == "canceled":
        return GatewayAnswer("confirmed")
    return GatewayAnswer("denied", code="not_cancelable")


def dispute_of(thing: SandboxObject) -> ProviderDispute:
    """Return a dispute as the sandbox shows it."""
    data = thing.data
    status: DisputeStatus = data["status"]
    return ProviderDispute(
        provider_id=thing.pk,
        payment=data["payment"],
        amount=data["amount"],
        currency=data["currency"],
        fee=data["fee"],
        reason=data["reason"],
        status=status,
        is_withheld=status != "won",
        evidence_due_at=datetime.fromisoformat(data["due"]),
        created_at=thing.created_at,
    )


def _bank_page(payment: SandboxObject) -> str:
    """Return the address where the payer takes the second step, in the site's own language: pages translate it."""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse("payments:sandbox_bank", args=[payment.pk])
