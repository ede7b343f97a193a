import io
from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import charge_of, kinds, pay


class Upload(io.BytesIO):
    name = "evidence.pdf"


def the_dispute(client: stripe.StripeClient) -> stripe.Dispute:
    (dispute,) = client.v1.disputes.list().data
    return dispute


def test_a_dispute_takes_the_money_and_a_fee(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, 10_000, "createDispute")
    dispute = the_dispute(client)
    assert (dispute.status, dispute.reason, dispute.charge) == ("needs_response", "fraudulent", charge_of(intent))
    assert [(entry.amount, entry.fee, entry.net) for entry in dispute.balance_transactions] == [
        (-10_000, 1_500, -11_500)
    ]
    assert client.v1.charges.retrieve(charge_of(intent)).disputed is True
    sums = stripe_server.totals()
    assert (sums.disputed, sums.fees, sums.platform) == (10_000, 1_820, -1_820)
    assert kinds(stripe_server)[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("text", "status", "lost"), [("winning_evidence", "won", 0), ("losing_evidence", "lost", 10_000)]
)
def test_evidence_decides(stripe_server: StripeServer, text: str, status: str, lost: int) -> None:
    client = stripe_server.client()
    pay(client, 10_000, "createDisputeProductNotReceived")
    evidence: Any = {"evidence": {"uncategorized_text": text}, "submit": True}
    assert client.v1.disputes.update(the_dispute(client).id, evidence).status == status
    sums = stripe_server.totals()
    assert (sums.disputed, sums.fees) == (lost, 1_820)
    closing = ["charge.dispute.closed"] + (["charge.dispute.funds_reinstated"] if status == "won" else [])
    assert kinds(stripe_server)[-len(closing) :] == closing
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.update(the_dispute(client).id, evidence)


def test_evidence_is_gathered_before_it_is_handed_in(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    stripe_server.play.open_dispute(charge=pay(client).id, reason="credit_not_processed", amount=4_000)
    file = client.v1.files.create({"purpose": "dispute_evidence", "file": Upload(b"%PDF-1.7 work done")})
    assert (file.type, file.size, file.filename) == ("pdf", 18, "evidence.pdf")
    draft: Any = {"evidence": {"service_documentation": file.id, "service_date": "2026-11-02"}, "submit": False}
    found = client.v1.disputes.update(the_dispute(client).id, draft)
    assert (found.status, found.evidence_details.has_evidence) == ("needs_response", True)
    found = client.v1.disputes.update(found.id, {"submit": True})
    assert (found.status, found.evidence_details.submission_count) == ("under_review", 1)
    stripe_server.play.win_dispute(dispute=found.id)
    assert client.v1.disputes.retrieve(found.id).status == "won"
    assert stripe_server.totals().disputed == 0
    with pytest.raises(Exception, match="already closed"):
        stripe_server.play.lose_dispute(dispute=found.id)


def test_evidence_must_be_a_file_of_a_known_kind(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    pay(client, card="createDispute")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.files.create({"purpose": "dispute_evidence", "file": Upload(b"<svg/>")})
    assert refusal.value.code == "file_type_invalid"
    receipt: Any = {"evidence": {"receipt": "file_none"}}
    with pytest.raises(stripe.InvalidRequestError, match="No such file upload"):
        client.v1.disputes.update(the_dispute(client).id, receipt)
    with pytest.raises(stripe.InvalidRequestError) as purpose:
        client.v1.files.create({"purpose": "holiday", "file": Upload(b"%PDF")})
    assert purpose.value.code == "parameter_invalid_enum"


def test_a_platform_can_give_in(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    pay(client, card="createDispute")
    assert client.v1.disputes.close(the_dispute(client).id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.disputes.close(the_dispute(client).id)
    assert refusal.value.code == "dispute_already_closed"


def test_an_inquiry_takes_nothing(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="createDisputeInquiry")
    assert the_dispute(client).status == "warning_needs_response"
    assert stripe_server.totals().disputed == 0
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"
    stripe_server.play.win_dispute(dispute=the_dispute(client).id)
    assert the_dispute(client).status == "warning_closed"


def test_a_charge_is_disputed_once(stripe_server: StripeServer) -> None:
    intent = pay(stripe_server.client(), card="createDispute")
    with pytest.raises(Exception, match="cannot be disputed"):
        stripe_server.play.open_dispute(charge=intent.id)


def test_a_bank_warns_of_fraud(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="createIssuerFraudRecord")
    (warning,) = client.v1.radar.early_fraud_warnings.list({"payment_intent": intent.id}).data
    assert (warning.charge, warning.actionable) == (charge_of(intent), True)
    assert client.v1.radar.early_fraud_warnings.retrieve(warning.id).id == warning.id
    assert kinds(stripe_server)[-1] == "radar.early_fraud_warning.created"
