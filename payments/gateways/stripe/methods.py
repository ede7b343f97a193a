"""Customers and what they pay with: SetupIntents, cards, SEPA debits and their mandates."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any, cast

import stripe
from django.conf import settings

from payments.gateway import SavedMethod, Setup, SetupAnswer
from payments.gateways.stripe.client import Json, client, id_of, plain, strictly, told
from payments.gateways.stripe.codes import decline_of


def open_customer(*, key: str, party_id: int, name: str, email: str) -> str:
    """Make a party known as somebody who pays."""
    params: Json = {"name": name, "email": email, "metadata": {"party_id": str(party_id)}}
    with strictly():
        return client().v1.customers.create(cast("Any", params), {"idempotency_key": key}).id


def begin_setup(*, key: str, customer: str) -> Setup:
    """Begin to add a method that may be charged while the payer is away."""
    params: Json = {
        "allowed_payment_method_types": list(settings.STRIPE_METHODS),
        "customer": customer,
        "usage": "off_session",
    }
    with strictly():
        return _setup(plain(client().v1.setup_intents.create(cast("Any", params), {"idempotency_key": key})))


def fetch_setup(provider_id: str) -> Setup:
    """Return a method that is being added, with the secret for the payer's browser."""
    with strictly():
        return _setup(plain(client().v1.setup_intents.retrieve(provider_id)))


def _setup(setup: Json) -> Setup:
    return Setup(setup["id"], setup["client_secret"])


def finish_setup(provider_id: str) -> SetupAnswer:
    """Return what became of a method that was being added."""
    with strictly():
        intent = client().v1.setup_intents.retrieve(provider_id, {"expand": ["payment_method"]})
    setup = plain(intent)
    customer, error = id_of(setup.get("customer")), setup.get("last_setup_error")
    match setup["status"]:
        case "succeeded":
            method = saved(setup["payment_method"], mandate=id_of(setup.get("mandate")))
            return SetupAnswer("saved", customer=customer, method=method)
        case "canceled":
            return SetupAnswer("refused", customer=customer, code="canceled")
        case "requires_payment_method" if error:
            return SetupAnswer("refused", customer=customer, code=decline_of(error))
        case _:
            return SetupAnswer("waiting", customer=customer)


def fetch_method(provider_id: str) -> SavedMethod | None:
    """Return a method as it is now; None for one that belongs to nobody any more."""
    try:
        with told():
            method = plain(client().v1.payment_methods.retrieve(provider_id))
    except stripe.InvalidRequestError:
        return None
    return saved(method) if method.get("customer") else None


def forget_method(provider_id: str) -> None:
    """Detach a method; one that is detached or unknown is fine."""
    try:
        with told():
            client().v1.payment_methods.detach(provider_id)
    except stripe.InvalidRequestError:
        return


def saved(method: Json, *, mandate: str = "") -> SavedMethod:
    """Return what is kept of a method: nothing that anybody could pay with."""
    details = method[method["type"]]
    if method["type"] == "sepa_debit":
        return SavedMethod(
            provider_id=method["id"],
            kind="sepa_debit",
            brand="SEPA",
            last4=details["last4"],
            expires_on=None,
            fingerprint=details.get("fingerprint") or "",
            mandate=mandate,
        )
    year, month = details["exp_year"], details["exp_month"]
    return SavedMethod(
        provider_id=method["id"],
        kind="card",
        brand=details["brand"].replace("_", " ").title(),
        last4=details["last4"],
        expires_on=date(year, month, calendar.monthrange(year, month)[1]),
        fingerprint=details.get("fingerprint") or "",
    )
