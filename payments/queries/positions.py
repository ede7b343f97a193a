"""Where parties stand with VAT, as they declared it, and what that makes of a sale between them."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import LegalProfile, Party
from core.product import rules
from payments.tax import ChargeTaxes, Position, Tax, tax_on


def positions(party_ids: Collection[int]) -> dict[int, Position]:
    """Return how each of these parties stands with VAT, in two queries.

    One that has declared nothing counts as a private person of the country it names; as a seller it has not said.
    """
    declared = {row.party_id: row for row in LegalProfile.objects.filter(party_id__in=party_ids)}
    found = {}
    for pk, country in Party.objects.filter(pk__in=party_ids).values_list("pk", "country"):
        profile = declared.get(pk)
        found[pk] = (
            Position(str(profile.country), profile.vat_number, profile.charges_vat)
            if profile
            else Position(str(country))
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
    found, rates = positions([payer_id, payee_id]), _rates()
    return ChargeTaxes(
        work=tax_on(found[payee_id], found[payer_id], rates),
        fee=tax_on(operator_position(), found[payer_id], rates),
    )


def _rates() -> dict[str, int]:
    return dict(rules().vat_rates)
