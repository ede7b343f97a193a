from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import recipient
from tests.stripe_server.contract import checked, operations
from tests.stripe_server.errors import StripeRefusal
from tests.stripe_server.forms import read_query
from tests.stripe_server.routes import KEPT

TRANSFER = {"amount": 1000, "currency": "eur", "destination": "acct_x"}


def refuse(client: stripe.StripeClient, path: str, params: dict[str, Any]) -> tuple[str | None, str | None]:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.raw_request("post", path, **params)
    assert refusal.value.http_status == 400
    return refusal.value.code, refusal.value.param


def test_reads_the_calls_of_the_sdk() -> None:
    assert stripe.VERSION == "16.1.0"
    assert operations()["POST", "/v1/transfers/{}/reversals"].params == "TransferReversalCreateParams"
    assert operations()["GET", "/v2/core/accounts/{}"].params == "AccountRetrieveParams"
    assert set(KEPT) <= set(operations())


@pytest.mark.parametrize(
    ("path", "params", "code", "param"),
    [
        ("/v1/transfers", {**TRANSFER, "amount": "ten"}, "parameter_invalid_integer", "amount"),
        ("/v1/transfers", {**TRANSFER, "amount": 10.5}, "parameter_invalid_integer", "amount"),
        ("/v1/transfers", {"amount": 1000, "currency": "eur"}, "parameter_missing", "destination"),
        ("/v1/transfers", {**TRANSFER, "dest": "acct_x"}, "parameter_unknown", "dest"),
        ("/v1/transfers", {**TRANSFER, "source_type": "cash"}, "parameter_invalid_enum", "source_type"),
        ("/v1/transfers", {**TRANSFER, "metadata": "text"}, "parameter_invalid", "metadata"),
        ("/v1/transfers", {**TRANSFER, "description": {"a": "b"}}, "parameter_invalid", "description"),
        ("/v1/refunds", {"charge": "ch_x", "reason": "regret"}, "parameter_invalid_enum", "reason"),
        ("/v1/payment_intents", {"amount": 1000, "currency": "eur", "payment_method_types": ["card"]},
         "parameter_unknown", "payment_method_types"),
        ("/v1/payment_intents", {"amount": 1000, "currency": "eur", "allowed_payment_method_types": ["carte"]},
         "parameter_invalid_enum", "allowed_payment_method_types[0]"),
        ("/v1/payment_intents", {"amount": 1000, "currency": "eur", "confirm": "yes"}, "parameter_invalid", "confirm"),
        ("/v1/payment_intents", {"amount": 1000, "currency": "eur", "automatic_payment_methods": {"x": 1}},
         "parameter_unknown", "automatic_payment_methods[x]"),
        ("/v1/setup_intents", {"flow_directions": ["sideways"]}, "parameter_invalid_enum", "flow_directions[0]"),
        ("/v1/balance_settings", {"payments": {"payouts": {"schedule": {"interval": "hourly"}}}},
         "parameter_invalid_enum", "payments[payouts][schedule][interval]"),
        ("/v2/core/accounts", {"dashboard": "gold"}, "parameter_invalid_enum", "dashboard"),
        ("/v2/core/accounts", {"metadata": {"a": 1}}, "parameter_invalid", "metadata[a]"),
        ("/v2/core/accounts", {"nickname": "a"}, "parameter_unknown", "nickname"),
    ],
)  # fmt: skip
def test_refuses_what_the_sdk_does_not_know(
    stripe_client: stripe.StripeClient, path: str, params: dict[str, Any], code: str, param: str
) -> None:
    assert refuse(stripe_client, path, params) == (code, param)


def test_refuses_the_options_of_the_sdk_as_parameters() -> None:
    with pytest.raises(StripeRefusal, match="Received unknown parameter: idempotency_key"):
        checked(operations()["POST", "/v1/payouts"], {"amount": "1000", "currency": "eur", "idempotency_key": "k"})


def test_gives_forms_their_types() -> None:
    form = read_query("amount=1000&confirm=true&off_session=one_off&expand[1]=b&expand[0]=a&metadata[1]=2&currency=eur")
    assert checked(operations()["POST", "/v1/payment_intents"], form) == {
        "amount": 1000, "confirm": True, "off_session": "one_off", "expand": ["a", "b"], "metadata": {"1": "2"},
        "currency": "eur",
    }  # fmt: skip


def test_refused_parameters_do_not_use_up_the_key(stripe_client: stripe.StripeClient) -> None:
    bad: Any = {"email": "a@example.com", "nickname": "A"}
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.customers.create(bad, {"idempotency_key": "k"})
    assert (
        stripe_client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"}).email == "a@example.com"
    )


def test_refuses_calls_that_are_unknown_or_not_kept(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    with pytest.raises(stripe.InvalidRequestError, match="the SDK does not have") as unknown:
        client.raw_request("post", "/v1/escrows")
    with pytest.raises(stripe.InvalidRequestError, match="the local Stripe does not keep"):
        client.v1.products.list()
    assert unknown.value.http_status == 404


def test_refuses_a_wrong_key_another_version_and_foreign_accounts(stripe_server: StripeServer) -> None:
    with pytest.raises(stripe.AuthenticationError) as wrong:
        stripe_server.client(key="sk_test_other").v1.balance.retrieve()
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        stripe_server.client(stripe_version="2024-06-20").v1.balance.retrieve()
    with pytest.raises(stripe.PermissionError) as foreign:
        stripe_server.client().v1.balance.retrieve({}, {"stripe_account": "acct_other"})
    assert (wrong.value.http_status, foreign.value.http_status) == (401, 403)
    assert foreign.value.error is not None
    assert foreign.value.error.code == "account_invalid"


def test_refuses_charges_made_for_a_connected_account(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    account = recipient(client)
    with pytest.raises(stripe.InvalidRequestError, match="for the platform only"):
        client.v1.payment_intents.create({"amount": 1000, "currency": "eur"}, {"stripe_account": account})
    assert stripe_server.world.every("payment_intent") == []


def test_errors_have_stripes_shape(stripe_client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.charges.retrieve("ch_none")
    error = refusal.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.json_body == {
        "error": {
            "type": "invalid_request_error", "message": "No such charge: 'ch_none'", "code": "resource_missing",
            "param": "id", "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
        }
    }  # fmt: skip
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
