"""What the tests of the local Stripe begin with."""

from __future__ import annotations

from typing import Any

import stripe

from tests.stripe_server import StripeServer

CONSENT: Any = {"customer_acceptance": {"type": "online", "online": {"ip_address": "127.0.0.1", "user_agent": "test"}}}


def pay(client: stripe.StripeClient, amount: int = 10_000, card: str = "visa", **given: Any) -> stripe.PaymentIntent:
    """Charge a test card, with the payer away unless said otherwise."""
    params: Any = {
        "amount": amount, "currency": "eur", "payment_method": f"pm_card_{card}", "confirm": True,
        "allowed_payment_method_types": ["card"], **given,
    }  # fmt: skip
    return client.v1.payment_intents.create(params)


def charge_of(intent: stripe.PaymentIntent) -> str:
    assert isinstance(intent.latest_charge, str)
    return intent.latest_charge


def intent_in(refusal: stripe.StripeError) -> stripe.PaymentIntent:
    """Return the PaymentIntent that a refused payment leaves behind."""
    assert refusal.error is not None
    assert refusal.error.payment_intent is not None
    return refusal.error.payment_intent


def recipient(client: stripe.StripeClient, **given: Any) -> str:
    """Make an account that is not onboarded yet."""
    params: Any = {
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
        "dashboard": "express", "identity": {"country": "fr"},
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}}, **given,
    }  # fmt: skip
    return client.v2.core.accounts.create(params).id


def payee(server: StripeServer, *, bank: str = "DE89370400440532013000") -> str:
    """Make an account that can be paid out by hand."""
    client = server.client()
    account = recipient(client)
    server.play.onboard(account=account, bank=bank)
    settings: Any = {"payments": {"payouts": {"schedule": {"interval": "manual"}}}}
    client.v1.balance_settings.update(settings, {"stripe_account": account})
    return account


def earn(server: StripeServer, account: str, amount: int = 10_000) -> stripe.Transfer:
    """Give an account available money, by a charge and a transfer from it."""
    client = server.client()
    charge = charge_of(pay(client, amount, "bypassPending"))
    params: Any = {"amount": amount, "currency": "eur", "destination": account, "source_transaction": charge}
    return client.v1.transfers.create(params)


def kinds(server: StripeServer, account: str | None = None) -> list[str]:
    """Return the types of all snapshot events of an account, oldest first."""
    return [event["type"] for event in reversed(server.world.every("event", account=account))]
