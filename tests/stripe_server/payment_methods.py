"""Customers, their cards and bank accounts, and the mandates for these."""

from __future__ import annotations

import hashlib

from tests.stripe_server.cards import BY_NUMBER, DEBITS, EXPIRED, Card, Debit, card_of_token
from tests.stripe_server.errors import Json, StripeRefusal, declined, invalid, missing
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World

ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


@answers("POST", "/v1/customers")
def create_customer(world: World, request: Request) -> Json:
    given = request.params
    customer = {
        "id": world.new_id("cus", 14), "object": "customer", "address": given.get("address"), "balance": 0,
        "created": world.now(), "currency": None, "default_source": None, "delinquent": False,
        "description": given.get("description"), "email": given.get("email"), "invoice_prefix": None,
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False, "metadata": new_metadata(given.get("metadata")), "name": given.get("name"),
        "phone": given.get("phone"), "preferred_locales": given.get("preferred_locales", []),
        "shipping": given.get("shipping"), "tax_exempt": given.get("tax_exempt") or "none", "test_clock": None,
    }  # fmt: skip
    if "payment_method" in given:
        method = usable_method(world, given["payment_method"], customer=None)
        check_attachable(world, method)
        method["customer"] = customer["id"]
    world.add(customer)
    world.emit("customer.created", customer)
    return customer


@answers("GET", "/v1/customers/{customer}")
def retrieve_customer(world: World, request: Request) -> Json:
    return world.find("customer", request.names[0])


@answers("POST", "/v1/customers/{customer}")
def update_customer(world: World, request: Request) -> Json:
    customer, given = world.find("customer", request.names[0]), request.params
    for name in ("address", "description", "email", "name", "phone", "preferred_locales", "shipping", "tax_exempt"):
        if name in given:
            customer[name] = given[name] or None
    customer["metadata"] = changed_metadata(customer["metadata"], given.get("metadata"))
    chosen = given.get("invoice_settings", {}).get("default_payment_method")
    if chosen is not None:
        method = world.find("payment_method", chosen, param="invoice_settings[default_payment_method]")
        if method["customer"] != customer["id"]:
            raise invalid("The customer does not have this payment method.", param="invoice_settings")
        customer["invoice_settings"]["default_payment_method"] = chosen
    world.emit("customer.updated", customer)
    return customer


@answers("GET", "/v1/customers")
def list_customers(world: World, request: Request) -> Json:
    return page(request, world.every("customer"), "email")


# Payment methods


def new_method(world: World, kind: str, details: Json, *, billing: Json | None = None, means: Card | Debit) -> Json:
    """Keep a payment method of a card or of an account."""
    given = billing or {}
    address = {**ADDRESS, **(given.get("address") or {})}
    method = {
        "id": world.new_id("pm"), "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": {"address": address, **{name: given.get(name) for name in ("email", "name", "phone")}},
        kind: details, "created": world.now(), "customer": None, "livemode": False, "metadata": {}, "type": kind,
    }  # fmt: skip
    return world.add(method, means=means, is_set_up=False, was_detached=False, mandate=None)


def new_card(
    world: World, card: Card, *, exp_month: int = 12, exp_year: int | None = None, billing: Json | None = None
) -> Json:
    """Keep a card as a payment method."""
    year = exp_year or int(world.moment()[:4]) + 3
    details = {
        "brand": card.brand, "checks": {"address_line1_check": None, "address_postal_code_check": None,
        "cvc_check": "pass"}, "country": card.country, "display_brand": card.brand, "exp_month": exp_month,
        "exp_year": year, "fingerprint": fingerprint(card.number), "funding": "credit", "generated_from": None,
        "last4": card.number[-4:], "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated", "three_d_secure_usage": {"supported": True}, "wallet": None,
    }  # fmt: skip
    return new_method(world, "card", details, billing=billing, means=card)


def new_debit(world: World, iban: str, billing: Json) -> Json:
    """Keep an account that pays by SEPA debit; the holder's name and address are asked for by law."""
    iban = iban.replace(" ", "").upper()
    for name in ("name", "email"):
        if not billing.get(name):
            raise invalid(f"Missing required param: billing_details[{name}].", code="parameter_missing", param=name)
    debit = DEBITS.get(iban)
    if debit is None:
        raise invalid("The IBAN you provided is invalid.", code="invalid_bank_account_iban", param="sepa_debit[iban]")
    details = {
        "bank_code": iban[4:12], "branch_code": "", "country": iban[:2], "fingerprint": fingerprint(iban),
        "generated_from": {"charge": None, "setup_attempt": None}, "last4": iban[-4:],
    }  # fmt: skip
    return new_method(world, "sepa_debit", details, billing=billing, means=debit)


