"""What Stripe has: balances, and every object of a kind, for reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, cast

import stripe

from payments.gateway import ProviderBalances, ProviderRecord
from payments.gateways.stripe import disputes
from payments.gateways.stripe.client import (
    PAGE,
    Json,
    client,
    created,
    fee_of,
    id_of,
    is_out_of_reach,
    money,
    plain,
    strictly,
)
from payments.gateways.stripe.moves import PAYOUT_STATES, REFUND_STATES, TOPUP_STATES, WITH_FEE, payment_state


def balances(currency: str, *, accounts: Iterable[str]) -> ProviderBalances:
    """Return the platform's balance, each account's, and what open disputes keep back."""
    with strictly():
        own = plain(client().v1.balance.retrieve())
        theirs = {account: balance for account in accounts if (balance := _balance_of(account)) is not None}
        contested = [disputes.read(thing) for thing in _every(client().v1.disputes.list({"limit": PAGE}))]
    return ProviderBalances(
        available=_part(own, "available", currency),
        pending=_part(own, "pending", currency),
        withheld=sum(
            each.amount for each in contested if each.is_open and each.is_withheld and each.currency == currency
        ),
        accounts={
            account: _part(balance, "available", currency) + _part(balance, "pending", currency)
            for account, balance in theirs.items()
        },
    )


def _balance_of(account: str) -> Json | None:
    """Return an account's balance; None for one that its holder has taken out of the platform's reach."""
    try:
        return plain(client().v1.balance.retrieve(None, {"stripe_account": account}))
    except stripe.PermissionError as error:
        if not is_out_of_reach(error):
            raise
        return None


def _part(balance: Json, name: str, currency: str) -> int:
    return sum(part["amount"] for part in balance[name] if part["currency"] == currency.lower())


def listing(verb: str, *, since: datetime, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    """Return every object of a kind that was made since then, newest first."""
    with strictly():
        yield from _LISTS[verb]({"created": {"gte": int(since.timestamp())}, "limit": PAGE}, accounts)


def _every(pages: Any) -> Iterator[Json]:
    return (plain(each) for each in pages.auto_paging_iter())


def _record(verb: str, thing: Json, state: str, **more: Any) -> ProviderRecord:
    facts = {"account": "", "parent": "", "fee": None, **more}
    return ProviderRecord(verb=verb, state=state, created_at=created(thing), **money(thing), **facts)


def _charges(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    params["expand"] = [f"data.{name}" for name in WITH_FEE]
    for payment in _every(client().v1.payment_intents.list(cast("Any", params))):
        charge = payment.get("latest_charge")
        state, _code = payment_state(payment)
        fee = fee_of(charge) if state == "confirmed" and isinstance(charge, dict) else None
        yield _record("charge", payment, state, fee=fee)


def _refunds(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    for refund in _every(client().v1.refunds.list(cast("Any", params))):
        yield _record("refund", refund, REFUND_STATES[refund["status"]], parent=id_of(refund.get("payment_intent")))


def _transfers(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    for transfer in _every(client().v1.transfers.list(cast("Any", params))):
        yield _record("transfer", transfer, "confirmed", account=id_of(transfer.get("destination")))


def _reversals(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    """Return reversals by the entries that they made: they have no list of their own."""
    params |= {"type": "transfer_refund", "expand": ["data.source"]}
    for entry in _every(client().v1.balance_transactions.list(cast("Any", params))):
        reversal = entry["source"]
        yield _record("reversal", reversal, "confirmed", parent=id_of(reversal.get("transfer")))


def _payouts(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    for account in accounts:
        try:
            payouts = list(_every(client().v1.payouts.list(cast("Any", params), {"stripe_account": account})))
        except stripe.PermissionError as error:
            if not is_out_of_reach(error):
                raise
            continue  # its holder has taken it out of the platform's reach; `balances` leaves it out too
        for payout in payouts:
            yield _record("payout", payout, PAYOUT_STATES[payout["status"]], account=account)


def _cashouts(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    for payout in _every(client().v1.payouts.list(cast("Any", params))):
        yield _record("cashout", payout, PAYOUT_STATES[payout["status"]])


def _topups(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    for topup in _every(client().v1.topups.list(cast("Any", params))):
        yield _record("topup", topup, TOPUP_STATES[topup["status"]])


def _disputes(params: Json, accounts: Iterable[str]) -> Iterator[ProviderRecord]:
    """Return disputes, without the open ones whose sum has not left the balance yet: they have moved nothing."""
    for thing in _every(client().v1.disputes.list(cast("Any", params))):
        known = disputes.read(thing)
        if known.is_withheld or not known.is_open:
            yield _record("dispute", thing, known.status, parent=known.payment, fee=known.fee)


_LISTS: dict[str, Callable[[Json, Iterable[str]], Iterator[ProviderRecord]]] = {
    "charge": _charges,
    "refund": _refunds,
    "transfer": _transfers,
    "reversal": _reversals,
    "payout": _payouts,
    "cashout": _cashouts,
    "topup": _topups,
    "dispute": _disputes,
}
