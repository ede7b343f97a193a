from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import charge_of, intent_in, kinds, pay
from tests.stripe_server.charges import fee_of


def test_a_card_pays_at_once_less_the_fee(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(
        client, 105_000, transfer_group="contract:1", metadata={"move_id": "7"},
        expand=["latest_charge.balance_transaction"],
    )  # fmt: skip
    assert isinstance(intent.latest_charge, stripe.Charge)
    entry = intent.latest_charge.balance_transaction
    assert isinstance(entry, stripe.BalanceTransaction)
    assert (intent.status, intent.amount_received) == ("succeeded", 105_000)
    assert (intent.latest_charge.transfer_group, intent.latest_charge.metadata.to_dict()) == (
        "contract:1",
        {"move_id": "7"},
    )
    assert (entry.amount, entry.fee, entry.net, entry.status) == (105_000, 3_075, 101_925, "pending")
    assert kinds(stripe_server) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    stripe_server.play.advance(days=2)
    assert client.v1.balance_transactions.retrieve(entry.id).status == "available"
    balance = client.v1.balance.retrieve()
    assert [(part.amount, part.currency) for part in balance.available] == [(101_925, "eur")]
    assert kinds(stripe_server)[-1] == "balance.available"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("chargeDeclined", "card_declined", "generic_decline"),
        ("visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
def test_a_card_that_is_declined_moves_nothing(
    stripe_server: StripeServer, card: str, code: str, decline_code: str
) -> None:
    client = stripe_server.client()
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, card=card)
    error = refusal.value.error
    assert error is not None
    assert (refusal.value.http_status, refusal.value.code, error.decline_code) == (402, code, decline_code)
    intent = client.v1.payment_intents.retrieve(intent_in(refusal.value).id)
    assert intent.last_payment_error is not None
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", decline_code)
    assert client.v1.charges.retrieve(charge_of(intent)).failure_code == code
    assert stripe_server.totals().charged == 0
    assert kinds(stripe_server) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_another_card_pays_for_the_same_intent(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, card="chargeDeclined")
    assert refusal.value.error is not None
    params: Any = {"payment_method": "pm_card_visa"}
    assert client.v1.payment_intents.confirm(intent_in(refusal.value).id, params).status == "succeeded"
    assert stripe_server.totals().charged == 10_000


@pytest.mark.parametrize(("succeeds", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_the_bank_asks_for_the_payer(stripe_server: StripeServer, status: str, *, succeeds: bool) -> None:
    client = stripe_server.client()
    intent = pay(client, card="threeDSecure2Required", return_url="https://example.com/back")
    assert intent.next_action is not None
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert stripe_server.totals().charged == 0
    stripe_server.play.authenticate(intent=intent.id, succeeds=succeeds)
    assert client.v1.payment_intents.retrieve(intent.id).status == status
    assert stripe_server.totals().charged == (10_000 if succeeds else 0)


def test_without_a_return_url_stripe_js_shows_the_step(stripe_client: stripe.StripeClient) -> None:
    intent = pay(stripe_client, card="authenticationRequired")
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"


def test_a_payer_who_is_away_cannot_authenticate(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    customer = client.v1.customers.create({})
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, card="authenticationRequired", off_session=True, customer=customer.id)
    error = refusal.value.error
    assert error is not None
    assert (refusal.value.code, error.decline_code) == ("authentication_required", "authentication_required")
    intent = client.v1.payment_intents.retrieve(intent_in(refusal.value).id)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.payment_method is not None
    assert intent.status == "requires_payment_method"
    again = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": intent.last_payment_error.payment_method.id}
    )
    assert again.status == "requires_action"
    stripe_server.play.authenticate(intent=intent.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_authentication_can_be_followed_by_a_decline(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="authenticationRequiredChargeDeclinedInsufficientFunds")
    stripe_server.play.authenticate(intent=intent.id)
    found = client.v1.payment_intents.retrieve(intent.id)
    assert found.last_payment_error is not None
    assert found.last_payment_error.decline_code == "insufficient_funds"


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"currency": "xxx"}, None, "currency"),
        ({"currency": "kwd", "amount": 1005}, None, "amount"),
        ({"confirm": False, "off_session": True}, None, "off_session"),
        ({"customer": "cus_none"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"allowed_payment_method_types": ["sepa_debit"]}, None, "payment_method"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
        ({"expand": ["latest_charge.nothing"]}, None, "expand"),
    ],
)
def test_what_stripe_does_not_take(
    stripe_server: StripeServer, changes: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay(stripe_server.client(), **changes)
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (400, code, param)
    assert stripe_server.totals().charged == (10_000 if param == "expand" else 0)


def test_dynamic_methods_need_a_way_back(stripe_client: stripe.StripeClient) -> None:
    dynamic: Any = {"allowed_payment_method_types": [], "automatic_payment_methods": {"enabled": True}}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        pay(stripe_client, **dynamic)
    assert pay(stripe_client, **dynamic, return_url="https://example.com/back").status == "succeeded"
    dynamic["automatic_payment_methods"]["allow_redirects"] = "never"
    assert pay(stripe_client, **dynamic).status == "succeeded"


def test_only_an_open_intent_can_be_cancelled_or_confirmed(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    paid, waiting = pay(client), pay(client, card="authenticationRequired")
    for verb in (client.v1.payment_intents.cancel, client.v1.payment_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            verb(paid.id)
        assert refusal.value.code == "payment_intent_unexpected_state"
        assert refusal.value.error is not None
        assert intent_in(refusal.value).id == paid.id
    cancelled = client.v1.payment_intents.cancel(waiting.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.confirm(waiting.id, {"payment_method": "pm_card_visa"})
    assert kinds(stripe_server)[-1] == "payment_intent.canceled"


def test_lists_by_time_and_page(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    ids = []
    for _ in range(5):
        ids.append(pay(client).id)
        stripe_server.play.advance(hours=1)
    page = client.v1.payment_intents.list({"limit": 2})
    assert ([each.id for each in page.data], page.has_more) == ([ids[4], ids[3]], True)
    assert [each.id for each in page.auto_paging_iter()] == ids[::-1]
    middle = client.v1.payment_intents.retrieve(ids[2]).created
    found = client.v1.payment_intents.list({"created": {"gte": middle, "lt": middle + 3000}})
    assert [each.id for each in found.data] == [ids[2]]
    before = client.v1.payment_intents.list({"ending_before": ids[2], "limit": 1})
    assert [each.id for each in before.data] == [ids[3]]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.list({"limit": 101})


def test_lists_charges_by_group_and_intent(stripe_client: stripe.StripeClient) -> None:
    one, other = pay(stripe_client, transfer_group="contract:1"), pay(stripe_client, transfer_group="contract:2")
    by_group = stripe_client.v1.charges.list({"transfer_group": "contract:1"})
    by_intent = stripe_client.v1.charges.list({"payment_intent": other.id})
    assert [each.payment_intent for each in by_group.data] == [one.id]
    assert [each.id for each in by_intent.data] == [charge_of(other)]


def test_fees_are_rounded_half_up() -> None:
    assert [fee_of(amount, "card") for amount in (100, 500, 1000, 105_000)] == [33, 45, 59, 3_075]
    assert fee_of(100_000, "sepa_debit") == 35
