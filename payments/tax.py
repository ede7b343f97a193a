"""VAT by country: who owes what to whom for a sale. Pure, and the only place that knows; nothing here reads a row.

The rules are those for services sold within and out of the European Union. `RULES` is stored beside every sum that was
worked out here; it rises when a rule below changes, never when a rate of the settings does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.money import BPS, fee_of
from core.registers import EU

#: Version of the rules in `tax_on`.
RULES = 1


class Reason(StrEnum):
    """Why a sale carries the VAT it carries; stored with the sum, and printed as a mention on documents."""

    #: Seller and buyer are in one country: its rate.
    DOMESTIC = "domestic"
    #: A business of another member state with a checked number: it owes the VAT itself.
    REVERSE_CHARGE = "reverse"
    #: A private person, or a business without a checked number, of another member state: the seller's rate.
    EU_CONSUMER = "eu_consumer"
    #: One of the two is outside of the Union: not within the scope of its VAT.
    OUTSIDE = "outside"
    #: The seller charges no VAT: in France, article 293 B of the tax code.
    EXEMPT = "exempt"
    #: The seller had not said whether they charge VAT: what they owe of it is within the price.
    UNDECLARED = "undeclared"
    #: No tax was asked of the sale at all.
    NONE = "none"


#: What a document says of a sale that carries no VAT; {(reason, seller's country or any): mention}.
_MENTIONS = {
    (Reason.EXEMPT, "FR"): gettext_noop("VAT not applicable, article 293 B of the French tax code"),
    (Reason.EXEMPT, ""): gettext_noop("No VAT: the seller is exempt"),
    (Reason.REVERSE_CHARGE, ""): gettext_noop("Reverse charge: the customer owes the VAT (article 196, 2006/112/EC)"),
    (Reason.OUTSIDE, ""): gettext_noop("Outside the scope of European VAT"),
    (Reason.UNDECLARED, ""): gettext_noop("VAT was not declared: what is owed of it is within the price"),
}


@dataclass(frozen=True, slots=True)
class Position:
    """What VAT needs to know of one side of a sale.

    `vat_number` is set only where it was checked. `charges_vat` is None for a seller who has not said.
    """

    country: str
    vat_number: str = ""
    charges_vat: bool | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """The VAT of one sale: its rate in basis points, and why it is that."""

    rate_bps: int
    reason: Reason

    def __post_init__(self) -> None:
        """Refuse a rate that would make VAT a negative or more than what it is on."""
        if not 0 <= self.rate_bps <= BPS:
            raise ValueError(f"{self.rate_bps} basis points of VAT")

    def on(self, amount: int) -> int:
        """Return the VAT on an amount without it, in minor units, rounded half up once."""
        return fee_of(amount, self.rate_bps)


#: A sale that no tax is asked of.
UNTAXED = Tax(0, Reason.NONE)


@dataclass(frozen=True, slots=True)
class ChargeTaxes:
    """The VAT of what one charge pays for: the seller's on the work, the operator's on its fee."""

    work: Tax
    fee: Tax


@dataclass(frozen=True, slots=True)
class DealTaxes:
    """The VAT of everything that two sides of a deal pay: what the charge carries, and the freelancer's service fee."""

    charge: ChargeTaxes
    service: Tax


UNTAXED_CHARGE = ChargeTaxes(UNTAXED, UNTAXED)


def tax_on(seller: Position, buyer: Position, rates: Mapping[str, int]) -> Tax:
    """Return the VAT of a service sold by one to the other; `rates` are standard rates in basis points by country.

    A seller whose country has no rate charges none. Sales to private persons of other member states carry the
    seller's rate: whoever passes the Union's threshold accounts for the difference through the one-stop shop.
    """
    if seller.charges_vat is None:
        return Tax(0, Reason.UNDECLARED if seller.country in rates else Reason.OUTSIDE)
    if not seller.charges_vat or seller.country not in rates:
        return Tax(0, Reason.EXEMPT if seller.country in EU else Reason.OUTSIDE)
    if buyer.country == seller.country:
        return Tax(rates[seller.country], Reason.DOMESTIC)
    if seller.country not in EU or buyer.country not in EU:
        return Tax(0, Reason.OUTSIDE)
    if buyer.vat_number:
        return Tax(0, Reason.REVERSE_CHARGE)
    return Tax(rates[seller.country], Reason.EU_CONSUMER)


def within(total: int, rate_bps: int) -> tuple[int, int]:
    """Return the amount without VAT and the VAT that are together `total`, for a price that includes it."""
    net = (total * BPS * 2 + BPS + rate_bps) // (2 * (BPS + rate_bps))
    return net, total - net


def mention_of(reason: str, country: str) -> str:
    """Return what is printed beside a sale of a seller of this country, in the reader's language; empty for none."""
    key = Reason(reason)
    text = _MENTIONS.get((key, country)) or _MENTIONS.get((key, ""))
    return _(text) if text else ""
