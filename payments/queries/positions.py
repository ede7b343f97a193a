"""Where parties stand with VAT, as they declared it, and what that makes of a sale between them."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import LegalProfile, Party
from core.product import rules
from payments.tax import ChargeTaxes, DealTaxes, Position, Tax, tax_on


def positions(party_ids: Collection[int]) -> dict[int, Position]:
    """Return how each of these parties stands with VAT, in one query.

    One that has declared nothing counts as a private person of the country it names; as a seller it has not said.
    """
    found = {}
    for party in Party.objects.filter(pk__in=party_ids).select_related("legal_profile"):
        profile: LegalProfile | None = getattr(party, "legal_profile", None)
        found[party.pk] = (
            Position(str(profile.country), profile.vat_number, profile.charges_vat)
            if profile
            else Position(str(party.country))
        )
    return found


def operator_position() -> Position:
    """Return how the operator stands with VAT: without a number it charges none."""
    number = rules().operator_vat_number
    return Position(rules().operator_country, number, charges_vat=bool(number))


def operator_tax(party_id: int) -> Tax:
    """Return the VAT on what the operator sells to a party: the service fee, the client fee, connects."""
    return tax_on(operator_position(), positions([party_id])[party_id], _rates())


def charge_taxes(*, payer_id: int, payee_id: int) -> ChargeTaxes:
    """Return the VAT of work that one party does for another, and of the operator's fee to the one who pays."""
    return deal_taxes(payer_id=payer_id, payee_id=payee_id).charge


def deal_taxes(*, payer_id: int, payee_id: int) -> DealTaxes:
    """Return the VAT of the work, of the client's fee and of the freelancer's fee between two parties, in one query."""
    found, rates = positions([payer_id, payee_id]), _rates()
    payer, payee, operator = found[payer_id], found[payee_id], operator_position()
    return DealTaxes(
        charge=ChargeTaxes(work=tax_on(payee, payer, rates), fee=tax_on(operator, payer, rates)),
        service=tax_on(operator, payee, rates),
    )


def _rates() -> dict[str, int]:
    return dict(rules().vat_rates)
