"""Numbers that public registers give to businesses, checked by their form and check digits; nothing is looked up."""

from __future__ import annotations

from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siret

#: The operator of the embedded set-up; no business has this number.
SAMPLE_VAT_NUMBER = "FR12000000000"
#: Member states of the European Union (ISO 3166).
EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"}
    | {"LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
#: The one country whose VAT numbers begin otherwise than its code.
_PREFIXES = {"GR": "EL"}


def compact_vat_number(text: str) -> str:
    """Return a VAT number without spaces and signs, in capitals; what is none comes back as it was, trimmed."""
    try:
        number = str(vat.compact(text))
    except ValidationError:
        return text.strip().upper()
    return f"EL{number[2:]}" if number.startswith("GR") else number


def is_vat_number_of(country: str, number: str) -> bool:
    """Test whether `number` is formed like a VAT number of this member state, check digits included."""
    prefix = _PREFIXES.get(country, country)
    return country in EU and number.startswith(prefix) and bool(vat.is_valid(number))


def compact_siret(text: str) -> str:
    """Return a SIRET as its fourteen digits; what is none comes back trimmed."""
    return str(siret.compact(text)).strip()


def is_siret(number: str) -> bool:
    """Test whether `number` is formed like a SIRET, check digits included."""
    return bool(siret.is_valid(number))


def is_french_pair(number: str, vat_number: str) -> bool:
    """Test whether a SIRET and a French VAT number name the same business: they share its nine digits."""
    return vat_number[4:] == number[:9]
