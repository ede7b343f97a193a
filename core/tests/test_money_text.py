"""Amounts read as each language writes them."""

from __future__ import annotations

import pytest
from django.utils import formats, translation
from hypothesis import given
from hypothesis import strategies as some

from core.money import MINUS, NARROW_NBSP, NBSP, format_money, to_decimal


@pytest.mark.parametrize(
    ("minor", "currency", "english", "french"),
    [
        (0, "EUR", "€0.00", "0,00 €"),
        (5, "EUR", "€0.05", "0,05 €"),
        (140_000, "EUR", "€1,400.00", "1_400,00 €"),
        (-11_200, "EUR", "−€112.00", "−112,00 €"),
        (123_456_789, "USD", "$1,234,567.89", "1_234_567,89 $"),
        (1_500, "JPY", "¥1,500", "1_500 ¥"),
        (1_234_567, "TND", "TND 1,234.567", "1_234,567 TND"),
        (100, "CHF", "CHF 1.00", "1,00 CHF"),
    ],
)
def test_an_amount_reads_as_its_language_writes_it(minor: int, currency: str, english: str, french: str) -> None:
    with translation.override("en"):
        assert format_money(minor, currency) == english.replace(" ", NBSP)
    with translation.override("fr"):
        assert format_money(minor, currency) == french.replace(" ", NBSP).replace("_", NARROW_NBSP)


def test_a_negative_amount_has_a_true_minus_sign() -> None:
    assert format_money(-1, "EUR")[0] == MINUS


@pytest.mark.parametrize(("minor", "text"), [(140_000, "€1,400"), (140_050, "€1,400.50"), (0, "€0"), (-200, "−€2")])
def test_a_whole_amount_may_leave_out_its_decimals(minor: int, text: str) -> None:
    assert format_money(minor, "EUR", is_whole=True) == text


@given(
    minor=some.integers(-(10**12), 10**12),
    currency=some.sampled_from(["EUR", "JPY", "TND"]),
    language=some.sampled_from(["en", "fr"]),
)
def test_the_figures_are_those_of_django(minor: int, currency: str, language: str) -> None:
    with translation.override(language):
        decimals = {"EUR": 2, "JPY": 0, "TND": 3}[currency]
        theirs = formats.number_format(
            to_decimal(abs(minor), currency), decimal_pos=decimals, use_l10n=True, force_grouping=True
        )
        assert theirs.replace(NBSP, NARROW_NBSP) in format_money(minor, currency)
