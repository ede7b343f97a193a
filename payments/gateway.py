"""What the product asks of a payment provider, in its own words; `payments/gateways/` holds the providers."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
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


class MethodRefused(DomainError):
    """The provider does not take this card or bank account to pay with."""


class BankRefused(DomainError):
    """The provider does not take this bank account."""


#: Everything that moves money outside, or stops it. `reversal` takes a transfer back, `topup` and `cashout` are the
#: operator's own cash.
VERBS = ("charge", "cancel", "refund", "transfer", "reversal", "payout", "topup", "cashout")

State = Literal["confirmed", "waiting", "denied"]


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What the provider says of one money move.

    `waiting` is an answer that is not final; with `next_url` it waits for the payer, who takes the second step there.
    `code` is the provider's reason in the product's own list of codes. `fee` is what the provider keeps for itself,
    in minor units, None while it has not said. `amount`, `currency` and `move_id` are those of the provider's object.
    """

    state: State
    provider_id: str = ""
    code: str = ""
    next_url: str = ""
    fee: int | None = None
    amount: int | None = None
    currency: str = ""
    move_id: int | None = None


MethodKind = Literal["card", "sepa_debit"]


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A card or a bank account that the provider keeps and may charge; nobody here ever sees its number.

    `fingerprint` is the same for the same card or account, `mandate` names the payer's consent to direct debits.
    """

    provider_id: str
    kind: MethodKind
    brand: str
    last4: str
    expires_on: date | None
    fingerprint: str
    mandate: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """A method that is being added; the payer's browser finishes it with the secret, straight at the provider."""

    provider_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class SetupAnswer:
    """What became of a method that was being added; `code` says why it was refused."""

    state: Literal["saved", "waiting", "refused"]
    customer: str
    method: SavedMethod | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class SecondStep:
    """What the payer's browser needs to confirm a charge that waits for it, and the method that is confirmed."""

    client_secret: str
    method: str
    is_declined: bool


