"""Fees and shares of any amount: nothing is lost, nothing is made, parts cost what the whole would."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.tests.cast import Person
from core.money import LARGEST, fee_of, split
from payments import actions
from payments.models import Charge, FrozenPart, Holding, Refund, Release
from payments.queries import held, quote_charge, quote_release
from payments.tests import cards
from payments.tests.cards import make_card, settle_all
from payments.tests.purposes import Told, start

AMOUNTS = st.integers(1, LARGEST)


@pytest.mark.django_db
@given(gross=AMOUNTS)
def test_a_quote_adds_up(gross: int) -> None:
    charge, release = quote_charge(gross, 1), quote_release(gross, 1)
    assert charge.total == gross + charge.client_fee
    assert charge.client_fee == (gross * 500 + 5_000) // 10_000
    assert release.fee + release.net == gross
    assert release.fee == (gross * 1_000 + 5_000) // 10_000


@given(parts=st.lists(AMOUNTS, min_size=1, max_size=8), bps=st.integers(0, 5_000))
def test_the_fee_of_parts_is_that_of_the_whole_and_never_above_a_part(parts: list[int], bps: int) -> None:
    so_far = taken = 0
    for part in parts:
        fee = fee_of(so_far + part, bps) - taken
        assert 0 <= fee <= part
        so_far, taken = so_far + part, taken + fee
    assert taken == fee_of(sum(parts), bps)


@given(total=st.integers(0, LARGEST), weights=st.lists(st.integers(0, LARGEST), min_size=1, max_size=6))
def test_shares_never_exceed_what_they_are_shares_of(total: int, weights: list[int]) -> None:
    total = min(total, sum(weights))
    shares = split(total, weights)
    assert sum(shares) == total
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@settings(max_examples=max(settings.default.max_examples // 3, 15) if settings.default else 15)  # each moves money
@given(data=st.data())
def test_however_money_is_split_each_charge_is_accounted_for(
    data: st.DataObject, alice: Person, told: Told, at: datetime
) -> None:
    undo = transaction.atomic()
    undo._from_testcase = True  # type: ignore[attr-defined]  # the provider sees no transaction of ours
    with undo:
        _example(data, alice, at)
        transaction.set_rollback(True)


def _example(data: st.DataObject, alice: Person, at: datetime) -> None:
    card = make_card(alice, at=at)
    grosses = data.draw(st.lists(AMOUNTS, min_size=1, max_size=3))
    planned = [
        start(alice, card, at=at, reference=n, gross=gross, client_fee=fee_of(gross, 500))
        for n, gross in enumerate(grosses)
    ]
    charges = [actions.run_charge(charge_id=charge.pk, at=at) for charge in planned]
    for number, gross in enumerate(grosses):
        actions.carry_holding(frm=f"thing:{number}", to="thing:all", gross=gross, at=at)
    for _step in range(4):
        left = held("thing:all").gross
        if not left:
            break
        part = data.draw(st.integers(1, left) | st.just(left))
        _do(data.draw(st.sampled_from(["release", "refund", "case", "carry"])), part, data, at)
    settle_all(at)
    for charge in charges:
        _check(charge)


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
    """Assert that gross and client fee of a charge are somewhere, and that releases took the fee of their whole."""
    holdings = list(Holding.objects.filter(charge=charge))
    releases = list(Release.objects.filter(charge=charge))
    refunds = list(Refund.objects.filter(charge=charge))
    assert not FrozenPart.objects.filter(charge=charge, closed_at=None).exists()
    moved: list[Release | Refund] = [*releases, *refunds]
    gross = sum(row.gross_left for row in holdings) + sum(row.gross for row in moved)
    fee = sum(row.fee_left for row in holdings) + sum(row.client_fee for row in moved)
    assert (gross, fee) == (charge.gross, charge.client_fee)
    for source in {release.source for release in releases}:
        whole = list(Release.objects.filter(source=source))
        assert sum(row.fee for row in whole) == fee_of(sum(row.gross for row in whole), 1_000)
