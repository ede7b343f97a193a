"""Amounts as people type them."""

from __future__ import annotations

import pytest

from core.money import InvalidAmount, parse_money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1400", "EUR", 140_000),
        ("1,400.50", "EUR", 140_050),
        ("1.400,50", "EUR", 140_050),
        ("1 400,50", "EUR", 140_050),
        ("1\u202f400,5 €", "EUR", 140_050),
        ("€1,400", "EUR", 140_000),
        ("1'400.50", "CHF", 140_050),
        ("1.234", "EUR", 123_400),
        ("1,234", "EUR", 123_400),
        ("1,234,567", "EUR", 123_456_700),
        ("0.12", "EUR", 12),
        ("0", "EUR", 0),
        ("1,500", "JPY", 1_500),
        ("1.234", "TND", 1_234),
        ("1,234.567", "TND", 1_234_567),
    ],
)
def test_an_amount_is_read_as_it_is_written(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    ["0.125", "0,125", "1.000,000", "1,000.000", "1,234.567", "1 234.567,8", "1.234 567", "01.234", "1,23,456", "1..2"],
)
def test_what_could_be_meant_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_money(text, "EUR")


@pytest.mark.parametrize("text", ["", "-5", "ten", "1e5", "١٢", "9" * 25, "10000000.01", "1.5", "€"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_money(text, "JPY" if text == "1.5" else "EUR")
