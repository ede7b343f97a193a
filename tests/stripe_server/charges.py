"""Charges: each attempt to collect money, and what it leaves in the books."""

from __future__ import annotations

from tests.stripe_server.cards import Card, Debit
from tests.stripe_server.errors import Json
from tests.stripe_server.lists import page
from tests.stripe_server.routes import answers
from tests.stripe_server.world import DAY, Request, World

SETTLES_AFTER = 2 * DAY  # when a card's money becomes available
COLLECTS_AFTER = 5 * DAY  # when a debit's collection ends


def fee_of(amount: int, kind: str) -> int:
    """Return what Stripe keeps: 2.9 % + 30 of a card payment, 35 of a debit (minor units, rounded half up)."""
    return 35 if kind == "sepa_debit" else (amount * 29 + 500) // 1000 + 30


def new_charge(world: World, intent: Json, method: Json, *, status: str, failure: Json | None = None) -> Json:
    """Keep the attempt of a PaymentIntent to collect its money."""
    failed = failure or {}
    details = {key: method[method["type"]][key] for key in ("country", "fingerprint", "last4")}
    if method["type"] == "card":
        details |= {key: method["card"][key] for key in ("brand", "exp_month", "exp_year", "funding")}
    charge = {
        "id": world.new_id("ch" if method["type"] == "card" else "py"), "object": "charge", "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0, "amount_refunded": 0, "application": None,
        "application_fee": None, "application_fee_amount": None, "balance_transaction": None,
        "billing_details": method["billing_details"], "calculated_statement_descriptor": "LOCAL STRIPE",
        "captured": status != "failed", "created": world.now(), "currency": intent["currency"],
        "customer": intent["customer"], "description": intent["description"], "disputed": False,
        "failure_balance_transaction": None, "failure_code": failed.get("code"),
        "failure_message": failed.get("message"), "fraud_details": {}, "livemode": False,
        "metadata": dict(intent["metadata"]), "on_behalf_of": None, "outcome": outcome_of(status, failed),
        "paid": status == "succeeded", "payment_intent": intent["id"], "payment_method": method["id"],
        "payment_method_details": {method["type"]: details, "type": method["type"]}, "radar_options": {},
        "receipt_email": intent["receipt_email"], "receipt_number": None, "receipt_url": None, "refunded": False,
        "review": None, "shipping": None, "source": None, "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": status, "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }  # fmt: skip
    world.add(charge)
    intent["latest_charge"] = charge["id"]
    return charge


def outcome_of(status: str, failed: Json) -> Json:
    if status != "failed":
        return {
            "advice_code": None, "network_advice_code": None, "network_decline_code": None,
            "network_status": "approved_by_network", "reason": None, "risk_level": "normal",
            "seller_message": "Payment complete.", "type": "authorized",
        }  # fmt: skip
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None,
        "network_status": "declined_by_network", "reason": failed.get("decline_code"), "risk_level": "normal",
        "seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined",
    }  # fmt: skip


def collect(world: World, charge: Json) -> None:
    """Put the money of a successful charge into the books, less Stripe's fee."""
    method = world.find("payment_method", charge["payment_method"])
    means = world.private[method["id"]]["means"]
    is_at_once = isinstance(means, Debit) or (isinstance(means, Card) and means.skips_pending)
    entry = world.post(
        "charge" if method["type"] == "card" else "payment", charge["amount"], charge["currency"],
        source=charge["id"], category="charge", fee=fee_of(charge["amount"], method["type"]),
        available_on=world.now() if is_at_once else world.now() + SETTLES_AFTER, description=charge["description"],
    )  # fmt: skip
    charge.update(
        status="succeeded", paid=True, captured=True, amount_captured=charge["amount"], balance_transaction=entry["id"]
    )
    world.emit("charge.succeeded", charge)


@answers("GET", "/v1/charges/{charge}")
def retrieve_charge(world: World, request: Request) -> Json:
    return world.find("charge", request.names[0], account=request.account)


@answers("GET", "/v1/charges")
def list_charges(world: World, request: Request) -> Json:
    things = world.every("charge", account=request.account)
    return page(request, things, "customer", "payment_intent", "transfer_group")
