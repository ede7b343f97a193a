"""The outside world of each gateway, for tests that run the same for all: payers, banks, checks, time, faults."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from core.clock import real_now
from payments.gateway import Gateway, GatewayAnswer, ProviderEvent, SavedMethod
from payments.gateways import gateway_named, sandbox_gateway
from payments.gateways.sandbox import FAILING_IBAN, WORKING_IBAN, Fault, FaultKind
from payments.models import SandboxEvent
from tests.stripe_server import StripeServer

MethodName = Literal[
    "succeeds",
    "declined",
    "insufficient_funds",
    "card_lost",
    "expired_card",
    "second_step",
    "later",
    "fails_later",
    "refund_fails",
    "refund_comes_back",
    "disputed",
]
NUMBERS = itertools.count(1)
CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer with a method to pay with."""

    customer: str
    method: str
    kind: str = "card"
    mandate: str = ""


class Provider(ABC):
    """A gateway, and everything that happens around it."""

    def __init__(self, gateway: Gateway, at: datetime) -> None:
        self.gateway, self.at = gateway, at

    # What the outside does

    @abstractmethod
    def add(self, customer: str, name: MethodName) -> SavedMethod:
        """Add a method by a setup that the payer finishes."""

    @abstractmethod
    def payer(self, name: MethodName) -> Payer:
        """Return a new customer with a method; also one that a real provider would refuse to save."""

    @abstractmethod
    def answer(self, payment: str, *, is_approved: bool) -> None:
        """Answer the payer's bank."""

    @abstractmethod
    def come_back(self, payment: str, *, is_approved: bool) -> None:
        """Let a payer who was away confirm the payment on session, and answer their bank."""

    @abstractmethod
    def onboard(self, account: str, *, fails: bool = False) -> str:
        """Tell the provider all about an account, and return its bank; payouts to one that `fails` come back."""

    @abstractmethod
    def restrict(self, account: str) -> None:
        """Let the provider ask for a document again."""

    @abstractmethod
    def decide_dispute(self, dispute: str, *, is_won: bool) -> None:
        """Let the bank decide."""

    @abstractmethod
    def return_payout(self, payout: str) -> None:
        """Let the bank send a payout back."""

    @abstractmethod
    def return_cash(self, verb: str, cash: str) -> None:
        """Let the operator's bank take a top-up back, or send a cash-out back."""

    @abstractmethod
    def pass_time(self) -> None:
        """Let everything that takes days happen."""

    @abstractmethod
    def spoil(self, verb: str, kind: FaultKind) -> None:
        """Let the next call of a verb go wrong."""

    @abstractmethod
    def fee(self, amount: int) -> int:
        """Return what the provider keeps of a card payment."""

    @abstractmethod
    def announced(self) -> list[ProviderEvent]:
        """Return what was announced, verified as it came over the wire."""

    # What tests ask for

    def send(self, verb: str, *, key: str = "", move_id: int = 0, **body: Any) -> GatewayAnswer:
        whole = body_for(verb, move_id or next(NUMBERS), **body)
        return self.gateway.send(verb, key=key or f"test:{verb}-{whole['metadata']['move_id']}", body=whole, at=self.at)

    def charge(self, name: MethodName = "succeeds", *, amount: int = 105_000, **more: Any) -> GatewayAnswer:
        payer = self.payer(name)
        return self.send("charge", amount=amount, **{**charge_of(payer), **more})

    def customer(self) -> str:
        number = next(NUMBERS)
        return self.gateway.open_customer(
            key=f"test:customer-{number}", party_id=number, name="Alice", email="alice@example.org", at=self.at
        )

    def account(self) -> str:
        number = next(NUMBERS)
        return self.gateway.open_account(
            key=f"test:account-{number}", party_id=number, name="Bob", email="bob@example.org", country="FR", at=self.at
        )

    def funds(self, amount: int = 200_000) -> GatewayAnswer:
        """Charge a card and let the money become available."""
        paid = self.charge(amount=amount)
        self.pass_time()
        return paid

    def records(self, verb: str, *accounts: str) -> list[Any]:
        since = self.at - timedelta(days=400)
        return list(self.gateway.listing(verb, since=since, accounts=accounts, at=self.at))


def body_for(verb: str, move_id: int, **body: Any) -> dict[str, Any]:
    """Return the body of a move as the product builds it."""
    whole = {"amount": 1_000, "currency": CURRENCY, "metadata": {"move_id": move_id}, **body}
    if verb in {"charge", "transfer"}:
        whole.setdefault("transfer_group", "contract:5")
    return whole


