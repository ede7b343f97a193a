"""The numbers that the sandbox takes for cards and bank accounts, and what each does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Outcome = Literal["succeeded", "declined", "second_step", "later", "fails_later"]


@dataclass(frozen=True, slots=True)
class TestCard:
    """A number that the sandbox takes for a card, and what it does with its charges and refunds."""

    number: str
    label: str | Promise
    outcome: Outcome
    code: str = ""
    refund_fails: bool = False
    refund_comes_back: bool = False
    is_disputed: bool = False

    @property
    def spaced(self) -> str:
        """Return the number in groups of four."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


TEST_CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", _("Succeeds"), "succeeded"),
        TestCard("4000000000000002", _("Is declined"), "declined", "card_declined"),
        TestCard("4000000000009995", _("Is declined: not enough money"), "declined", "insufficient_funds"),
        TestCard("4000000000009987", _("Is declined: lost or stolen"), "declined", "card_lost"),
        TestCard("4000000000000069", _("Is declined: expired"), "declined", "expired_card"),
        TestCard("4000002500003155", _("Needs a second step at the bank"), "second_step"),
        TestCard("4000000000000077", _("Succeeds some seconds later"), "later"),
        TestCard("4000000000000085", _("Fails some seconds later"), "fails_later", "insufficient_funds"),
        TestCard("4000000000005126", _("Succeeds, but refuses refunds"), "succeeded", refund_fails=True),
        TestCard("4000000000005134", _("Succeeds, and sends refunds back later"), "succeeded", refund_comes_back=True),
        TestCard("4000000000000259", _("Succeeds, and is charged back later"), "succeeded", is_disputed=True),
    )
}
#: Payouts to this account are sent and come back.
FAILING_IBAN = "FR8420041010050500013M02607"
WORKING_IBAN = "FR1420041010050500013M02606"
