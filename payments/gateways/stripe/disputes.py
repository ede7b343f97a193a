"""Disputes: read as they are, and answered with evidence once."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, cast

from payments.gateway import DisputeStatus, EvidenceFile, ProviderDispute
from payments.gateways.stripe.client import Json, client, created, id_of, moment, plain, strictly

STATUSES: dict[str, DisputeStatus] = {
    "needs_response": "needs_response",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
    "warning_needs_response": "warning",
    "warning_under_review": "warning",
    "warning_closed": "warning",
    "prevented": "warning",
    "appeal_needs_response": "lost",  # the bank has decided; the network may still turn it round
    "appeal_under_review": "lost",
}
TEXTS = {
    "product": "product_description",
    "service_date": "service_date",
    "customer_name": "customer_name",
    "customer_email": "customer_email_address",
    "refund_policy": "refund_policy_disclosure",
    "refusal": "refund_refusal_explanation",
    "other": "uncategorized_text",
}
FILES = {
    "receipt": "receipt",
    "service": "service_documentation",
    "communication": "customer_communication",
    "signature": "customer_signature",
    "other": "uncategorized_file",
}


def dispute(provider_id: str) -> ProviderDispute:
    """Return a dispute as it is now."""
    with strictly():
        return read(plain(client().v1.disputes.retrieve(provider_id)))


def read(thing: Json) -> ProviderDispute:
    """Return what a dispute of Stripe says; its entries tell what left the balance, and what it cost."""
    entries = thing.get("balance_transactions") or []
    return ProviderDispute(
        provider_id=thing["id"],
        payment=id_of(thing.get("payment_intent")),
        amount=thing["amount"],
        currency=thing["currency"].upper(),
        fee=sum(entry["fee"] for entry in entries),
        reason=thing["reason"],
        status=STATUSES[thing["status"]],
        is_withheld=sum(entry["amount"] for entry in entries) < 0,
        evidence_due_at=moment((thing.get("evidence_details") or {}).get("due_by")),
        created_at=created(thing),
    )


class _Upload(BytesIO):
    """A file as the SDK reads it."""

    def __init__(self, file: EvidenceFile) -> None:
        super().__init__(file.content)
        self.name = file.name


def submit_evidence(
    provider_id: str, *, key: str, texts: Mapping[str, str], files: Mapping[str, EvidenceFile]
) -> ProviderDispute:
    """Upload the files, then hand all of it to the bank; a dispute that is no longer waiting for it stays as it is."""
    known = dispute(provider_id)
    if known.status not in {"needs_response", "warning"}:
        return known
    evidence: Json = {TEXTS[name]: text for name, text in texts.items() if text}
    with strictly():
        for name, file in sorted(files.items()):
            params: Json = {"purpose": "dispute_evidence", "file": _Upload(file)}
            uploaded = client().v1.files.create(cast("Any", params), {"idempotency_key": f"{key}:{name}"})
            evidence[FILES[name]] = uploaded.id
        given: Json = {"evidence": evidence, "submit": True}
        return read(plain(client().v1.disputes.update(provider_id, cast("Any", given), {"idempotency_key": key})))
