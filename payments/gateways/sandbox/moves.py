"""What the sandbox does when it is asked to move money; each answers at once, and some happen later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from payments.gateway import GatewayAnswer
from payments.gateways.sandbox.store import (
    BANK_TIME,
    SOON,
    announce,
    answer_of,
    become,
    cancel_answer,
    expect_dispute,
    fee,
    make_for,
    platform_balance,
)
from payments.models import SandboxObject

Body = Mapping[str, Any]


def _denied(code: str) -> GatewayAnswer:
    return GatewayAnswer("denied", code=code)


def _charge(body: Body, at: datetime) -> GatewayAnswer:
    card = SandboxObject.objects.filter(pk=body["method"], kind="card").first()
    if card is None or card.data["status"] != "active" or not _is_theirs(card, body.get("customer", "")):
        return _denied("card_unknown")
    sums = {"card": card.pk, "refunded": 0, "transferred": 0, "fee": 0}
    match card.data["outcome"]:
        case "succeeded":
            payment = make_for("payment", body, at, status="succeeded", **{**sums, "fee": fee(body["amount"])})
            announce("payment_intent.succeeded", payment, at)
            expect_dispute(payment, at)
        case "declined":
            payment = make_for("payment", body, at, status="failed", code=card.data["code"], **sums)
        case "second_step":
            code = "second_step" if body.get("is_payer_present", True) else "authentication_required"
            payment = make_for("payment", body, at, status="requires_action", code=code, **sums)
        case "fails_later":
            payment = make_for("payment", body, at, status="processing", **sums)
            code = card.data["code"]
            announce("payment_intent.payment_failed", payment, at + SOON, becomes="failed", code=code)
        case _:
            payment = make_for("payment", body, at, status="processing", **sums)
            announce("payment_intent.succeeded", payment, at + SOON, becomes="succeeded")
    return answer_of(payment)


def _is_theirs(card: SandboxObject, customer: str) -> bool:
    """Test whether the card belongs to the customer; one of before there were customers belongs to whoever has it."""
    return not customer or card.data.get("customer", customer) == customer


def _cancel(body: Body, at: datetime) -> GatewayAnswer:
    payment = SandboxObject.objects.locked(body["payment"])
    if payment.data["status"] == "requires_action":
        become(payment, "canceled", code="canceled")
        announce("payment_intent.canceled", payment, at)
    return cancel_answer(payment)


def _refund(body: Body, at: datetime) -> GatewayAnswer:
    payment = SandboxObject.objects.locked(body["payment"])
    if payment.data["status"] != "succeeded" or payment.data["amount"] - payment.data["refunded"] < body["amount"]:
        return _denied("charge_limit")  # what was transferred of it does not count: the platform's balance pays
    contested = SandboxObject.objects.filter(kind="dispute", data__payment=payment.pk)
    if contested.exclude(data__status__in=["expected", "won"]).exists():
        return _denied("charge_disputed")
    become(payment, "succeeded", refunded=payment.data["refunded"] + body["amount"])
    card = SandboxObject.objects.get(pk=payment.data["card"])
    if card.data["refund_fails"]:
        refund = make_for("refund", body, at, status="pending", payment=payment.pk)
        announce("refund.failed", refund, at + SOON, becomes="failed", code="refund_refused")
    else:
        refund = make_for("refund", body, at, status="succeeded", payment=payment.pk)
        announce("refund.updated", refund, at)
        if card.data.get("refund_comes_back"):
            announce("refund.failed", refund, at + SOON, becomes="failed", code="refund_refused")
    return answer_of(refund)


def _transfer(body: Body, at: datetime) -> GatewayAnswer:
    """Move money to an account: that of one charge, which alone limits it, or the operator's own."""
    source = body.get("source_transaction")
    payment = SandboxObject.objects.locked(source) if source else None
    account = SandboxObject.objects.locked(body["account"])
    if payment and (payment.data["status"] != "succeeded" or _spare(payment) < body["amount"]):
        return _denied("charge_limit")
    if account.data["status"] != "enabled":
        return _denied("account_not_enabled")
    if payment:
        become(payment, "succeeded", transferred=payment.data["transferred"] + body["amount"])
    elif _own_balance(body["currency"]) < body["amount"]:
        return _denied("balance_insufficient")
    become(account, "enabled", balance=account.data["balance"] + body["amount"])
    made = {"status": "succeeded", "account": account.pk, "payment": source or "", "reversed": 0}
    return answer_of(make_for("transfer", body, at, **made))


def _reversal(body: Body, at: datetime) -> GatewayAnswer:
    """Take a transfer back, up to what is left of it and to what the account still has."""
    known = SandboxObject.objects.get(pk=body["transfer"], kind="transfer")
    source = known.data.get("payment")
    payment = SandboxObject.objects.locked(source) if source else None
    account = SandboxObject.objects.locked(known.data["account"])
    transfer = SandboxObject.objects.locked(known.pk)
    taken = transfer.data.get("reversed", 0)
    if transfer.data["amount"] - taken < body["amount"]:
        return _denied("transfer_limit")
    if account.data["balance"] < body["amount"]:
        return _denied("balance_insufficient")
    become(transfer, "succeeded", reversed=taken + body["amount"])
    become(account, account.data["status"], balance=account.data["balance"] - body["amount"])
    if payment:
        become(payment, payment.data["status"], transferred=payment.data["transferred"] - body["amount"])
    return answer_of(make_for("reversal", body, at, status="succeeded", account=account.pk, transfer=transfer.pk))


def _payout(body: Body, at: datetime) -> GatewayAnswer:
    account = SandboxObject.objects.locked(body["account"])
    bank = SandboxObject.objects.filter(pk=body["bank"], kind="bank").first()
    if bank is None or bank.data["account"] != account.pk:
        return _denied("bank_unknown")
    if account.data["status"] != "enabled":
        return _denied("account_not_enabled")
    if account.data["balance"] < body["amount"]:
        return _denied("balance_insufficient")
    become(account, "enabled", balance=account.data["balance"] - body["amount"])
    payout = make_for("payout", body, at, status="pending", account=account.pk, bank=bank.pk)
    if bank.data["fails"]:
        announce("payout.failed", payout, at + BANK_TIME, becomes="failed", code="no_account")
    else:
        announce("payout.paid", payout, at + BANK_TIME, becomes="paid")
    return answer_of(payout)


def _topup(body: Body, at: datetime) -> GatewayAnswer:
    topup = make_for("topup", body, at, status="pending")
    announce("topup.succeeded", topup, at + BANK_TIME, becomes="succeeded")
    return answer_of(topup)


def _cashout(body: Body, at: datetime) -> GatewayAnswer:
    if _own_balance(body["currency"]) < body["amount"]:
        return _denied("balance_insufficient")
    cashout = make_for("cashout", body, at, status="pending")
    announce("cashout.paid", cashout, at + BANK_TIME, becomes="paid")
    return answer_of(cashout)


def _spare(payment: SandboxObject) -> int:
    data: dict[str, int] = payment.data
    return data["amount"] - data["refunded"] - data["transferred"]


def _own_balance(currency: str) -> int:
    """Return the platform's balance, which nobody else spends until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.sandbox.balance'))")
    return platform_balance(currency)


DO: dict[str, Callable[[Body, datetime], GatewayAnswer]] = {
    "charge": _charge,
    "cancel": _cancel,
    "refund": _refund,
    "transfer": _transfer,
    "reversal": _reversal,
    "payout": _payout,
    "topup": _topup,
    "cashout": _cashout,
}
