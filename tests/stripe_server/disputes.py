"""Disputes: a payer's bank takes money back, and the platform answers; and warnings of fraud."""

from __future__ import annotations

from tests.stripe_server.errors import Json, invalid, missing
from tests.stripe_server.lists import page
from tests.stripe_server.metadata import changed_metadata
from tests.stripe_server.routes import answers
from tests.stripe_server.world import DAY, Request, World

FEE = 1500
ANSWER_WITHIN = 9 * DAY
EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip
FILES = {
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
}  # fmt: skip
ANSWERABLE = {"needs_response", "warning_needs_response"}
FINAL = {"won", "lost", "warning_closed"}


def open_dispute(world: World, charge: Json, *, reason: str, amount: int | None = None) -> Json:
    """Take a charge's money back, for the whole or for a part; an inquiry only asks."""
    taken = amount if amount is not None else charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded" or charge["disputed"] or not 0 < taken <= charge["amount"]:
        raise invalid(f"Charge {charge['id']} cannot be disputed for {taken}.", param="charge")
    is_inquiry = reason == "inquiry"
    dispute = {
        "id": world.new_id("du"), "object": "dispute", "amount": taken, "balance_transactions": [],
        "charge": charge["id"], "created": world.now(), "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": dict.fromkeys(EVIDENCE), "evidence_details": {
            "due_by": world.now() + ANSWER_WITHIN, "enhanced_eligibility": {}, "has_evidence": False,
            "past_due": False, "submission_count": 0,
        }, "is_charge_refundable": is_inquiry, "livemode": False, "metadata": {},
        "payment_intent": charge["payment_intent"], "payment_method_details": {
            "card": {"brand": "visa", "case_type": "inquiry" if is_inquiry else "chargeback",
            "network_reason_code": "83"}, "type": "card",
        }, "reason": "general" if is_inquiry else reason,
        "status": "warning_needs_response" if is_inquiry else "needs_response",
    }  # fmt: skip
    charge["disputed"] = True
    world.add(dispute)
    if is_inquiry:
        world.emit("charge.dispute.created", dispute)
        return dispute
    entry = world.post(
        "adjustment", -taken, charge["currency"], source=dispute["id"], category="dispute", fee=FEE,
        fee_of="Dispute fee", description=f"Chargeback withdrawal for {charge['id']}",
    )  # fmt: skip
    dispute["balance_transactions"].append(entry)
    world.emit("charge.dispute.created", dispute)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def win(world: World, dispute: Json) -> Json:
    """Give the money back; the fee stays."""
    check_open(dispute)
    if dispute["status"].startswith("warning"):
        return end(world, dispute, "warning_closed")
    entry = world.post(
        "adjustment", dispute["amount"], dispute["currency"], source=dispute["id"], category="dispute_reversal",
        description=f"Chargeback reversal for {dispute['charge']}",
    )  # fmt: skip
    dispute["balance_transactions"].append(entry)
    end(world, dispute, "won")
    world.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def lose(world: World, dispute: Json) -> Json:
    check_open(dispute)
    return end(world, dispute, "warning_closed" if dispute["status"].startswith("warning") else "lost")


def end(world: World, dispute: Json, status: str) -> Json:
    dispute.update(status=status, is_charge_refundable=status == "warning_closed")
    world.emit("charge.dispute.closed", dispute)
    return dispute


def check_open(dispute: Json) -> None:
    if dispute["status"] in FINAL:
        raise invalid("This dispute is already closed.", code="dispute_already_closed")


@answers("GET", "/v1/disputes/{dispute}")
def retrieve_dispute(world: World, request: Request) -> Json:
    return world.find("dispute", request.names[0])


@answers("GET", "/v1/disputes")
def list_disputes(world: World, request: Request) -> Json:
    return page(request, world.every("dispute"), "charge", "payment_intent")


@answers("POST", "/v1/disputes/{dispute}")
def update_dispute(world: World, request: Request) -> Json:
    """Keep evidence, and hand it in unless `submit` is false; Stripe's two magic texts decide at once."""
    dispute, given = world.find("dispute", request.names[0]), request.params
    evidence = given.get("evidence", {})
    if evidence and dispute["status"] not in ANSWERABLE:
        raise invalid("This dispute no longer takes evidence.", code="dispute_evidence_closed", param="evidence")
    for name in FILES & set(evidence):
        file = world.objects.get(evidence[name])
        if file is None or file["object"] != "file" or file["purpose"] != "dispute_evidence":
            raise missing("file upload", evidence[name], param=f"evidence[{name}]", is_address=False)
    dispute["metadata"] = changed_metadata(dispute["metadata"], given.get("metadata"))
    dispute["evidence"].update({name: value or None for name, value in evidence.items() if name in EVIDENCE})
    details = dispute["evidence_details"]
    details["has_evidence"] = any(dispute["evidence"].values())
    is_submitted = dispute["status"] in ANSWERABLE and given.get("submit", bool(evidence))
    if is_submitted:
        details["submission_count"] += 1
        dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
    world.emit("charge.dispute.updated", dispute)
    text = dispute["evidence"]["uncategorized_text"]
    if is_submitted and text == "winning_evidence":
        win(world, dispute)
    elif is_submitted and text == "losing_evidence":
        lose(world, dispute)
    return dispute


@answers("POST", "/v1/disputes/{dispute}/close")
def close_dispute(world: World, request: Request) -> Json:
    """Give in: the dispute is lost."""
    dispute = world.find("dispute", request.names[0])
    if dispute["status"] not in ANSWERABLE:
        raise invalid("This dispute is already closed.", code="dispute_already_closed")
    return lose(world, dispute)


def warn_of_fraud(world: World, charge: Json) -> Json:
    """Pass on that the card's bank thinks a payment fraudulent; no money moves yet."""
    warning = {
        "id": world.new_id("issfr"), "object": "radar.early_fraud_warning", "actionable": True, "charge": charge["id"],
        "created": world.now(), "fraud_type": "misc", "livemode": False, "payment_intent": charge["payment_intent"],
    }  # fmt: skip
    world.add(warning)
    world.emit("radar.early_fraud_warning.created", warning)
    return warning


@answers("GET", "/v1/radar/early_fraud_warnings/{early_fraud_warning}")
def retrieve_warning(world: World, request: Request) -> Json:
    return world.find("radar.early_fraud_warning", request.names[0])


@answers("GET", "/v1/radar/early_fraud_warnings")
def list_warnings(world: World, request: Request) -> Json:
    return page(request, world.every("radar.early_fraud_warning"), "charge", "payment_intent")
