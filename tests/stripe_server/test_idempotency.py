import threading
from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import earn, intent_in, pay, payee, recipient

KEY: Any = {"idempotency_key": "test:charge:1:1"}
PAYMENT: Any = {
    "amount": 5000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True,
    "allowed_payment_method_types": ["card"],
}  # fmt: skip
OTHER_PAYMENT: Any = {**PAYMENT, "amount": 5001}


def test_one_key_pays_once(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    first = client.v1.payment_intents.create(PAYMENT, KEY)
    second = client.v1.payment_intents.create(PAYMENT, KEY)
    assert first.id == second.id
    assert first.last_response is not None
    assert second.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert stripe_server.totals().charged == 5000
    assert [call.is_replay for call in stripe_server.calls.of("POST", "/v1/payment_intents")] == [False, True]


def test_a_key_with_another_body_is_refused(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    client.v1.payment_intents.create(PAYMENT, KEY)
    with pytest.raises(stripe.IdempotencyError) as refusal:
        client.v1.payment_intents.create(OTHER_PAYMENT, KEY)
    assert refusal.value.http_status == 400
    assert stripe_server.totals().charged == 5000
    with pytest.raises(AssertionError, match="test:charge:1:1"):
        stripe_server.calls.assert_one_body_per_key()


def test_a_key_with_another_address_is_refused(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    client.v1.customers.create({"email": "a@example.com"}, KEY)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.topups.create({"amount": 100, "currency": "eur"}, KEY)


def test_a_decline_is_remembered(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    declined: Any = {**PAYMENT, "payment_method": "pm_card_chargeDeclined"}
    ids = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            client.v1.payment_intents.create(declined, KEY)
        ids.append(intent_in(refusal.value).id)
    assert ids[0] == ids[1]
    assert len(stripe_server.world.every("payment_intent")) == 1


def test_the_answer_is_the_one_of_then(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = client.v1.payment_intents.create(PAYMENT, KEY)
    client.v1.payment_intents.update(intent.id, {"metadata": {"a": "b"}})
    assert client.v1.payment_intents.retrieve(intent.id).metadata.to_dict() == {"a": "b"}
    assert client.v1.payment_intents.create(PAYMENT, KEY).metadata.to_dict() == {}


def test_a_key_in_use_is_refused(stripe_server: StripeServer) -> None:
    stripe_server.faults.add("slow", path="/v1/payment_intents", seconds=0.6)
    results: list[str] = []
    begun = threading.Event()

    def call() -> None:
        begun.set()
        results.append(stripe_server.client().v1.payment_intents.create(PAYMENT, KEY).status)

    thread = threading.Thread(target=call)
    thread.start()
    begun.wait()
    while not stripe_server.world.every("payment_intent"):
        begun.wait(0.01)
    with pytest.raises(stripe.APIError) as refusal:
        stripe_server.client().v1.payment_intents.create(PAYMENT, KEY)
    thread.join()
    assert refusal.value.http_status == 409
    assert results == ["succeeded"]
    assert stripe_server.totals().charged == 5000


def test_a_key_is_forgotten_after_a_day(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    first = client.v1.payment_intents.create(PAYMENT, KEY)
    stripe_server.play.advance(hours=23)
    assert client.v1.payment_intents.create(PAYMENT, KEY).id == first.id
    stripe_server.play.advance(hours=2)
    assert client.v1.payment_intents.create(PAYMENT, KEY).id != first.id


def test_keys_of_two_accounts_are_apart(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    accounts = [recipient(client), recipient(client)]
    settings: Any = {"payments": {"payouts": {"schedule": {"interval": "manual"}}}}
    for account in accounts:
        options: Any = {"stripe_account": account, **KEY}
        client.v1.balance_settings.update(settings, options)
    assert [call.is_replay for call in stripe_server.calls.of("POST", "/v1/balance_settings")] == [False, False]


def test_keys_are_at_most_255_long(stripe_client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.IdempotencyError):
        stripe_client.v1.customers.create({}, {"idempotency_key": "k" * 256})
    assert stripe_client.v1.customers.create({}, {"idempotency_key": "k" * 255}).object == "customer"


def test_writes_without_a_key_of_their_own_are_seen(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    client.v1.customers.create({}, {"idempotency_key": "test:customer:1:1"})
    stripe_server.calls.assert_every_write_has_own_key()
    pay(client)
    with pytest.raises(AssertionError, match="POST /v1/payment_intents"):
        stripe_server.calls.assert_every_write_has_own_key()


def test_v2_tries_a_refused_call_again(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = earn(stripe_server, account)
    with pytest.raises(stripe.InvalidRequestError):
        client.v2.core.accounts.close(account, {}, KEY)
    client.v1.transfers.reversals.create(transfer.id)
    assert client.v2.core.accounts.close(account, {}, KEY).closed is True
