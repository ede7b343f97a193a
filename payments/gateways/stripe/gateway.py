"""Stripe as a gateway: each call of the interface, outside of any transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from payments.gateway import (
    AccountState,
    BankRefused,
    EvidenceFile,
    Gateway,
    GatewayAnswer,
    ProviderBalances,
    ProviderDispute,
    ProviderEvent,
    ProviderRecord,
    SavedBank,
    SavedMethod,
    SecondStep,
    Setup,
    SetupAnswer,
    outside_transactions,
)
from payments.gateways.stripe import disputes, events, lists, methods, moves, recipients


class StripeGateway(Gateway):
    """See the package."""

    name = "stripe"
    has_own_fields = True
    has_own_onboarding = True

    @property
    def environment(self) -> str:
        """Return `live` or `test`, as the key says."""
        return moves.environment()

    @outside_transactions
    def send(self, verb: str, *, key: str, body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
        """Ask for a move under its key."""
        return moves.send(verb, key=key, body=body)

    @outside_transactions
    def fetch(self, verb: str, provider_id: str, *, within: str = "", at: datetime) -> GatewayAnswer:
        """Return the present state of an object."""
        return moves.fetch(verb, provider_id, within=within)

    @outside_transactions
    def find(
        self, verb: str, move_id: int, *, body: Mapping[str, Any], since: datetime, at: datetime
    ) -> GatewayAnswer | None:
        """Look a move up by its metadata."""
        return moves.find(verb, move_id, body=body, since=since)

    @outside_transactions
    def second_step(self, provider_id: str, *, at: datetime) -> SecondStep:
        """Return the secret of a payment that waits for its payer."""
        return moves.second_step(provider_id)

    @outside_transactions
    def open_customer(self, *, key: str, party_id: int, name: str, email: str, at: datetime) -> str:
        """Make a party known as somebody who pays."""
        return methods.open_customer(key=key, party_id=party_id, name=name, email=email)

    @outside_transactions
    def begin_setup(self, *, key: str, customer: str, at: datetime) -> Setup:
        """Begin to add a method."""
        return methods.begin_setup(key=key, customer=customer)

    @outside_transactions
    def fetch_setup(self, provider_id: str, *, at: datetime) -> Setup:
        """Return a method that is being added."""
        return methods.fetch_setup(provider_id)

    @outside_transactions
    def finish_setup(self, provider_id: str, *, at: datetime) -> SetupAnswer:
        """Return what became of a method that was being added."""
        return methods.finish_setup(provider_id)

    @outside_transactions
    def fetch_method(self, provider_id: str, *, at: datetime) -> SavedMethod | None:
        """Return a method as it is now."""
        return methods.fetch_method(provider_id)

    @outside_transactions
    def forget_method(self, provider_id: str, *, at: datetime) -> None:
        """Detach a method."""
        methods.forget_method(provider_id)

    @outside_transactions
    def open_account(self, *, key: str, party_id: int, name: str, email: str, country: str, at: datetime) -> str:
        """Open an account for a party that is paid."""
        return recipients.open_account(key=key, party_id=party_id, name=name, email=email, country=country)

    @outside_transactions
    def onboarding_link(self, account: str, *, return_url: str, refresh_url: str, at: datetime) -> str:
        """Return the address of Stripe's pages about the account."""
        return recipients.onboarding_link(account, return_url=return_url, refresh_url=refresh_url)

    @outside_transactions
    def account_state(self, account: str, *, at: datetime) -> AccountState:
        """Return how the account stands."""
        return recipients.account_state(account)

    @outside_transactions
    def save_bank(self, *, key: str, account: str, iban: str, at: datetime) -> SavedBank:
        """Refuse: bank accounts are told to Stripe on its own pages."""
        raise BankRefused(_("Bank accounts are added on the pages of our payment provider."))

    @outside_transactions
    def dispute(self, provider_id: str, *, at: datetime) -> ProviderDispute:
        """Return a dispute as it is now."""
        return disputes.dispute(provider_id)

    @outside_transactions
    def submit_evidence(
        self,
        provider_id: str,
        *,
        key: str,
        texts: Mapping[str, str],
        files: Mapping[str, EvidenceFile],
        at: datetime,
    ) -> ProviderDispute:
        """Hand the bank what speaks for the charge."""
        return disputes.submit_evidence(provider_id, key=key, texts=texts, files=files)

    def verify(self, body: bytes, headers: Mapping[str, str], *, scope: str = "platform") -> ProviderEvent:
        """Return the event of a request."""
        return events.verify(body, headers, scope=scope)

    @outside_transactions
    def events_since(self, since: datetime, *, accounts: Iterable[str] = (), at: datetime) -> Iterator[ProviderEvent]:
        """Return what was announced since then."""
        return events.events_since(since, accounts=accounts)

    @outside_transactions
    def balances(self, currency: str, *, accounts: Iterable[str] = ()) -> ProviderBalances:
        """Return what Stripe holds for the platform and for each of these accounts."""
        return lists.balances(currency, accounts=accounts)

    @outside_transactions
    def listing(
        self, verb: str, *, since: datetime, accounts: Iterable[str] = (), at: datetime
    ) -> Iterator[ProviderRecord]:
        """Return every object of a kind that was made since then."""
        return lists.listing(verb, since=since, accounts=accounts)
