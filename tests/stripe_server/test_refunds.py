from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import charge_of, kinds, pay


def test_refunds_up_to_the_charge_and_no_further(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, 10_000)
    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000, "metadata": {"move_id": "3"}})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as refusal:
        client.v1.refunds.create({"charge": charge_of(intent), "amount": 6_001})
    rest = client.v1.refunds.create({"charge": charge_of(intent)})
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.v1.refunds.create({"charge": charge_of(intent)})
    assert refusal.value.param == "amount"
    assert again.value.code == "charge_already_refunded"
    assert (first.status, first.amount, rest.amount) == ("succeeded", 4_000, 6_000)
    assert client.v1.charges.retrieve(charge_of(intent)).refunded is True
    found = client.v1.refunds.list({"payment_intent": intent.id})
    assert [each.id for each in found.data] == [rest.id, first.id]
    sums = stripe_server.totals()
    assert (sums.charged, sums.refunded, sums.fees, sums.platform) == (10_000, 10_000, 320, -320)
    assert kinds(stripe_server)[-2:] == ["refund.created", "charge.refunded"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"amount": 0}, "parameter_invalid_integer"),
        ({"amount": -1}, "parameter_invalid_integer"),
        ({"reverse_transfer": True}, None),
        ({"payment_intent": "pi_other"}, "parameter_invalid"),
    ],
)
def test_what_cannot_be_refunded(stripe_server: StripeServer, given: dict[str, Any], code: str | None) -> None:
    client = stripe_server.client()
    params: Any = {"charge": charge_of(pay(client)), **given}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create(params)
    assert refusal.value.code == code
    assert stripe_server.totals().refunded == 0


def test_nothing_is_refunded_of_nothing(stripe_client: stripe.StripeClient) -> None:
    waiting = pay(stripe_client, card="authenticationRequired")
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        stripe_client.v1.refunds.create({"payment_intent": waiting.id})
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.refunds.create({})
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        stripe_client.v1.refunds.create({"charge": "ch_none"})
    assert (unknown.value.http_status, unknown.value.code) == (400, "resource_missing")


def test_a_refund_comes_back_from_a_dead_card(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 3_000})
    assert (refund.status, stripe_server.totals().refunded) == ("succeeded", 3_000)
    stripe_server.play.advance(days=1)
    found = client.v1.refunds.retrieve(refund.id)
    assert (found.status, found.failure_reason) == ("failed", "expired_or_canceled_card")
    assert found.failure_balance_transaction is not None
    assert stripe_server.totals().refunded == 0
    assert client.v1.charges.retrieve(charge_of(intent)).amount_refunded == 0
    assert kinds(stripe_server)[-2:] == ["refund.updated", "refund.failed"]
    stripe_server.play.advance(days=1)
    assert kinds(stripe_server).count("refund.failed") == 1


def test_a_refund_can_be_pending(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="pendingRefund")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    stripe_server.play.end_refund(refund=refund.id)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    with pytest.raises(Exception, match="is succeeded"):
        stripe_server.play.end_refund(refund=refund.id)


def test_a_refund_waits_for_money_where_stripe_may_not_debit(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    client.v1.balance_settings.update({"payments": {"debit_negative_balances": False}})
    intent = pay(client, 10_000, "bypassPending")
    client.v1.payouts.create({"amount": 9_000, "currency": "eur"})
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason, stripe_server.totals().refunded) == (
        "pending",
        "insufficient_funds",
        0,
    )
    topup = client.v1.topups.create({"amount": 20_000, "currency": "eur"})
    stripe_server.play.end_topup(topup=topup.id)
    stripe_server.play.end_refund(refund=refund.id)
    assert (client.v1.refunds.retrieve(refund.id).status, stripe_server.totals().refunded) == ("succeeded", 10_000)
