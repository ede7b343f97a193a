"""The product's numbers: typed, bounded, and read from the environment."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.product import BadProduct, Product, read, rules, table


def test_the_defaults_are_those_of_the_rule_book() -> None:
    product = read({})
    assert product == Product()
    assert (product.freelancer_fee_bps, product.client_fee_bps) == (1000, 500)
    assert (product.review_days, product.security_days) == (14, 5)
    assert product.connect_packs == (10, 20, 40, 60, 80)
    assert product.fixed_connect_ladder == ((5000, 1), (10000, 2), (25000, 3), (60000, 4), (150000, 5))


def test_every_kind_of_number_is_read() -> None:
    product = read(
        {
            "JALON_REVIEW_DAYS": " 10 ",
            "JALON_CONNECT_PACKS": "5,50",
            "JALON_HOURLY_CONNECT_LADDER": "100:1,200:3",
            "JALON_ESCROW_WORDING": "held",
            "JALON_BRAND_NAME": "Borne",
            "JALON_VAT_RATES": "FR:2000, DE:1900",
            "JALON_REGISTRATION_COUNTRIES": "",
        }
    )
    assert product.review_days == 10
    assert product.connect_packs == (5, 50)
    assert product.hourly_connect_ladder == ((100, 1), (200, 3))
    assert product.escrow_wording == "held"
    assert product.brand_name == "Borne"
    assert product.vat_rates == (("FR", 2000), ("DE", 1900))
    assert product.registration_countries == ()


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"JALON_REVIEW_DAYS": "0"}, "JALON_REVIEW_DAYS must be 1 or more."),
        ({"JALON_FREELANCER_FEE_BPS": "6000"}, "JALON_FREELANCER_FEE_BPS must be 5000 or less."),
        ({"JALON_CONNECT_PACKS": "10,many"}, "JALON_CONNECT_PACKS='10,many' cannot be read"),
        ({"JALON_CONNECT_PACKS": "10,501"}, "JALON_CONNECT_PACKS must name packs up to JALON_CONNECT_CUSTOM_MAXIMUM."),
        ({"JALON_FIXED_CONNECT_LADDER": "100:2,50:3"}, "JALON_FIXED_CONNECT_LADDER: write rungs whose prices"),
        ({"JALON_FIXED_CONNECT_LADDER": "100:7"}, "JALON_TOP_CONNECT_COST must not be below the last rung"),
        ({"JALON_CURRENCY": "euro"}, "JALON_CURRENCY must be three capital letters"),
        ({"JALON_JOB_REMINDER_DAYS": "30"}, "JALON_JOB_REMINDER_DAYS must be below JALON_JOB_DAYS."),
        ({"JALON_VAT_RATES": "FR:2000,FR:2100"}, "JALON_VAT_RATES: write each country once"),
        ({"JALON_VAT_RATES": "FR:20000"}, "JALON_VAT_RATES must be between 0 and 10000"),
        ({"JALON_VAT_RATES": "France"}, "JALON_VAT_RATES='France' cannot be read: write rates like FR:2000,DE:1900"),
        ({"JALON_REGISTRATION_COUNTRIES": "fr"}, "JALON_REGISTRATION_COUNTRIES: write each country once"),
        (
            {"JALON_OPERATOR_COUNTRY": "CH", "JALON_OPERATOR_VAT_NUMBER": "CHE123456789"},
            "JALON_VAT_RATES has no rate for JALON_OPERATOR_COUNTRY.",
        ),
        ({"JALON_BRAND_NAME": " "}, "JALON_BRAND_NAME must not be empty."),
    ],
)
def test_a_number_that_cannot_be_used_is_named(environ: dict[str, str], message: str) -> None:
    with pytest.raises(BadProduct, match=re.escape(message)):
        read(environ)


def test_the_running_product_is_that_of_the_settings() -> None:
    sample = replace(rules(), operator_name="", operator_address="")  # the embedded set-up names a sample operator
    assert sample == Product()


def test_every_number_is_documented() -> None:
    assert len(table()) == len(Product.__slots__)
    assert all(meaning.endswith(".") for _name, _default, meaning in table())


def test_the_range_of_what_a_proposal_costs_follows_the_ladders() -> None:
    assert Product().connect_costs == (1, 6)
    changed = read(
        {
            "JALON_FIXED_CONNECT_LADDER": "100:3,200:4",
            "JALON_HOURLY_CONNECT_LADDER": "100:2,200:9",
            "JALON_TOP_CONNECT_COST": "12",
        }
    )
    assert changed.connect_costs == (2, 12)