def charge_of(payer: Payer) -> Mapping[str, Any]:
    """Return what a charge says of its payer."""
    return {
        "customer": payer.customer,
        "method": payer.method,
        "method_kind": payer.kind,
        "mandate": payer.mandate,
        "is_payer_present": True,
    }


class SandboxProvider(Provider):
    """The sandbox with its own controls."""

    CARDS: ClassVar[dict[MethodName, str]] = {
        "succeeds": "4242424242424242",
        "declined": "4000000000000002",
        "insufficient_funds": "4000000000009995",
        "card_lost": "4000000000009987",
        "expired_card": "4000000000000069",
        "second_step": "4000002500003155",
        "later": "4000000000000077",
        "fails_later": "4000000000000085",
        "refund_fails": "4000000000005126",
        "refund_comes_back": "4000000000005134",
        "disputed": "4000000000000259",
    }

    def __init__(self) -> None:
        super().__init__(gateway_named("sandbox"), datetime(2026, 11, 23, 12, tzinfo=UTC))
        self.sandbox = sandbox_gateway()

    def add(self, customer: str, name: MethodName) -> SavedMethod:
        setup = self.gateway.begin_setup(key=f"test:setup-{next(NUMBERS)}", customer=customer, at=self.at)
        self.sandbox.type_card(setup.provider_id, number=self.CARDS[name], at=self.at)
        answer = self.gateway.finish_setup(setup.provider_id, at=self.at)
        assert answer.method is not None
        return answer.method

    def payer(self, name: MethodName) -> Payer:
        customer = self.customer()
        return Payer(customer, self.add(customer, name).provider_id)

    def answer(self, payment: str, *, is_approved: bool) -> None:
        self.sandbox.decide(payment, is_approved=is_approved, at=self.at)

    def come_back(self, payment: str, *, is_approved: bool) -> None:
        self.answer(payment, is_approved=is_approved)

    def onboard(self, account: str, *, fails: bool = False) -> str:
        key, iban = f"test:bank-{next(NUMBERS)}", FAILING_IBAN if fails else WORKING_IBAN
        bank = self.gateway.save_bank(key=key, account=account, iban=iban, at=self.at)
        self.pass_time()
        return bank.provider_id

    def restrict(self, account: str) -> None:
        self.sandbox.restrict_account(account, missing=["document"], at=self.at)

    def decide_dispute(self, dispute: str, *, is_won: bool) -> None:
        self.sandbox.decide_dispute(dispute, is_won=is_won, at=self.at)

    def return_payout(self, payout: str) -> None:
        self.sandbox.return_payout(payout, at=self.at)
        self.pass_time()

    def return_cash(self, verb: str, cash: str) -> None:
        self.sandbox.return_cash(cash, at=self.at)
        self.pass_time()

    def pass_time(self) -> None:
        for _round in range(2):  # what happens may let more happen
            self.at += timedelta(seconds=10)
            self.sandbox.outgoing(at=self.at)

    def spoil(self, verb: str, kind: FaultKind) -> None:
        self.sandbox.faults.append(Fault(verb, kind))

    def fee(self, amount: int) -> int:
        return (amount * 150 + 5_000) // 10_000 + 25

    def announced(self) -> list[ProviderEvent]:
        import json

        bodies = [json.dumps(event.body).encode() for event in SandboxEvent.objects.exclude(happened_at=None)]
        return [self.gateway.verify(body, self.sandbox.signed(body)) for body in bodies]


