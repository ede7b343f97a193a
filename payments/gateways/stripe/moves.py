"""Money moves at Stripe: how each is asked for, read, and found again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import stripe
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from stripe import RequestOptions

from payments.gateway import GatewayAnswer, GatewayRefused, SecondStep, State
from payments.gateways.stripe.client import (
    PAGE,
    Json,
    client,
    fee_of,
    id_of,
    is_out_of_reach,
    money,
    plain,
    strictly,
    told,
)
from payments.gateways.stripe.codes import PAYOUT_FAILURES, decline_of, refusal_of

Body = Mapping[str, Any]
#: The charge of a payment and what Stripe kept of it, in the same answer.
WITH_FEE = ["latest_charge.balance_transaction"]
#: How far the clocks of the two houses may differ when something is looked up by its time.
CLOCKS = timedelta(minutes=10)
AUTHENTICATE = "authentication_required"
PAYOUT_STATES: dict[str, State] = {
    "pending": "waiting",
    "in_transit": "waiting",
    "paid": "confirmed",
    "failed": "denied",
    "canceled": "denied",
}
REFUND_STATES: dict[str, State] = {
    "pending": "waiting",
    "requires_action": "waiting",
    "succeeded": "confirmed",
    "failed": "denied",
    "canceled": "denied",
}
TOPUP_STATES: dict[str, State] = {
    "pending": "waiting",
    "succeeded": "confirmed",
    "failed": "denied",
    "canceled": "denied",
    "reversed": "denied",
}


def send(verb: str, *, key: str, body: Body) -> GatewayAnswer:
    """Ask for a move under its key."""
    try:
        with told():
            return _SEND[verb](key, body)
    except stripe.CardError as error:
        return _declined(error)
    except stripe.PermissionError as error:
        if not is_out_of_reach(error):
            raise GatewayRefused(f"{key}: {error.code or ''} {error.request_id or ''}") from error
        return GatewayAnswer("denied", code="account_not_enabled")  # its holder has left the platform
    except stripe.InvalidRequestError as error:
        code = refusal_of(verb, error)
        if code is None:
            raise GatewayRefused(f"{key}: {error.code or ''} {error.param or ''} {error.request_id or ''}") from error
        return GatewayAnswer("denied", code=code)


def fetch(verb: str, provider_id: str, *, within: str) -> GatewayAnswer:
    """Return the present state of an object."""
    with strictly():
        if verb == "cancel":
            return _cancelled(_payment(provider_id))
        return _FETCH[verb](provider_id, within)


def find(verb: str, move_id: int, *, body: Body, since: datetime) -> GatewayAnswer | None:
    """Look through what was made since the move was sent; lists are complete at once, the search of Stripe is not."""
    first = int((since - CLOCKS).timestamp())
    with strictly():
        for thing in _FIND[verb](body, first):
            if thing.get("metadata", {}).get("move_id") == str(move_id):
                return _payment_answer(thing) if verb == "charge" else _READ[verb](thing)
    return None


def second_step(provider_id: str) -> SecondStep:
    """Return the secret that the payer's browser confirms the payment with."""
    with strictly():
        payment = _payment(provider_id)
    error = payment.get("last_payment_error") or {}
    return SecondStep(
        client_secret=payment["client_secret"],
        method=id_of(payment.get("payment_method")) or id_of(error.get("payment_method")),
        is_declined=payment["status"] == "requires_payment_method",
    )


def payment_state(payment: Json) -> tuple[State, str]:
    """Return how a payment stands, and why."""
    error = payment.get("last_payment_error")
    match payment["status"]:
        case "succeeded":
            return "confirmed", ""
        case "processing":
            return "waiting", "collecting"
        case "requires_action" | "requires_confirmation":
            return "waiting", "second_step"
        case "canceled":
            is_declined = error and error.get("code") != AUTHENTICATE
            return "denied", decline_of(error) if is_declined else "canceled"
        case _ if error and AUTHENTICATE in {error.get("code"), error.get("decline_code")}:
            return "waiting", AUTHENTICATE
        case _:
            return "denied", decline_of(error)


# Charges


def _charge(key: str, body: Body) -> GatewayAnswer:
    params: Json = {
        **_sum(body),
        "allowed_payment_method_types": [body.get("method_kind", "card")],
        "capture_method": "automatic",
        "confirm": True,
        "customer": body["customer"],
        "expand": WITH_FEE,
        "payment_method": body["method"],
        "transfer_group": body["transfer_group"],
    }
    if not body["is_payer_present"]:
        params["off_session"] = True
    if body.get("mandate"):
        params["mandate"] = body["mandate"]
    return _payment_answer(plain(client().v1.payment_intents.create(cast("Any", params), _once(key))))


