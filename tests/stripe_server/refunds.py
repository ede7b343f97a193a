"""Refunds: money back to the payer, at most what was charged."""

from __future__ import annotations

from tests.stripe_server.cards import Card
from tests.stripe_server.errors import Json, invalid
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata, new_metadata
from tests.stripe_server.payouts import settings_of
from tests.stripe_server.routes import answers
from tests.stripe_server.world import Request, World


def charge_of(world: World, given: Json) -> Json:
    """Return the charge that a refund names, itself or through its PaymentIntent."""
    if ("charge" in given) == ("payment_intent" in given):
        code = "parameter_missing" if "charge" not in given else "parameter_invalid"
        raise invalid("Provide exactly one of `charge` and `payment_intent`.", code=code, param="charge")
    if "charge" in given:
        return world.find("charge", given["charge"], param="charge")
    intent = world.find("payment_intent", given["payment_intent"], param="payment_intent")
    charge = world.objects.get(intent["latest_charge"] or "")
    if charge is None or charge["status"] == "failed":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise invalid(message, param="payment_intent")
    return charge


def amount_of(charge: Json, given: Json) -> int:
    """Return how much is refunded: what is asked for, or all that is left."""
    if charge["status"] != "succeeded":
        message = f"Charge {charge['id']} is {charge['status']} and cannot be refunded."
        raise invalid(message, code="charge_not_refundable")
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount: int = given.get("amount", left)
    if amount < 1:
        code = "parameter_invalid_integer"
        raise invalid("This value must be greater than or equal to 1.", code=code, param="amount")
    if amount > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    return amount


@answers("POST", "/v1/refunds")
def create_refund(world: World, request: Request) -> Json:
    given = request.params
    charge = charge_of(world, given)
    for name in ("reverse_transfer", "refund_application_fee", "origin", "currency", "customer"):
        if given.get(name):
            raise invalid(f"`{name}` does not apply to a separate charge on the platform.", param=name)
    disputes = [each for each in world.every("dispute") if each["charge"] == charge["id"]]
    if any(not dispute["is_charge_refundable"] for dispute in disputes):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    amount = amount_of(charge, given)
    refund = {
        "id": world.new_id("re" if charge["id"].startswith("ch") else "pyr"), "object": "refund", "amount": amount,
        "balance_transaction": None, "charge": charge["id"], "created": world.now(), "currency": charge["currency"],
        "destination_details": {"type": charge["payment_method_details"]["type"]},
        "metadata": new_metadata(given.get("metadata")), "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"], "reason": given.get("reason"), "receipt_number": None,
        "source_transfer_reversal": None, "status": "pending", "transfer_reversal": None,
    }  # fmt: skip
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.add(refund)
    means = world.private[charge["payment_method"]]["means"]
    if not take_money(world, refund):
        refund["pending_reason"] = "insufficient_funds"
    elif isinstance(means, Card) and means.refund != "pends":
        refund["status"] = "succeeded"
    else:
        refund["pending_reason"] = "processing"
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    return refund


def take_money(world: World, refund: Json) -> bool:
    """Take a refund out of the books; Stripe's fee of the charge is not given back.

    The balance may fall below nothing where Stripe may debit the platform's bank account; else the refund waits.
    """
    currency = refund["currency"]
    is_covered = world.available(None, currency) + world.pending(None, currency) >= refund["amount"]
    if not is_covered and not settings_of(world, None)["payments"]["debit_negative_balances"]:
        return False
    kind = "refund" if refund["id"].startswith("re") else "payment_refund"
    entry = world.post(kind, -refund["amount"], currency, source=refund["id"], category="refund")
    refund["balance_transaction"] = entry["id"]
    return True


def end_refund(world: World, refund: Json, *, failure: str | None) -> Json:
    """Let a refund arrive, or come back from the payer's bank, even after it had succeeded."""
    if refund["status"] in {"failed", "canceled"} or (failure is None and refund["status"] == "succeeded"):
        raise invalid(f"Refund {refund['id']} is {refund['status']}.")
    if refund["balance_transaction"] is None and not take_money(world, refund):
        return refund
    refund.pop("pending_reason", None)
    if failure is None:
        refund["status"] = "succeeded"
        world.emit("refund.updated", refund)
        return refund
    kind = "refund_failure" if refund["id"].startswith("re") else "payment_failure_refund"
    entry = world.post(kind, refund["amount"], refund["currency"], source=refund["id"], category="refund_failure")
    refund.update(status="failed", failure_reason=failure, failure_balance_transaction=entry["id"])
    charge = world.find("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.emit("refund.updated", refund)
    world.emit("refund.failed", refund)
    return refund


@answers("GET", "/v1/refunds/{refund}")
def retrieve_refund(world: World, request: Request) -> Json:
    return world.find("refund", request.names[0])


@answers("POST", "/v1/refunds/{refund}")
def update_refund(world: World, request: Request) -> Json:
    refund = world.find("refund", request.names[0])
    refund["metadata"] = changed_metadata(refund["metadata"], request.params.get("metadata"))
    world.emit("refund.updated", refund)
    return refund


@answers("GET", "/v1/refunds")
def list_refunds(world: World, request: Request) -> Json:
    return page(request, world.every("refund"), "charge", "payment_intent")
