from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import recipient
from tests.stripe_server.faults import KINDS, Kind

KEY: Any = {"idempotency_key": "test:charge:1:1"}
PAYMENT: Any = {
    "amount": 5000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True,
    "allowed_payment_method_types": ["card"],
}  # fmt: skip

#: What the first call raises, what it left behind, and how the second call with the same key ends.
EXPECTED: dict[Kind, tuple[type[stripe.StripeError] | None, int, int]] = {
    "rate_limited": (stripe.RateLimitError, 0, 200),
    "dropped_before": (stripe.APIConnectionError, 0, 200),
    "dropped_after": (stripe.APIConnectionError, 5000, 200),
    "error_before": (stripe.APIError, 0, 200),
    "error_before_kept": (stripe.APIError, 0, 500),
    "error_after": (stripe.APIError, 5000, 500),
    "slow": (None, 5000, 200),
}


def test_every_kind_is_tried() -> None:
    assert set(EXPECTED) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_does_what_it_says(stripe_server: StripeServer, kind: Kind) -> None:
    client = stripe_server.client()
    error, left, status = EXPECTED[kind]
    fault = stripe_server.faults.add(kind, path="/v1/payment_intents", seconds=0.05)
    if error is None:
        assert client.v1.payment_intents.create(PAYMENT, KEY).status == "succeeded"
    else:
        with pytest.raises(error) as failure:
            client.v1.payment_intents.create(PAYMENT, KEY)
        assert type(failure.value) is error
    assert fault.hits == 1
    assert stripe_server.totals().charged == left
    if status == 200:
        assert client.v1.payment_intents.create(PAYMENT, KEY).status == "succeeded"
    else:
        with pytest.raises(stripe.APIError) as again:
            client.v1.payment_intents.create(PAYMENT, KEY)
        assert again.value.http_status == 500
        assert again.value.headers is not None
        assert again.value.headers["Idempotent-Replayed"] == "true"
    assert stripe_server.totals().charged == (5000 if kind != "error_before_kept" else 0)
    assert [call.fault for call in stripe_server.calls.all()] == [kind, None]


@pytest.mark.parametrize("kind", ["error_after", "dropped_after"])
def test_v2_gives_the_success_under_the_same_key(stripe_server: StripeServer, kind: Kind) -> None:
    client = stripe_server.client()
    stripe_server.faults.add(kind, path="/v2/core/accounts")
    params: Any = {"contact_email": "bob@example.com"}
    with pytest.raises(stripe.StripeError):
        client.v2.core.accounts.create(params, KEY)
    account = client.v2.core.accounts.create(params, KEY)
    assert [each["id"] for each in stripe_server.world.every("account")] == [account.id]


def test_a_fault_waits_for_its_call(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    fault = stripe_server.faults.add("error_before", "GET", "/v1/balance*", nth=2, times=2)
    statuses = []
    for _ in range(4):
        try:
            client.v1.balance.retrieve()
            statuses.append(200)
        except stripe.APIError as failure:
            statuses.append(failure.http_status or 0)
    client.v1.customers.create({})
    assert statuses == [200, 500, 500, 200]
    assert (fault.seen, fault.hits) == (4, 2)


def test_cleared_faults_are_gone(stripe_server: StripeServer) -> None:
    stripe_server.faults.add("rate_limited", times=9)
    stripe_server.faults.clear()
    assert recipient(stripe_server.client()).startswith("acct_")


def test_unknown_faults_are_refused(stripe_server: StripeServer) -> None:
    unknown: Any = "flood"
    with pytest.raises(ValueError, match="flood"):
        stripe_server.faults.add(unknown)


def test_the_sdk_gets_over_a_lost_answer_by_itself(stripe_server: StripeServer) -> None:
    stripe_server.faults.add("dropped_after", path="/v1/payment_intents")
    client = stripe_server.client(max_network_retries=1)
    assert client.v1.payment_intents.create(PAYMENT, KEY).status == "succeeded"
    assert stripe_server.totals().charged == 5000
