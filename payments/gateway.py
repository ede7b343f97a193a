"""What the product asks of a payment provider, in its own words; `payments/gateways/` holds the providers."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, ParamSpec, TypeVar

from django.db import connection

from core.errors import DomainError

Given = ParamSpec("Given")
Result = TypeVar("Result")


class CalledInsideTransaction(Exception):
    """The provider was called while a transaction is open: locks would be held for as long as the network likes."""


class GatewayUnreachable(Exception):
    """There was no answer, or the provider said that something broke: what happened is unknown."""


class GatewayRefused(Exception):
    """The provider calls the request itself wrong, such as a known key with another body: a bug, never a denial."""


class BadSignature(DomainError):
    """The event was not sent by the provider, or not now."""

    status_code = 400


class CardRefused(DomainError):
    """The provider does not take this card."""


class BankRefused(DomainError):
    """The provider does not take this bank account."""


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What the provider says of one money move.

    `waiting` is an answer that is not final; with `next_url` it waits for the payer, who takes the second step there.
    `code` is the provider's reason in the product's own list of codes. `fee` is what the provider keeps for itself,
    in minor units, None while it has not said. `amount`, `currency` and `move_id` are those of the provider's object.
    """

    state: Literal["confirmed", "waiting", "denied"]
    provider_id: str = ""
    code: str = ""
    next_url: str = ""
    fee: int | None = None
    amount: int | None = None
    currency: str = ""
    move_id: int | None = None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that the provider keeps; nobody here ever sees its number again."""

    provider_id: str
    brand: str
    last4: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class SavedBank:
    """A bank account that the provider keeps, and a label that is safe to show."""

    provider_id: str
    label: str


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A signed announcement of the provider, already verified: something about an object may have changed.

    `verb` names the kind of move the object stands for, `account` for an account, and is empty for types nobody
    here listens to.
    """

    event_id: str
    kind: str
    verb: str
    object_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProviderBalances:
    """What the provider says is where: the platform's balance, and that of each account, without what is on its way."""

    platform: int
    accounts: Mapping[str, int]


def outside_transactions(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Make a call to the provider refuse to start while a transaction is open."""

    @functools.wraps(function)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CalledInsideTransaction(function.__qualname__)
        return function(*args, **kwargs)

    return guarded


class Gateway(ABC):
    """A payment provider.

    Every call may raise GatewayUnreachable (nobody knows what happened) and CalledInsideTransaction. `at` is the
    product's time: providers with a clock of their own ignore it.
    """

    name: str
    #: The first part of every key, so that keys of a test set-up never meet those of a live one.
    environment: str

    @abstractmethod
    def send(self, verb: str, *, key: str, body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
        """Ask for a charge, cancel, refund, transfer or payout; the same key and body ask for the same one again."""

    @abstractmethod
    def fetch(self, verb: str, provider_id: str, *, at: datetime) -> GatewayAnswer:
        """Return the present state of an object of the provider."""

    @abstractmethod
    def find(self, verb: str, move_id: int, *, at: datetime) -> GatewayAnswer | None:
        """Look the move up by its metadata; None when the provider has never heard of it."""

    @abstractmethod
    def save_card(self, *, key: str, number: str, at: datetime) -> SavedCard:
        """Let the provider keep a card. Raises CardRefused."""

    @abstractmethod
    def forget_card(self, provider_id: str, *, at: datetime) -> None:
        """Let the provider forget a card; one that it no longer knows is fine."""

    @abstractmethod
    def open_account(self, *, key: str, party_id: int, at: datetime) -> str:
        """Open the party's own account at the provider, or return the one opened under this key."""

    @abstractmethod
    def is_account_enabled(self, provider_id: str, *, at: datetime) -> bool:
        """Return whether the account may receive transfers and pay out."""

    @abstractmethod
    def save_bank(self, *, key: str, account: str, iban: str, at: datetime) -> SavedBank:
        """Let the provider keep a bank account to pay out to. Raises BankRefused."""

    @abstractmethod
    def verify(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Return the event in a request to the webhook. Raises BadSignature unless the provider sent it now."""

    @abstractmethod
    def balances(self, currency: str) -> ProviderBalances:
        """Return what the provider holds for the platform and for each account."""
