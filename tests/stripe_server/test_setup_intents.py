from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import CONSENT, kinds, pay


def begin(client: stripe.StripeClient, **given: Any) -> stripe.SetupIntent:
    params: Any = {
        "customer": client.v1.customers.create({}).id, "usage": "off_session",
        "allowed_payment_method_types": ["card", "sepa_debit"], **given,
    }  # fmt: skip
    return client.v1.setup_intents.create(params)


def test_a_card_is_saved_by_the_payers_browser_and_charged_later(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client)
    assert (setup.status, setup.payment_method_types) == ("requires_payment_method", ["card", "sepa_debit"])
    assert setup.client_secret is not None
    card = stripe_server.play.collect_card(number="4242 4242 4242 4242", email="alice@example.com")
    shown = stripe_server.play.confirm(client_secret=setup.client_secret, payment_method=card["id"])
    assert shown["setup_intent"]["status"] == "succeeded"
    methods = client.v1.payment_methods.list({"customer": str(setup.customer), "type": "card"})
    assert [(each.id, each.card and each.card.last4) for each in methods.data] == [(card["id"], "4242")]
    intent = pay(client, payment_method=card["id"], customer=setup.customer, off_session=True)
    assert intent.status == "succeeded"
    assert "setup_intent.succeeded" in kinds(stripe_server)


def test_a_card_that_wants_the_payer_is_free_of_it_once_set_up(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client, payment_method="pm_card_authenticationRequiredOnSetup", confirm=True, mandate_data=CONSENT)
    assert setup.status == "requires_action"
    method = str(setup.payment_method)
    stripe_server.play.authenticate(intent=setup.id)
    done = client.v1.setup_intents.retrieve(setup.id, {"expand": ["mandate"]})
    assert done.status == "succeeded"
    assert isinstance(done.mandate, stripe.Mandate)
    assert done.mandate.payment_method == method
    assert pay(client, payment_method=method, customer=setup.customer, off_session=True).status == "succeeded"
    assert pay(client, payment_method=method, customer=setup.customer).status == "requires_action"


def test_a_failed_authentication_asks_for_another_card(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client, payment_method="pm_card_threeDSecure2Required", confirm=True)
    stripe_server.play.authenticate(intent=setup.id, succeeds=False)
    found = client.v1.setup_intents.retrieve(setup.id)
    assert found.last_setup_error is not None
    assert found.status == "requires_payment_method"
    assert found.last_setup_error.code == "setup_intent_authentication_failure"
    assert kinds(stripe_server)[-1] == "setup_intent.setup_failed"


def test_a_card_that_its_bank_refuses_is_not_saved(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client)
    with pytest.raises(stripe.CardError) as refusal:
        client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"})
    assert refusal.value.error is not None
    assert (refusal.value.code, refusal.value.error.decline_code) == ("card_declined", "insufficient_funds")
    assert refusal.value.error.setup_intent is not None
    assert refusal.value.error.setup_intent.status == "requires_payment_method"
    assert client.v1.payment_methods.list({"customer": str(setup.customer)}).data == []


def test_a_card_can_be_saved_and_refuse_the_charge(stripe_client: stripe.StripeClient) -> None:
    setup = begin(stripe_client, payment_method="pm_card_chargeCustomerFail", confirm=True)
    assert setup.status == "succeeded"
    with pytest.raises(stripe.CardError):
        pay(stripe_client, payment_method=setup.payment_method, customer=setup.customer, off_session=True)


def test_a_card_expires(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client, payment_method="pm_card_visa", confirm=True)
    stripe_server.play.advance(days=4 * 366)
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, payment_method=setup.payment_method, customer=setup.customer, off_session=True)
    assert refusal.value.code == "expired_card"


def test_a_foreign_or_detached_card_pays_nothing(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client, payment_method="pm_card_visa", confirm=True)
    method, other = str(setup.payment_method), client.v1.customers.create({}).id
    for customer in ({}, {"customer": other}):
        given: Any = {"payment_method": method, **customer}
        with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
            pay(client, **given)
    assert client.v1.payment_methods.detach(method).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="It may not be used again"):
        pay(client, payment_method=method, customer=setup.customer)
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        client.v1.payment_methods.detach(method)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(method, {"customer": other})
    assert stripe_server.totals().charged == 0
    assert kinds(stripe_server)[-1] == "payment_method.detached"


