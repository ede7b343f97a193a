"""Who owes which VAT: every pair of positions, and sums that include it."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.money import LARGEST
from core.product import rules
from core.registers import EU
from payments.tax import UNTAXED, Position, Reason, Tax, mention_of, tax_on, within

RATES = {"FR": 2000, "DE": 1900, "FI": 2550}
FRENCH = Position("FR", "FR11123456782", charges_vat=True)
GERMAN = Position("DE", "DE136695976", charges_vat=True)
FRANCHISE = Position("FR", "", charges_vat=False)


@pytest.mark.parametrize(
    ("seller", "buyer", "rate", "reason"),
    [
        (FRENCH, Position("FR"), 2000, Reason.DOMESTIC),
        (FRENCH, FRENCH, 2000, Reason.DOMESTIC),  # no reverse charge within a country
        (FRENCH, GERMAN, 0, Reason.REVERSE_CHARGE),
        (FRENCH, Position("DE"), 2000, Reason.EU_CONSUMER),
        (GERMAN, FRENCH, 0, Reason.REVERSE_CHARGE),
        (GERMAN, Position("FR"), 1900, Reason.EU_CONSUMER),
        (FRENCH, Position("GB"), 0, Reason.OUTSIDE),
        (FRENCH, Position("US"), 0, Reason.OUTSIDE),
        (FRANCHISE, Position("FR"), 0, Reason.EXEMPT),
        (FRANCHISE, GERMAN, 0, Reason.EXEMPT),
        (Position("SN", charges_vat=False), FRENCH, 0, Reason.OUTSIDE),
        (Position("FR"), FRENCH, 0, Reason.UNDECLARED),
        (Position("SN"), FRENCH, 0, Reason.OUTSIDE),
        (Position("FI", "FI12345671", charges_vat=True), Position("FI"), 2550, Reason.DOMESTIC),
        (Position("IT", "IT00743110157", charges_vat=True), Position("IT"), 0, Reason.EXEMPT),  # no rate in the table
    ],
)
def test_each_pair_has_its_rate_and_its_reason(seller: Position, buyer: Position, rate: int, reason: Reason) -> None:
    assert tax_on(seller, buyer, RATES) == Tax(rate, reason)


def test_the_settings_have_a_rate_for_every_member_state() -> None:
    assert {country for country, _rate in rules().vat_rates} == EU


@given(amount=st.integers(0, LARGEST), rate=st.integers(0, 10_000))
def test_vat_is_rounded_half_up_once(amount: int, rate: int) -> None:
    vat = Tax(rate, Reason.DOMESTIC).on(amount)
    assert -10_000 <= 2 * (amount * rate - vat * 10_000) < 10_000  # a half goes up


@given(total=st.integers(1, LARGEST), rate=st.integers(0, 3_000))
def test_a_price_that_includes_vat_is_its_two_parts(total: int, rate: int) -> None:
    net, vat = within(total, rate)
    assert net + vat == total
    assert abs(Tax(rate, Reason.DOMESTIC).on(net) - vat) <= 1


def test_a_known_price_is_divided_exactly() -> None:
    assert within(120_000, 2000) == (100_000, 20_000)
    assert within(100_000, 2000) == (83_333, 16_667)


@pytest.mark.parametrize("rate", [-1, 10_001])
def test_a_rate_out_of_bounds_is_a_bug(rate: int) -> None:
    with pytest.raises(ValueError, match="basis points"):
        Tax(rate, Reason.DOMESTIC)


def test_documents_say_why_there_is_no_vat() -> None:
    assert mention_of("exempt", "FR") == "VAT not applicable, article 293 B of the French tax code"
    assert mention_of("exempt", "DE") == "No VAT: the seller is exempt"
    assert mention_of("domestic", "FR") == ""
    assert mention_of(UNTAXED.reason, "FR") == ""
    with translation.override("fr"):
        assert mention_of("exempt", "FR") == "TVA non applicable, article 293 B du CGI"
        assert mention_of("reverse", "FR").startswith("Autoliquidation")