class StripeProvider(Provider):
    """Stripe, through the SDK over HTTP, at the local server."""

    #: Cards that the bank refuses already when they are saved are charged by their test tokens.
    TOKENS: ClassVar[dict[MethodName, str]] = {
        "insufficient_funds": "pm_card_visa_chargeDeclinedInsufficientFunds",
        "card_lost": "pm_card_visa_chargeDeclinedLostCard",
        "expired_card": "pm_card_chargeDeclinedExpiredCard",
    }
    CARDS: ClassVar[dict[MethodName, str]] = {
        "succeeds": "4242424242424242",
        "declined": "4000000000000341",
        "second_step": "4000002760003184",
        "refund_fails": "4000000000005126",
        "refund_comes_back": "4000000000005126",
        "disputed": "4000000000000259",
    }
    DEBITS: ClassVar[dict[MethodName, str]] = {"later": "AT611904300234573201", "fails_later": "AT861904300235473202"}
    PATHS: ClassVar[dict[str, str]] = {
        "charge": "/v1/payment_intents",
        "cancel": "/v1/payment_intents/*/cancel",
        "refund": "/v1/refunds",
        "transfer": "/v1/transfers",
        "reversal": "/v1/transfers/*/reversals",
        "payout": "/v1/payouts",
        "topup": "/v1/topups",
        "cashout": "/v1/payouts",
    }
    FAULTS: ClassVar[dict[str, Any]] = {
        "rate_limited": "rate_limited",
        "request_lost": "dropped_before",
        "reply_lost": "dropped_after",
        "failed_before": "error_before",
        "broken_before": "error_before_kept",
        "broken_after": "error_after",
    }

    def __init__(self, server: StripeServer) -> None:
        super().__init__(gateway_named("stripe"), real_now())
        self.server = server
        self.last_bank = ""

    def add(self, customer: str, name: MethodName) -> SavedMethod:
        setup = self.gateway.begin_setup(key=f"test:setup-{next(NUMBERS)}", customer=customer, at=self.at)
        if name in self.DEBITS:
            method = self.server.play.collect_debit(iban=self.DEBITS[name])
        else:
            method = self.server.play.collect_card(number=self.CARDS[name])
        said = self.server.play.confirm(client_secret=setup.client_secret, payment_method=method["id"])
        if said.get("setup_intent", {}).get("status") == "requires_action":
            self.server.play.authenticate(intent=setup.provider_id)
        answer = self.gateway.finish_setup(setup.provider_id, at=self.at)
        assert answer.method is not None, answer
        return answer.method

    def payer(self, name: MethodName) -> Payer:
        customer = self.customer()
        if name in self.TOKENS:
            return Payer(customer, self.TOKENS[name])
        saved = self.add(customer, name)
        return Payer(customer, saved.provider_id, saved.kind, saved.mandate)

    def answer(self, payment: str, *, is_approved: bool) -> None:
        self.server.play.authenticate(intent=payment, succeeds=is_approved)

    def come_back(self, payment: str, *, is_approved: bool) -> None:
        step = self.gateway.second_step(payment, at=self.at)
        assert step.is_declined
        self.server.play.confirm(client_secret=step.client_secret, payment_method=step.method)
        self.answer(payment, is_approved=is_approved)

    def onboard(self, account: str, *, fails: bool = False) -> str:
        iban = "000111111116" if fails else "DE89370400440532013000"
        self.server.play.onboard(account=account, bank=iban)
        return self.gateway.account_state(account, at=self.at).banks[0].provider_id

    def restrict(self, account: str) -> None:
        self.server.play.restrict(account=account, due=["individual.verification.document"])

    def decide_dispute(self, dispute: str, *, is_won: bool) -> None:
        play = self.server.play
        (play.win_dispute if is_won else play.lose_dispute)(dispute=dispute)

    def return_payout(self, payout: str) -> None:
        self.server.play.fail_payout(payout=payout, code="no_account")

    def return_cash(self, verb: str, cash: str) -> None:
        if verb == "topup":
            self.server.play.reverse_topup(topup=cash)
        else:
            self.server.play.fail_payout(payout=cash, code="no_account")

    def pass_time(self) -> None:
        self.server.play.advance(days=8)
        self.at = datetime.fromtimestamp(self.server.world.time(), UTC)

    def spoil(self, verb: str, kind: FaultKind) -> None:
        self.server.faults.add(self.FAULTS[kind], "POST", self.PATHS[verb])

    def fee(self, amount: int) -> int:
        return (amount * 29 + 500) // 1000 + 30

    def announced(self) -> list[ProviderEvent]:
        scopes = {"platform": "platform", "connect": "connect", "v2": "thin"}
        found = []
        for delivery in self.server.webhooks.held:
            scope = scopes[delivery.endpoint.scope]
            found.append(self.gateway.verify(delivery.body, delivery.headers(), scope=scope))
        return found


def stripe_settings(server: StripeServer) -> dict[str, Any]:
    """Return the settings of an installation that uses this server."""
    return {
        "PAYMENT_GATEWAY": "stripe",
        "STRIPE_SECRET_KEY": server.key,
        "STRIPE_PUBLISHABLE_KEY": server.publishable_key,
        "STRIPE_WEBHOOK_SECRETS": ["whsec_platform"],
        "STRIPE_CONNECT_WEBHOOK_SECRETS": ["whsec_connect"],
        "STRIPE_THIN_WEBHOOK_SECRETS": ["whsec_thin"],
        "STRIPE_API_BASE": server.url,
        "STRIPE_JS_URL": f"{server.url}/_test/stripe.js",
    }


def listen(server: StripeServer, site: str) -> None:
    """Send the server's webhooks to a site, scope by scope."""
    server.webhooks.add(f"{site}/webhooks/stripe/", "platform", secret="whsec_platform")
    server.webhooks.add(f"{site}/webhooks/stripe/connect/", "connect", secret="whsec_connect")
    server.webhooks.add(f"{site}/webhooks/stripe/thin/", "v2", secret="whsec_thin")