def test_attach_and_default(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    customer = client.v1.customers.create({"email": "a@example.com", "metadata": {"party": "12"}})
    card = stripe_server.play.collect_card(number="5555555555554444")["id"]
    assert client.v1.payment_methods.attach(card, {"customer": customer.id}).customer == customer.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_methods.attach(card, {"customer": customer.id})
    params: Any = {"invoice_settings": {"default_payment_method": card}, "metadata": {"party": "", "hat": "1"}}
    found = client.v1.customers.update(customer.id, params)
    assert found.invoice_settings is not None
    assert (found.invoice_settings.default_payment_method, found.metadata and found.metadata.to_dict()) == (
        card,
        {"hat": "1"},
    )
    assert client.v1.customers.payment_methods.retrieve(customer.id, card).id == card


def test_cancelled_or_done_intents_stay_so(stripe_client: stripe.StripeClient) -> None:
    setup = begin(stripe_client)
    assert stripe_client.v1.setup_intents.cancel(setup.id, {"cancellation_reason": "abandoned"}).status == "canceled"
    for verb in (stripe_client.v1.setup_intents.cancel, stripe_client.v1.setup_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            verb(setup.id)
        assert refusal.value.code == "setup_intent_unexpected_state"


def test_card_numbers_are_not_taken_from_a_server(stripe_client: stripe.StripeClient) -> None:
    params: Any = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030}}
    with pytest.raises(stripe.CardError, match="generally unsafe"):
        stripe_client.v1.payment_methods.create(params)


def test_unknown_card_numbers_are_refused(stripe_server: StripeServer) -> None:
    with pytest.raises(Exception, match="Your card number is incorrect"):
        stripe_server.play.collect_card(number="4242424242424241")


# SEPA debit


def debit(server: StripeServer, iban: str, **given: Any) -> stripe.PaymentIntent:
    method = server.play.collect_debit(iban=iban)["id"]
    params: Any = {"allowed_payment_method_types": ["sepa_debit"], "payment_method": method, "mandate_data": CONSENT}
    return pay(server.client(), **{**params, **given})


def test_a_debit_is_collected_within_days(stripe_server: StripeServer) -> None:
    intent = debit(stripe_server, "DE89 3704 0044 0532 0130 00")
    assert intent.status == "processing"
    assert stripe_server.totals().charged == 0
    stripe_server.play.advance(days=4)
    assert stripe_server.client().v1.payment_intents.retrieve(intent.id).status == "processing"
    stripe_server.play.advance(days=1)
    assert stripe_server.client().v1.payment_intents.retrieve(intent.id).status == "succeeded"
    sums = stripe_server.totals()
    assert (sums.charged, sums.fees, sums.platform) == (10_000, 35, 9_965)
    assert kinds(stripe_server)[:3] == ["payment_intent.created", "charge.pending", "payment_intent.processing"]


@pytest.mark.parametrize("iban", ["DE62370400440532013001", "FR8420041010050500013M02607"])
def test_a_debit_fails_late(stripe_server: StripeServer, iban: str) -> None:
    intent = debit(stripe_server, iban)
    stripe_server.play.advance(days=5)
    found = stripe_server.client().v1.payment_intents.retrieve(intent.id)
    assert found.last_payment_error is not None
    assert (found.status, found.last_payment_error.code) == ("requires_payment_method", "generic_could_not_process")
    assert stripe_server.totals().charged == 0


def test_a_debit_can_be_ended_by_hand_and_not_cancelled(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = debit(stripe_server, "FR1420041010050500013M02606")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})
    stripe_server.play.end_collection(intent=intent.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_debit_can_be_disputed(stripe_server: StripeServer) -> None:
    debit(stripe_server, "DE35370400440532013002")
    stripe_server.play.advance(days=5)
    assert stripe_server.totals().disputed == 10_000


def test_a_debit_needs_a_mandate_a_name_and_euros(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    with pytest.raises(stripe.InvalidRequestError, match="mandate"):
        debit(stripe_server, "DE89370400440532013000", mandate_data="")
    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
        debit(stripe_server, "DE89370400440532013000", currency="usd")
    params: Any = {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}
    with pytest.raises(stripe.InvalidRequestError, match="billing_details"):
        client.v1.payment_methods.create(params)
    params["billing_details"] = {"name": "Alice", "email": "alice@example.com"}
    wrong: Any = {**params, "sepa_debit": {"iban": "DE00"}}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_methods.create(wrong)
    assert refusal.value.code == "invalid_bank_account_iban"
    assert client.v1.payment_methods.create(params).type == "sepa_debit"
    assert stripe_server.totals().charged == 0


def test_a_saved_debit_keeps_its_mandate(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    setup = begin(client)
    assert setup.client_secret is not None
    method = stripe_server.play.collect_debit(iban="DE89370400440532013000")["id"]
    stripe_server.play.confirm(client_secret=setup.client_secret, payment_method=method)
    mandate = client.v1.setup_intents.retrieve(setup.id).mandate
    assert client.v1.mandates.retrieve(str(mandate)).status == "active"
    intent = pay(
        client, payment_method=method, customer=setup.customer, off_session=True,
        allowed_payment_method_types=["sepa_debit"],
    )  # fmt: skip
    assert intent.status == "processing"