def _declined(error: stripe.CardError) -> GatewayAnswer:
    """Read a payment that was declined as it is now: the error may be a stored one, of some time ago."""
    said = cast("Json", error.json_body or {}).get("error", {})
    known = id_of(said.get("payment_intent"))
    if not known:
        return GatewayAnswer("denied", code=decline_of(said))
    with strictly():
        return _payment_answer(_payment(known))


def _payment(provider_id: str) -> Json:
    return plain(client().v1.payment_intents.retrieve(provider_id, {"expand": WITH_FEE}))


def _payment_answer(payment: Json) -> GatewayAnswer:
    """Say how a payment stands; one that was declined is closed first, so that nobody can pay it after all."""
    state, code = payment_state(payment)
    if state == "denied" and payment["status"] != "canceled":
        payment = _closed(payment)
        state, code = payment_state(payment)
    charge = payment.get("latest_charge")
    waits_for_payer = state == "waiting" and payment["status"] != "processing"
    return GatewayAnswer(
        state=state,
        code=code,
        next_url=_confirm_page(payment["id"]) if waits_for_payer else "",
        fee=fee_of(charge) if state == "confirmed" and isinstance(charge, dict) else None,
        **money(payment),
    )


def _closed(payment: Json) -> Json:
    """Cancel a declined payment; where its payer was quicker, return what it has become."""
    try:
        with told():
            key = f"{environment()}:close:{payment['id']}"
            return plain(client().v1.payment_intents.cancel(payment["id"], {"expand": WITH_FEE}, _once(key)))
    except stripe.InvalidRequestError:
        fresh = _payment(payment["id"])
        if payment_state(fresh)[0] == "denied" and fresh["status"] != "canceled":
            raise
        return fresh


def _confirm_page(payment_id: str) -> str:
    """Return the address where the payer takes the second step, in the site's own language: pages translate it."""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse("payments:second_step", args=[payment_id])


def environment() -> str:
    """Return the part of the provider's world that the key of the settings opens."""
    return "live" if is_live() else "test"


def is_live() -> bool:
    """Test whether the key moves real money."""
    return str(settings.STRIPE_SECRET_KEY).startswith(("sk_live_", "rk_live_"))


def _cancel(key: str, body: Body) -> GatewayAnswer:
    try:
        return _cancelled(plain(client().v1.payment_intents.cancel(body["payment"], None, _once(key))))
    except stripe.InvalidRequestError as error:
        if refusal_of("cancel", error) is None:
            raise
        return _cancelled(_payment(body["payment"]))  # it may be cancelled already


def _cancelled(payment: Json) -> GatewayAnswer:
    if payment["status"] == "canceled":
        return GatewayAnswer("confirmed")
    return GatewayAnswer("denied", code="not_cancelable")


# What goes back, on, and out


def _refund(key: str, body: Body) -> GatewayAnswer:
    params: Json = {**_sum(body), "payment_intent": body["payment"]}
    params.pop("currency")  # that of the payment
    return _read_refund(plain(client().v1.refunds.create(cast("Any", params), _once(key))))


def _read_refund(refund: Json) -> GatewayAnswer:
    state = REFUND_STATES[refund["status"]]
    return GatewayAnswer(state, code="refund_refused" if state == "denied" else "", **money(refund))


def _transfer(key: str, body: Body) -> GatewayAnswer:
    params: Json = {**_sum(body), "destination": body["account"], "transfer_group": body["transfer_group"]}
    if body.get("source_transaction"):
        payment = _payment(body["source_transaction"])
        if payment["status"] != "succeeded":
            return GatewayAnswer("denied", code="charge_limit")
        params["source_transaction"] = id_of(payment["latest_charge"])
    return _read_transfer(plain(client().v1.transfers.create(cast("Any", params), _once(key))))


def _read_transfer(transfer: Json) -> GatewayAnswer:
    return GatewayAnswer("confirmed", **money(transfer))


def _reversal(key: str, body: Body) -> GatewayAnswer:
    params: Json = _sum(body)
    params.pop("currency")  # that of the transfer
    made = client().v1.transfers.reversals.create(body["transfer"], cast("Any", params), _once(key))
    return _read_transfer(plain(made))


def _payout(key: str, body: Body) -> GatewayAnswer:
    params: Json = {**_sum(body), "destination": body["bank"]}
    made = client().v1.payouts.create(cast("Any", params), _once(key, account=body["account"]))
    return read_payout(plain(made))