@dataclass(frozen=True, slots=True)
class SavedBank:
    """A bank account that the provider keeps, and a label that is safe to show."""

    provider_id: str
    label: str


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the provider says of a party's own account.

    `missing` names what it still wants to know, in the product's own codes; `banks` is where it may pay out to.
    """

    can_receive: bool
    can_pay_out: bool
    is_closed: bool
    missing: tuple[str, ...]
    banks: tuple[SavedBank, ...]

    @property
    def is_enabled(self) -> bool:
        """Test whether money may arrive there and leave."""
        return self.can_receive and self.can_pay_out and not self.is_closed


DisputeStatus = Literal["warning", "needs_response", "under_review", "won", "lost"]


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A charge that its payer contests at the bank. `fee` is what the provider takes for it; a warning takes nothing.

    `payment` is the provider's object of the charge, `is_withheld` tells whether the sum has left the balance.
    """

    provider_id: str
    payment: str
    amount: int
    currency: str
    fee: int
    reason: str
    status: DisputeStatus
    is_withheld: bool
    evidence_due_at: datetime | None
    created_at: datetime

    @property
    def is_open(self) -> bool:
        """Test whether the bank has not decided yet."""
        return self.status in {"needs_response", "under_review"}


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file for the bank that decides a dispute; PDF, PNG or JPEG."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a charge that is contested; the keys are those of EVIDENCE_TEXTS and EVIDENCE_FILES."""

    texts: Mapping[str, str]
    files: Mapping[str, EvidenceFile]


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A signed announcement of the provider, already verified: something about an object may have changed.

    `verb` names the kind of move the object stands for, or `account`, `setup`, `method`, `dispute`, `warning`; it is
    empty for types nobody here listens to. `account` is the party's own account that it happened on, if any.
    """

    event_id: str
    kind: str
    verb: str
    object_id: str
    account: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProviderBalances:
    """What the provider says is where, in minor units; what is on its way to a bank is counted nowhere.

    `available` and `pending` are the platform's own, `accounts` the sum of both of each account that was asked for,
    `withheld` is kept back for disputes that are open.
    """

    available: int
    pending: int
    withheld: int
    accounts: Mapping[str, int]

    @property
    def platform(self) -> int:
        """Return all that is on the platform's own balance."""
        return self.available + self.pending


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """One object of the provider, as its lists show it, for reconciliation.

    `account` is the party's account that a transfer went to or a payout left, `parent` the payment of a refund or a
    dispute, or the transfer of a reversal. `state` of a dispute is one of its own words.
    """

    verb: str
    provider_id: str
    amount: int
    currency: str
    state: str
    move_id: int | None
    account: str
    parent: str
    fee: int | None
    created_at: datetime


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

    Every call may raise GatewayUnreachable (nobody knows what happened), GatewayRefused (the request was wrong) and
    CalledInsideTransaction. `at` is the product's time: providers with a clock of their own ignore it. Amounts are in
    minor units; `key` makes a call happen once, however often it is made.
    """

    name: str
    #: Whether payers type their card into fields of the provider, on a page of ours that loads its script.
    has_own_fields: bool
    #: Whether those who earn tell the provider itself about them and their bank, on its own pages.
    has_own_onboarding: bool

    @property
    @abstractmethod
    def environment(self) -> str:
        """Return the first part of every key, so that keys of a test set-up never meet those of a live one."""

    # Money moves

    @abstractmethod
    def send(self, verb: str, *, key: str, body: Mapping[str, Any], at: datetime) -> GatewayAnswer:
        """Ask for one of VERBS; the same key and body ask for the same one again.

        Each body has `amount`, `currency` and `metadata` with `move_id`, and beside them:

        - charge: `method`, `customer`, `transfer_group`, `is_payer_present`, `mandate` (of direct debits);
        - cancel, refund: `payment`;
        - transfer: `account`, `transfer_group`, and `source_transaction`, the payment it comes from, unless it comes
          from the operator's own money;
        - reversal: `transfer`; payout: `account`, `bank`; topup and cashout: nothing.
        """

    @abstractmethod
    def fetch(self, verb: str, provider_id: str, *, within: str = "", at: datetime) -> GatewayAnswer:
        """Return the present state of an object; `within` is the account of a payout or the transfer of a reversal."""

    @abstractmethod
    def find(
        self, verb: str, move_id: int, *, body: Mapping[str, Any], since: datetime, at: datetime
    ) -> GatewayAnswer | None:
        """Look a move up by its metadata among what was made since it was sent; None when there is no such thing."""

    @abstractmethod
    def second_step(self, provider_id: str, *, at: datetime) -> SecondStep:
        """Return what the payer's browser needs to confirm a charge that waits for it."""

    # What clients pay with

    @abstractmethod
    def open_customer(self, *, key: str, party_id: int, name: str, email: str, at: datetime) -> str:
        """Make the party known as somebody who pays, or return the one made under this key."""

    @abstractmethod
    def begin_setup(self, *, key: str, customer: str, at: datetime) -> Setup:
        """Begin to add a method that may be charged later while the payer is away."""

    @abstractmethod
    def fetch_setup(self, provider_id: str, *, at: datetime) -> Setup:
        """Return a method that is being added, for a page that is loaded again."""

    @abstractmethod
    def finish_setup(self, provider_id: str, *, at: datetime) -> SetupAnswer:
        """Return what became of a method that was being added."""

    @abstractmethod
    def fetch_method(self, provider_id: str, *, at: datetime) -> SavedMethod | None:
        """Return a method as it is now; None for one that the provider no longer charges."""

    @abstractmethod
    def forget_method(self, provider_id: str, *, at: datetime) -> None:
        """Let the provider forget a method; one that it no longer knows is fine."""

    # Whom money goes to

    @abstractmethod
    def open_account(self, *, key: str, party_id: int, name: str, email: str, country: str, at: datetime) -> str:
        """Open the party's own account, paid out only when asked, or return the one opened under this key."""

    @abstractmethod
    def onboarding_link(self, account: str, *, return_url: str, refresh_url: str, at: datetime) -> str:
        """Return the address of the provider's own pages about the account; good once and for minutes.

        Empty for a provider that has none: `save_bank` tells it all it wants to know.
        """

    @abstractmethod
    def account_state(self, account: str, *, at: datetime) -> AccountState:
        """Return whether the account may receive and pay out, what is missing, and its banks."""

    @abstractmethod
    def save_bank(self, *, key: str, account: str, iban: str, at: datetime) -> SavedBank:
        """Let the provider keep a bank account to pay out to. Raises BankRefused, always where it has own pages."""

    # Disputes

    @abstractmethod
    def dispute(self, provider_id: str, *, at: datetime) -> ProviderDispute:
        """Return a dispute as it is now."""

    @abstractmethod
    def submit_evidence(
        self,
        provider_id: str,
        *,
        key: str,
        texts: Mapping[str, str],
        files: Mapping[str, EvidenceFile],
        at: datetime,
    ) -> ProviderDispute:
        """Hand the bank what speaks for the charge, once and for good; names are those of EVIDENCE_*."""

    # What the provider says by itself

    @abstractmethod
    def verify(self, body: bytes, headers: Mapping[str, str], *, scope: str = "platform") -> ProviderEvent:
        """Return the event in a request to the webhook of a scope. Raises BadSignature unless it was sent just now."""

    @abstractmethod
    def events_since(self, since: datetime, *, accounts: Iterable[str] = (), at: datetime) -> Iterator[ProviderEvent]:
        """Return what was announced since then, on the platform and on these accounts, whether it arrived or not."""

    @abstractmethod
    def balances(self, currency: str, *, accounts: Iterable[str] = ()) -> ProviderBalances:
        """Return what the provider holds for the platform and for each of these accounts.

        An account that the provider no longer lets us look into is left out.
        """

    @abstractmethod
    def listing(
        self, verb: str, *, since: datetime, accounts: Iterable[str] = (), at: datetime
    ) -> Iterator[ProviderRecord]:
        """Return every charge, refund, transfer, reversal, payout of these accounts, topup, cashout or dispute.

        Payouts of an account that the provider no longer lets us look into are left out.
        """


#: What the bank reads in a dispute: texts and files by what they are.
EVIDENCE_TEXTS = ("product", "service_date", "customer_name", "customer_email", "refund_policy", "refusal", "other")
EVIDENCE_FILES = ("receipt", "service", "communication", "signature", "other")