def fingerprint(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()[:16]


def card_by_number(number: str) -> Card:
    card = BY_NUMBER.get(number.replace(" ", ""))
    if card is None:
        raise declined("Your card number is incorrect.", code="incorrect_number", decline_code=None, param="number")
    return card


@answers("POST", "/v1/payment_methods")
def create_payment_method(world: World, request: Request) -> Json:
    given = request.params
    if given.get("type") == "sepa_debit":
        return new_debit(world, given.get("sepa_debit", {}).get("iban", ""), given.get("billing_details", {}))
    if given.get("type") == "card":
        if "number" in given.get("card", {}):
            raise raw_card_data()
        raise invalid("Cards are collected by Stripe.js; see /_test/ of the local Stripe.", param="card")
    raise invalid("The local Stripe keeps cards and SEPA debit.", param="type")


def raw_card_data() -> StripeRefusal:
    message = (
        "Sending credit card numbers directly to the Stripe API is generally unsafe. To continue processing use "
        "Stripe.js, the Stripe mobile bindings, or Stripe Elements."
    )
    return declined(message, code="card_declined", decline_code=None)


@answers("GET", "/v1/payment_methods/{payment_method}")
def retrieve_payment_method(world: World, request: Request) -> Json:
    return world.find("payment_method", request.names[0])


@answers("GET", "/v1/payment_methods")
def list_payment_methods(world: World, request: Request) -> Json:
    if "customer" in request.params:
        world.find("customer", request.params["customer"], param="customer")
    return page(request, world.every("payment_method"), "customer", "type")


@answers("GET", "/v1/customers/{customer}/payment_methods")
def list_customer_methods(world: World, request: Request) -> Json:
    customer = world.find("customer", request.names[0])
    things = [thing for thing in world.every("payment_method") if thing["customer"] == customer["id"]]
    return page(request, things, "type")


@answers("GET", "/v1/customers/{customer}/payment_methods/{payment_method}")
def retrieve_customer_method(world: World, request: Request) -> Json:
    world.find("customer", request.names[0])
    method = world.find("payment_method", request.names[1])
    if method["customer"] != request.names[0]:
        raise missing("PaymentMethod", request.names[1], param="payment_method", is_address=True)
    return method


@answers("POST", "/v1/payment_methods/{payment_method}/attach")
def attach_payment_method(world: World, request: Request) -> Json:
    method = usable_method(world, request.names[0], customer=None, is_address=True)
    customer = world.find("customer", request.params.get("customer"), param="customer")
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.", param="customer")
    check_attachable(world, method)
    method["customer"] = customer["id"]
    world.emit("payment_method.attached", method)
    return method


@answers("POST", "/v1/payment_methods/{payment_method}/detach")
def detach_payment_method(world: World, request: Request) -> Json:
    method = world.find("payment_method", request.names[0])
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message)
    previous = {"customer": method["customer"]}
    method["customer"] = None
    world.private[method["id"]]["was_detached"] = True
    world.emit("payment_method.detached", method, previous=previous)
    return method


def usable_method(world: World, name: str, *, customer: str | None, is_address: bool = False) -> Json:
    """Return a payment method that may pay for this customer; a test token such as pm_card_visa makes a new one."""
    card = card_of_token(name)
    if card is not None:
        return new_card(world, card)
    method = world.find("payment_method", name, param=None if is_address else "payment_method")
    if world.private[name]["was_detached"]:
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
        )
        raise invalid(message, param="payment_method")
    if method["customer"] is not None and not is_address and method["customer"] != customer:
        message = (
            f"The PaymentMethod supplied ({name}) belongs to the Customer {method['customer']}. "
            "Please include the Customer in the `customer` parameter."
        )
        raise invalid(message, param="payment_method")
    return method


def has_expired(world: World, method: Json) -> bool:
    """Test whether a card's last month is over."""
    if method["type"] != "card":
        return False
    year, month = (int(part) for part in world.moment()[:7].split("-"))
    return (method["card"]["exp_year"], method["card"]["exp_month"]) < (year, month)


def check_attachable(world: World, method: Json) -> None:
    """Refuse a card that its bank refuses already when it is saved."""
    means = world.private[method["id"]]["means"]
    decline = EXPIRED if has_expired(world, method) else None
    if isinstance(means, Card) and means.decline and not means.may_attach and means.authentication == "never":
        decline = means.decline
    if decline is not None:
        raise declined(decline.message, code=decline.code, decline_code=decline.decline_code)


# Mandates


def new_mandate(world: World, method: Json, acceptance: Json) -> Json:
    """Keep the payer's consent to later debits."""
    reference = world.new_id("ref", 12).upper()
    details = {"reference": reference, "url": f"{world.url}/_test/mandates/{reference}"}
    mandate = {
        "id": world.new_id("mandate"), "object": "mandate", "customer_acceptance": {
            "accepted_at": acceptance.get("accepted_at", world.now()), "type": acceptance["type"],
            acceptance["type"]: acceptance.get(acceptance["type"], {}),
        }, "livemode": False, "multi_use": {}, "payment_method": method["id"],
        "payment_method_details": {method["type"]: details if method["type"] == "sepa_debit" else {},
        "type": method["type"]}, "status": "active", "type": "multi_use",
    }  # fmt: skip
    world.private[method["id"]]["mandate"] = mandate["id"]
    return world.add(mandate)


@answers("GET", "/v1/mandates/{mandate}")
def retrieve_mandate(world: World, request: Request) -> Json:
    return world.find("mandate", request.names[0])