def read_payout(payout: Json) -> GatewayAnswer:
    """Return how a payout stands."""
    state = PAYOUT_STATES[payout["status"]]
    code = PAYOUT_FAILURES.get(payout.get("failure_code") or "", "bank_refused") if state == "denied" else ""
    if payout["status"] == "canceled":
        code = "canceled"
    return GatewayAnswer(state, code=code, **money(payout))


def _topup(key: str, body: Body) -> GatewayAnswer:
    return _read_topup(plain(client().v1.topups.create(cast("Any", _sum(body)), _once(key))))


def _read_topup(topup: Json) -> GatewayAnswer:
    state = TOPUP_STATES[topup["status"]]
    return GatewayAnswer(state, code="debit_failed" if state == "denied" else "", **money(topup))


def _cashout(key: str, body: Body) -> GatewayAnswer:
    return read_payout(plain(client().v1.payouts.create(cast("Any", _sum(body)), _once(key))))


def _sum(body: Body) -> Json:
    """Return what every call says: how much, in Stripe's spelling, and for which move."""
    metadata = {name: str(value) for name, value in body["metadata"].items()}
    return {"amount": body["amount"], "currency": body["currency"].lower(), "metadata": metadata}


def _once(key: str, *, account: str = "") -> RequestOptions:
    options: RequestOptions = {"idempotency_key": key}
    if account:
        options["stripe_account"] = account
    return options


def _on(account: str) -> RequestOptions:
    return {"stripe_account": account}


# Looking at what there is


def _every(pages: Any) -> Iterable[Json]:
    return (plain(each) for each in pages.auto_paging_iter())


def _find_charge(body: Body, first: int) -> Iterable[Json]:
    params: Json = {"created": {"gte": first}, "customer": body["customer"], "limit": PAGE}
    params["expand"] = [f"data.{name}" for name in WITH_FEE]
    return _every(client().v1.payment_intents.list(cast("Any", params)))


def _find_refund(body: Body, first: int) -> Iterable[Json]:
    return _every(client().v1.refunds.list({"payment_intent": body["payment"], "limit": PAGE}))


def _find_transfer(body: Body, first: int) -> Iterable[Json]:
    params: Json = {"transfer_group": body["transfer_group"], "destination": body["account"], "limit": PAGE}
    return _every(client().v1.transfers.list(cast("Any", params)))


def _find_reversal(body: Body, first: int) -> Iterable[Json]:
    return _every(client().v1.transfers.reversals.list(body["transfer"], {"limit": PAGE}))


def _find_payout(body: Body, first: int) -> Iterable[Json]:
    return _every(client().v1.payouts.list({"created": {"gte": first}, "limit": PAGE}, _on(body["account"])))


def _find_topup(body: Body, first: int) -> Iterable[Json]:
    return _every(client().v1.topups.list({"created": {"gte": first}, "limit": PAGE}))


def _find_cashout(body: Body, first: int) -> Iterable[Json]:
    return _every(client().v1.payouts.list({"created": {"gte": first}, "limit": PAGE}))


def _fetch_reversal(provider_id: str, within: str) -> GatewayAnswer:
    return _read_transfer(plain(client().v1.transfers.reversals.retrieve(within, provider_id)))


_SEND: dict[str, Callable[[str, Body], GatewayAnswer]] = {
    "charge": _charge,
    "cancel": _cancel,
    "refund": _refund,
    "transfer": _transfer,
    "reversal": _reversal,
    "payout": _payout,
    "topup": _topup,
    "cashout": _cashout,
}
_FETCH: dict[str, Callable[[str, str], GatewayAnswer]] = {
    "charge": lambda pk, _within: _payment_answer(_payment(pk)),
    "refund": lambda pk, _within: _read_refund(plain(client().v1.refunds.retrieve(pk))),
    "transfer": lambda pk, _within: _read_transfer(plain(client().v1.transfers.retrieve(pk))),
    "reversal": _fetch_reversal,
    "payout": lambda pk, within: read_payout(plain(client().v1.payouts.retrieve(pk, None, _on(within)))),
    "topup": lambda pk, _within: _read_topup(plain(client().v1.topups.retrieve(pk))),
    "cashout": lambda pk, _within: read_payout(plain(client().v1.payouts.retrieve(pk))),
}
_FIND: dict[str, Callable[[Body, int], Iterable[Json]]] = {
    "charge": _find_charge,
    "refund": _find_refund,
    "transfer": _find_transfer,
    "reversal": _find_reversal,
    "payout": _find_payout,
    "topup": _find_topup,
    "cashout": _find_cashout,
}
_READ: dict[str, Callable[[Json], GatewayAnswer]] = {
    "refund": _read_refund,
    "transfer": _read_transfer,
    "reversal": _read_transfer,
    "payout": read_payout,
    "topup": _read_topup,
    "cashout": read_payout,
}
