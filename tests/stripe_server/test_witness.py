"""The same card flows, by the same code, at the local Stripe and at localstripe: what is seen must be the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer

CARDS_ONLY: Any = {"allowed_payment_method_types": ["card"]}
CARDS_ONLY_BEFORE: Any = {"payment_method_types": ["card"]}  # its name in the version that localstripe keeps


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its client, its way to make a card, and its way to ask for cards only."""

    client: stripe.StripeClient
    card: Callable[[str], str]
    cards_only: Any


def flow_saved_card(side: Side) -> list[Any]:
    client = side.client
    customer = client.v1.customers.create({"email": "alice@example.com", "name": "Alice"})
    method = side.card("4242424242424242")
    setup: Any = {"customer": customer.id, "usage": "off_session", **side.cards_only}
    begun = client.v1.setup_intents.create(setup)
    done = client.v1.setup_intents.confirm(begun.id, {"payment_method": method})
    return [customer.email, begun.status, done.status, done.usage]


def flow_attached_card(side: Side) -> list[Any]:
    client = side.client
    customer, method = saved(client, side.card("4242424242424242"))
    params: Any = {"customer": customer, "type": "card"}
    attached = client.v1.payment_methods.list(params)
    detached = client.v1.payment_methods.detach(method)
    left = client.v1.payment_methods.list(params)
    brands = [(each.card.brand, each.card.last4) for each in attached.data if each.card]
    return [brands, detached.customer, left.data]


def flow_charge(side: Side) -> list[Any]:
    client = side.client
    customer, method = saved(client, side.card("4242424242424242"))
    params: Any = {
        "amount": 5_000,
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        **side.cards_only,
    }
    params |= {"off_session": True, "confirm": True}
    intent = client.v1.payment_intents.create(params)
    charge = client.v1.charges.retrieve(charge_of(intent))
    return [intent.status, intent.amount, intent.currency, charge.amount, charge.paid, charge.refunded]


def flow_two_steps(side: Side) -> list[Any]:
    client = side.client
    customer, method = saved(client, side.card("4242424242424242"))
    params: Any = {
        "amount": 5_000,
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        **side.cards_only,
    }
    begun = client.v1.payment_intents.create(params)
    done = client.v1.payment_intents.confirm(begun.id)
    again = refusal(lambda: client.v1.payment_intents.cancel(begun.id))
    return [begun.status, done.status, again[0]]


def flow_decline(side: Side) -> list[Any]:
    client = side.client
    customer, method = saved(client, side.card("4000000000000341"))
    params: Any = {
        "amount": 5_000,
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        **side.cards_only,
    }
    intent = client.v1.payment_intents.create(params)
    refused = refusal(lambda: client.v1.payment_intents.confirm(intent.id))
    after = client.v1.payment_intents.retrieve(intent.id)
    return [refused, after.status]


def flow_authentication(side: Side) -> list[Any]:
    client = side.client
    customer, method = saved(client, side.card("4000002500003155"))
    params: Any = {
        "amount": 5_000,
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        **side.cards_only,
    }
    intent = client.v1.payment_intents.create(params)
    asked = client.v1.payment_intents.confirm(intent.id)
    assert asked.next_action is not None
    cancelled = client.v1.payment_intents.cancel(intent.id)
    return [asked.status, asked.next_action.type, cancelled.status]


def flow_refund(side: Side) -> list[Any]:
    client = side.client
    customer, method = saved(client, side.card("4242424242424242"))
    params: Any = {
        "amount": 5_000,
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        **side.cards_only,
    }
    params["confirm"] = True
    intent = client.v1.payment_intents.create(params)
    part = client.v1.refunds.create({"payment_intent": intent.id, "amount": 2_000})
    rest = client.v1.refunds.create({"payment_intent": intent.id, "amount": 3_000})
    charge = client.v1.charges.retrieve(str(part.charge))
    return [part.status, part.amount, rest.amount, charge.amount_refunded, charge.refunded]


def flow_unknown(side: Side) -> list[Any]:
    client = side.client
    return [
        refusal(lambda: client.v1.customers.retrieve("cus_none"))[0],
        refusal(lambda: client.v1.payment_intents.retrieve("pi_none"))[0],
        refusal(lambda: client.v1.payment_intents.create({"amount": -1, "currency": "eur"}))[0],
    ]


FLOWS = (
    flow_saved_card, flow_attached_card, flow_charge, flow_two_steps, flow_decline, flow_authentication, flow_refund,
    flow_unknown,
)  # fmt: skip


def refusal(call: Callable[[], Any]) -> tuple[int | None, str | None]:
    with pytest.raises(stripe.StripeError) as refused:
        call()
    return refused.value.http_status, refused.value.code


def saved(client: stripe.StripeClient, method: str) -> tuple[str, str]:
    customer = client.v1.customers.create({"email": "alice@example.com"}).id
    client.v1.payment_methods.attach(method, {"customer": customer})
    return customer, method


def charge_of(intent: stripe.PaymentIntent) -> str:
    """Return the charge of an intent, which localstripe always shows whole."""
    charge: Any = intent.latest_charge
    return charge if isinstance(charge, str) else str(charge.id)


@pytest.fixture
def ours(stripe_server: StripeServer) -> Side:
    def collect(number: str) -> str:
        return str(stripe_server.play.collect_card(number=number)["id"])

    return Side(stripe_server.client(), collect, CARDS_ONLY)


@pytest.fixture
def theirs(second_witness: stripe.StripeClient) -> Side:
    def collect(number: str) -> str:
        card: Any = {"number": number, "exp_month": 12, "exp_year": 2035, "cvc": "123"}
        return second_witness.v1.payment_methods.create({"type": "card", "card": card}).id

    return Side(second_witness, collect, CARDS_ONLY_BEFORE)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_both_say_the_same(ours: Side, theirs: Side, flow: Callable[[Side], list[Any]]) -> None:
    assert flow(ours) == flow(theirs)
