"""Stripe's test cards and bank accounts: what each of them does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: When the payer's bank wants the payer: never; always; unless the card was set up; only on session ("set_up").
Authentication = Literal["never", "always", "unless_set_up", "on_session"]

MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}


@dataclass(frozen=True, slots=True)
class Decline:
    code: str
    decline_code: str

    @property
    def message(self) -> str:
        return MESSAGES.get(self.decline_code) or MESSAGES[self.code]


@dataclass(frozen=True, slots=True)
class Card:
    """A test card."""

    number: str
    brand: str = "visa"
    country: str = "US"
    decline: Decline | None = None
    may_attach: bool = True
    authentication: Authentication = "never"
    dispute: str | None = None
    warns_of_fraud: bool = False
    refund: Literal["succeeds", "fails", "pends"] = "succeeds"
    skips_pending: bool = False


def refusing(number: str, decline_code: str, code: str = "card_declined", **details: bool) -> Card:
    return Card(number, decline=Decline(code, decline_code), may_attach=details.get("may_attach", False))


EXPIRED = Decline("expired_card", "expired_card")
CARDS: dict[str, Card] = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556"),
    "mastercard": Card("5555555555554444", brand="mastercard"),
    "amex": Card("378282246310005", brand="amex"),
    "fr": Card("4000002500000003", country="FR"),
    "de": Card("4000002760000016", country="DE"),
    "bypassPending": Card("4000000000000077", skips_pending=True),
    "chargeDeclined": refusing("4000000000000002", "generic_decline"),
    "chargeDeclinedInsufficientFunds": refusing("4000000000009995", "insufficient_funds"),
    "chargeDeclinedLostCard": refusing("4000000000009987", "lost_card"),
    "chargeDeclinedStolenCard": refusing("4000000000009979", "stolen_card"),
    "chargeDeclinedExpiredCard": refusing("4000000000000069", "expired_card", "expired_card"),
    "chargeDeclinedIncorrectCvc": refusing("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
    "chargeDeclinedProcessingError": refusing("4000000000000119", "processing_error", "processing_error"),
    "chargeDeclinedVelocityLimitExceeded": refusing("4000000000006975", "card_velocity_exceeded"),
    "radarBlock": refusing("4100000000000019", "fraudulent"),
    "chargeCustomerFail": refusing("4000000000000341", "generic_decline", may_attach=True),
    "createDispute": Card("4000000000000259", dispute="fraudulent"),
    "createDisputeProductNotReceived": Card("4000000000002685", dispute="product_not_received"),
    "createDisputeInquiry": Card("4000000000001976", dispute="inquiry"),
    "createIssuerFraudRecord": Card("4000000000005423", warns_of_fraud=True),
    "refundFail": Card("4000000000005126", refund="fails"),
    "pendingRefund": Card("4000000000007726", refund="pends"),
    "authenticationRequiredOnSetup": Card("4000002500003155", authentication="unless_set_up"),
    "authenticationRequired": Card("4000002760003184", authentication="always"),
    "authenticationRequiredSetupForOffSession": Card("4000003800000446", authentication="on_session"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "4000008260003178", authentication="always", decline=Decline("card_declined", "insufficient_funds")
    ),
    "threeDSecure2Required": Card("4000000000003220", authentication="always"),
    "threeDSecureRequired": Card("4000000000003063", authentication="always"),
    "threeDSecureRequiredChargeDeclined": Card(
        "4000008400001629", authentication="always", decline=Decline("card_declined", "generic_decline")
    ),
}
BY_NUMBER = {card.number: card for card in CARDS.values()}


def card_of_token(token: str) -> Card | None:
    """Return the card of a test payment method such as pm_card_visa or pm_card_visa_chargeDeclinedLostCard."""
    name = token.removeprefix("pm_card_")
    return CARDS.get(name) or CARDS.get(name.removeprefix("visa_")) if name != token else None


@dataclass(frozen=True, slots=True)
class Debit:
    """A test bank account that pays by SEPA debit: how its collection ends, days later."""

    iban: str
    failure: str | None = None
    is_disputed: bool = False


DEBITS = {
    debit.iban: debit
    for debit in (
        Debit("AT611904300234573201"),
        Debit("AT861904300235473202", failure="insufficient_funds"),
        Debit("AT591904300235473203", is_disputed=True),
        Debit("DE89370400440532013000"),
        Debit("DE08370400440532013003"),
        Debit("DE62370400440532013001", failure="generic_could_not_process"),
        Debit("DE78370400440532013004", failure="generic_could_not_process"),
        Debit("DE35370400440532013002", is_disputed=True),
        Debit("DE65370400440002222227", failure="insufficient_funds"),
        Debit("FR1420041010050500013M02606"),
        Debit("FR3020041010050500013M02609"),
        Debit("FR8420041010050500013M02607", failure="generic_could_not_process"),
        Debit("FR7920041010050500013M02600", failure="generic_could_not_process"),
        Debit("FR5720041010050500013M02608", is_disputed=True),
    )
}

#: Accounts that money can be paid out to, and why a payout to one comes back.
PAYOUT_FAILURES = {
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "DE62370400440532013001": "could_not_process",
    "FR8420041010050500013M02607": "could_not_process",
}
