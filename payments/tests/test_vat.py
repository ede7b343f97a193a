"""VAT through every row and posting, by the numbers of the table of postings: 1 000 of work, 20 % on all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.tests.cast import GERMAN_VAT_NUMBER, VAT_NUMBER, Person, charge_vat, declare
from core.money import LARGEST, fee_of, split_within
from core.registers import SAMPLE_VAT_NUMBER
from ledger.checks import run_checks
from ledger.models import Transfer
from payments import actions
from payments.models import Charge, FrozenPart, Holding, Refund, Release
from payments.queries import (
    Held,
    charge_taxes,
    held,
    held_part,
    operator_tax,
    quote_charge,
    quote_held_release,
    quote_work,
)
from payments.tax import ChargeTaxes, Reason, Tax
from payments.tests import cards
from payments.tests.cards import make_card, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]
TWENTY = Tax(2000, Reason.DOMESTIC)
AMOUNTS = st.integers(1, LARGEST)
RATES = st.integers(0, 2_700)


@pytest.fixture(autouse=True)
def taxed_operator(settings: Any) -> None:
    """Let the operator charge VAT in France."""
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)


@pytest.fixture
def sides(alice: Person, bob: Person, at: datetime) -> tuple[int, int]:
    """Return a French client with a number and a French freelancer who charges VAT."""
    declare(alice, vat_number=VAT_NUMBER, at=at)
    charge_vat(bob, at=at)
    assert alice.party is not None
    assert bob.party is not None
    return alice.party.pk, bob.party.pk


@pytest.fixture
def funded(alice: Person, sides: tuple[int, int], told: Told, at: datetime) -> Charge:
    """Hold 1 000 and 50 with 20 % on thing:7."""
    taxes = charge_taxes(payer_id=sides[0], payee_id=sides[1])
    return actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at, taxes=taxes).pk, at=at)


def legs_of(key: str) -> dict[str, int]:
    """Return the entries of a transfer by account."""
    entries = Transfer.objects.get(key=key).entries.select_related("account")
    return {entry.account.name: entry.amount for entry in entries}


def test_a1v_is_charged_and_held_with_its_vat(funded: Charge) -> None:
    assert (funded.gross, funded.vat, funded.client_fee, funded.client_fee_vat, funded.amount) == (
        100_000,
        20_000,
        5_000,
        1_000,
        126_000,
    )
    assert (funded.vat_bps, funded.vat_reason) == (2000, "domestic")
    assert (funded.fee_vat_bps, funded.fee_vat_reason, funded.tax_rules) == (2000, "domestic", 1)
    assert legs_of(f"charge:{funded.pk}") == {
        "gateway": -126_000,
        "held:thing:7": 120_000,
        "held_fee:thing:7": 6_000,
    }


def test_b1v_releases_the_vat_whole_and_books_that_of_the_fees(
    funded: Charge, sides: tuple[int, int], at: datetime
) -> None:
    (release,) = cards.release("thing:7", 100_000, at=at)
    assert (release.gross, release.vat, release.fee, release.fee_vat, release.net) == (
        100_000,
        20_000,
        10_000,
        2_000,
        108_000,
    )
    assert (release.client_fee, release.client_fee_vat, release.fee_vat_bps) == (5_000, 1_000, 2000)
    assert legs_of(f"release:{release.pk}") == {
        "held:thing:7": -120_000,
        f"pending:party:{sides[1]}": 108_000,
        "rev:service": 10_000,
        "tax:payable": 3_000,
        "held_fee:thing:7": -6_000,
        "rev:client_fee": 5_000,
    }


def test_b2_releases_a_part_with_its_part_of_everything(funded: Charge, sides: tuple[int, int], at: datetime) -> None:
    (release,) = cards.release("thing:7", 60_000, at=at)
    assert legs_of(f"release:{release.pk}") == {
        "held:thing:7": -72_000,
        f"pending:party:{sides[1]}": 64_800,
        "rev:service": 6_000,
        "tax:payable": 1_800,
        "held_fee:thing:7": -3_600,
        "rev:client_fee": 3_000,
    }
    assert held("thing:7") == Held(40_000, 2_000, 8_000, 400)


def test_b3_moves_the_rest_with_its_vat(funded: Charge, at: datetime) -> None:
    with transaction.atomic():
        (moved,) = actions.carry_holding(frm="thing:7", to="thing:8", gross=40_000, at=at)
    assert legs_of(f"carry:{moved.pk}") == {
        "held:thing:7": -48_000,
        "held_fee:thing:7": -2_400,
        "held:thing:8": 48_000,
        "held_fee:thing:8": 2_400,
    }
    assert held("thing:8") == Held(40_000, 2_000, 8_000, 400)


def test_c1_returns_held_money_with_its_vat(funded: Charge, at: datetime, books: Books) -> None:
    (refund,) = cards.refund("thing:7", 40_000, at=at)
    assert (refund.gross, refund.vat, refund.client_fee, refund.client_fee_vat, refund.amount) == (
        40_000,
        8_000,
        2_000,
        400,
        50_400,
    )
    reserved = legs_of(f"refund:{refund.pk}")
    assert sorted(reserved.values()) == [-48_000, -2_400, 50_400]
    settle_all(at)
    refund.refresh_from_db()
    assert refund.status == Refund.Status.CONFIRMED
    assert books("tax:payable") == 0  # nothing was earned, so nothing is owed


def test_d_divides_frozen_money_with_its_vat(funded: Charge, sides: tuple[int, int], at: datetime) -> None:
    with transaction.atomic():
        (part,) = actions.freeze_holding(holder="thing:7", case="matter:2", gross=100_000, at=at)
        _releases, (refund,) = actions.settle_frozen(
            case="matter:2", to_freelancer=60_000, to_client=40_000, fee_version=1, title="Logo", at=at
        )
    assert part.whole == 126_000
    legs = legs_of(f"case_settled:{part.pk}")
    assert legs.pop("frozen:matter:2") == -126_000
    assert legs.pop(f"pending:party:{sides[1]}") == 64_800
    assert (legs.pop("rev:service"), legs.pop("rev:client_fee"), legs.pop("tax:payable")) == (6_000, 3_000, 1_800)
    assert list(legs.values()) == [50_400]
    assert refund.amount == 50_400


def test_a_later_change_alters_nothing_that_was_charged(
    funded: Charge, bob: Person, alice: Person, sides: tuple[int, int], at: datetime
) -> None:
    declare(bob, country="DE", vat_number=GERMAN_VAT_NUMBER, charges_vat=False, at=at)
    (release,) = cards.release("thing:7", 100_000, at=at)
    assert (release.vat, release.charge and release.charge.vat_bps) == (20_000, 2000)  # as it was charged
    assert (release.fee_vat, release.fee_vat_reason) == (0, "reverse")  # the fee is earned now, from a German business
    assert charge_taxes(payer_id=sides[0], payee_id=sides[1]).work == Tax(0, Reason.EXEMPT)


def test_quotes_are_what_the_rows_become(funded: Charge, sides: tuple[int, int], at: datetime) -> None:
    taxes = charge_taxes(payer_id=sides[0], payee_id=sides[1])
    assert quote_charge(100_000, 1, taxes).total == funded.amount
    assert quote_work(100_000, 1, payer_id=sides[0], payee_id=sides[1]).net == 108_000
    shown = [quote_held_release("thing:7", gross, 1, payee_id=sides[1]) for gross in (33_333,)]
    (release,) = cards.release("thing:7", 33_333, at=at)
    assert [(each.vat, each.fee, each.fee_vat, each.net) for each in shown] == [
        (release.vat, release.fee, release.fee_vat, release.net)
    ]
    part = held_part("thing:7", 22_222)
    (refund,) = cards.refund("thing:7", 22_222, at=at)
    assert (part.vat, part.client_fee, part.client_fee_vat, part.total) == (
        refund.vat,
        refund.client_fee,
        refund.client_fee_vat,
        refund.amount,
    )


def test_who_has_declared_nothing_is_a_private_person_who_has_not_said(alice: Person, bob: Person) -> None:
    assert alice.party is not None
    assert bob.party is not None
    taxes = charge_taxes(payer_id=alice.party.pk, payee_id=bob.party.pk)
    assert taxes == ChargeTaxes(Tax(0, Reason.UNDECLARED), TWENTY)
    assert operator_tax(bob.party.pk) == TWENTY


def test_an_operator_without_a_number_charges_no_vat(alice: Person, settings: Any) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number="")
    assert alice.party is not None
    assert operator_tax(alice.party.pk) == Tax(0, Reason.EXEMPT)


@pytest.mark.parametrize("column", ["vat", "client_fee_vat", "client_fee", "gross"])
def test_the_database_refuses_a_charge_that_does_not_add_up(funded: Charge, column: str) -> None:
    setattr(funded, column, getattr(funded, column) + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        funded.save()


@pytest.mark.parametrize("column", ["vat", "fee_vat", "fee", "gross", "net"])
def test_the_database_refuses_a_release_that_does_not_add_up(funded: Charge, column: str, at: datetime) -> None:
    (release,) = cards.release("thing:7", 100_000, at=at)
    setattr(release, column, getattr(release, column) + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        release.save()


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"vat": 19_999, "client_fee_vat": 1_001},
            {"payments.vat_follows_its_rate", "payments.charges_are_accounted_for"},
        ),
        ({"vat_bps": 1900}, {"payments.vat_follows_its_rate"}),
    ],
)
def test_the_books_notice_vat_that_is_not_its_rate(funded: Charge, change: dict[str, int], found: set[str]) -> None:
    Charge.objects.filter(pk=funded.pk).update(**change)
    assert {each.check for each in run_checks() if each.check.startswith("payments.")} == found


@pytest.mark.usefixtures("invented")
def test_the_books_notice_tax_that_no_row_explains(funded: Charge, at: datetime) -> None:
    (release,) = cards.release("thing:7", 100_000, at=at)
    Release.objects.filter(pk=release.pk).update(fee=10_001, fee_vat=1_999)
    found = {each.check for each in run_checks() if each.check.startswith("payments.")}
    assert found == {"payments.tax_equals_rows", "payments.fees_equal_revenue"}


@given(
    shares=st.lists(st.tuples(st.integers(0, LARGEST), st.integers(0, LARGEST)), min_size=1, max_size=6), data=st.data()
)
def test_shares_within_caps_are_the_whole_and_fit(shares: list[tuple[int, int]], data: st.DataObject) -> None:
    weights, caps = [weight for weight, _cap in shares], [cap for _weight, cap in shares]
    total = data.draw(st.integers(0, sum(caps)))
    parts = split_within(total, weights, caps)
    assert sum(parts) == total
    assert all(0 <= part <= cap for part, cap in zip(parts, caps, strict=True))


@settings(max_examples=max(settings.default.max_examples // 3, 15) if settings.default else 15)  # each moves money
@given(data=st.data())
def test_parts_of_parts_always_sum_to_what_was_charged(
    data: st.DataObject, alice: Person, sides: tuple[int, int], told: Told, at: datetime
) -> None:
    undo = transaction.atomic()
    undo._from_testcase = True  # type: ignore[attr-defined]  # the provider sees no transaction of ours
    with undo:
        _example(data, alice, at)
        transaction.set_rollback(True)


def _example(data: st.DataObject, alice: Person, at: datetime) -> None:
    card = make_card(alice, at=at)
    charges = []
    for number, gross in enumerate(data.draw(st.lists(AMOUNTS | st.integers(1, 30), min_size=1, max_size=3))):
        taxes = ChargeTaxes(Tax(data.draw(RATES), Reason.DOMESTIC), Tax(data.draw(RATES), Reason.DOMESTIC))
        planned = start(alice, card, at=at, reference=number, gross=gross, client_fee=fee_of(gross, 500), taxes=taxes)
        charges.append(actions.run_charge(charge_id=planned.pk, at=at))
        actions.carry_holding(frm=f"thing:{number}", to="thing:all", gross=gross, at=at)
    for _step in range(5):
        left = held("thing:all").gross
        if not left:
            break
        part = data.draw(st.integers(1, left) | st.just(left) | st.just(1))
        _do(data.draw(st.sampled_from(["release", "refund", "case", "carry"])), part, data, at)
    settle_all(at)
    for charge in charges:
        _check(charge)
    releases = Release.objects.filter(charge__in=charges)
    for source in {release.source for release in releases}:
        whole = [release for release in releases if release.source == source]
        most = fee_of(sum(release.fee for release in whole), 2000)
        taken = sum(release.fee_vat for release in whole)
        # A release of a cent that is all fee has nothing left for the VAT on it; the next one makes up for it.
        assert most - 1 <= taken <= most
    assert [str(each) for each in run_checks() if each.check.startswith(("ledger.", "payments."))] == []


def _do(act: str, part: int, data: st.DataObject, at: datetime) -> None:
    if act == "release":
        cards.release("thing:all", part, at=at)
    elif act == "refund":
        cards.refund("thing:all", part, at=at)
    elif act == "carry":
        actions.carry_holding(frm="thing:all", to="thing:8", gross=part, at=at)
    else:
        actions.freeze_holding(holder="thing:all", case="matter:2", gross=part, at=at)
        share = data.draw(st.integers(0, part))
        actions.settle_frozen(
            case="matter:2", to_freelancer=share, to_client=part - share, fee_version=1, title="Logo", at=at
        )


def _check(charge: Charge) -> None:
    """Assert that each part of a charge is somewhere, by itself and to the cent, and no rounding stays behind."""
    assert not FrozenPart.objects.filter(charge=charge, closed_at=None).exists()
    holdings = list(Holding.objects.filter(charge=charge))
    moved: list[Release | Refund] = [*Release.objects.filter(charge=charge), *Refund.objects.filter(charge=charge)]
    found = [
        sum(row.gross_left for row in holdings) + sum(row.gross for row in moved),
        sum(row.vat_left for row in holdings) + sum(row.vat for row in moved),
        sum(row.fee_left for row in holdings) + sum(row.client_fee for row in moved),
        sum(row.fee_vat_left for row in holdings) + sum(row.client_fee_vat for row in moved),
    ]
    assert found == [charge.gross, charge.vat, charge.client_fee, charge.client_fee_vat]
    for row in moved:
        assert abs(row.vat - fee_of(row.gross, charge.vat_bps)) <= len(moved)
