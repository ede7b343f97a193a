"""Numbers of registers: formed right, for the right country, or refused."""

from __future__ import annotations

import pytest

from core.registers import (
    SAMPLE_VAT_NUMBER,
    compact_siret,
    compact_vat_number,
    is_french_pair,
    is_siret,
    is_vat_number_of,
)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("FR", " fr 12 000 000 000", "FR12000000000"),
        ("DE", "DE 136,695 976", "DE136695976"),
        ("GR", "gr 094259216", "EL094259216"),
        ("GR", "EL094259216", "EL094259216"),
    ],
)
def test_a_vat_number_is_kept_in_its_short_form(country: str, typed: str, kept: str) -> None:
    assert compact_vat_number(typed) == kept
    assert is_vat_number_of(country, kept)


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("FR", "FR13000000000"),  # check digits
        ("FR", "DE136695976"),  # another country's
        ("DE", "DE136695977"),
        ("GB", "GB980780684"),  # not a member state any more
        ("US", "US123456789"),
        ("FR", ""),
        ("FR", "FR"),
        ("FR", "Kein"),
    ],
)
def test_what_is_no_vat_number_of_the_country_is_refused(country: str, number: str) -> None:
    assert not is_vat_number_of(country, compact_vat_number(number))


def test_a_siret_is_checked_and_compared_with_the_vat_number() -> None:
    number = compact_siret("123 456 782 00010")
    assert number == "12345678200010"
    assert is_siret(number)
    assert not is_siret("12345678200011")
    assert not is_siret("123456782")
    assert is_french_pair(number, "FR11123456782")
    assert not is_french_pair(number, SAMPLE_VAT_NUMBER)
