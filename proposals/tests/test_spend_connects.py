"""Spending connects: from the lots that expire first, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.tests.cast import Person
from core.product import rules
from jobs.models import Job
from ledger.models import Entry
from profiles.tests.cast import make_approved
from proposals.actions import CannotAffordConnects
from proposals.models import ConnectSpend, ConnectSpendPart, Proposal
from proposals.queries import connects_left
from proposals.tests.cast import bid, connects_of, lots_of, make_job, party_of, stock_up, tell
from tests.nothing import nothing_happens

DAY = timedelta(days=1)


@pytest.fixture
def dan(marc: Person, settings: Any, at: datetime) -> Person:
    """Return Dan, who was welcomed with 3 connects only."""
    settings.PRODUCT = replace(rules(), welcome_connects=3)
    person = make_approved("Dan", moderator=marc, at=at)
    tell(at)
    return person


def parts_of(proposal: Proposal) -> list[tuple[str, int]]:
    parts = ConnectSpendPart.objects.filter(spend__proposal=proposal).order_by("pk")
    return [(str(part.lot.origin), part.amount) for part in parts.select_related("lot")]


def test_the_lot_that_expires_first_is_emptied_before_the_next_is_touched(dan: Person, job: Job, at: datetime) -> None:
    stock_up(dan, 10, at=at + DAY)

    proposal = bid(dan, job, at=at + DAY)

    assert parts_of(proposal) == [("welcome", 3), ("purchase", 2)]
    assert lots_of(dan) == [("welcome", 0), ("purchase", 8)]
    assert connects_of(dan) == 8
    spend = ConnectSpend.objects.get()
    assert (spend.proposal, spend.amount, spend.returned_at, spend.reason) == (proposal, 5, None, "")
    entries = Entry.objects.filter(transfer__key=f"connect-spend:{spend.pk}").values_list("account__name", "amount")
    assert dict(entries) == {f"connects:party:{party_of(dan).pk}": -5, "spent": 5}


def test_the_order_is_that_of_expiry_and_not_of_arrival(dan: Person, job: Job, settings: Any, at: datetime) -> None:
    settings.PRODUCT = replace(rules(), connect_life_days=30)
    stock_up(dan, 4, at=at + DAY)

    assert parts_of(bid(dan, job, at=at + DAY)) == [("purchase", 4), ("welcome", 1)]


def test_the_last_connect_can_be_spent_and_no_more(dan: Person, alice: Person, job: Job, at: datetime) -> None:
    stock_up(dan, 2, at=at)
    bid(dan, job, at=at)
    assert connects_of(dan) == 0
    cheap = make_job(alice, at=at, title="A small one", budget=5_000)

    with nothing_happens(), pytest.raises(CannotAffordConnects, match="costs 1 connect and you have 0"):
        bid(dan, cheap, at=at)


def test_one_connect_short_spends_none(dan: Person, job: Job, at: datetime) -> None:
    stock_up(dan, 1, at=at)

    with nothing_happens(), pytest.raises(CannotAffordConnects, match="costs 5 connects and you have 4"):
        bid(dan, job, at=at)


def test_a_lot_cannot_be_spent_from_the_instant_of_its_expiry(bob: Person, alice: Person, at: datetime) -> None:
    over = at + 365 * DAY
    late = make_job(alice, at=over - DAY)
    assert connects_left(party_of(bob).pk, over - timedelta(microseconds=1)) == 40

    with nothing_happens(), pytest.raises(CannotAffordConnects):
        bid(bob, late, at=over)
    assert bid(bob, late, at=over - timedelta(microseconds=1)).status == Proposal.Status.SUBMITTED


def test_others_connects_pay_for_nothing(bob: Person, dan: Person, job: Job, at: datetime) -> None:
    with nothing_happens(), pytest.raises(CannotAffordConnects):
        bid(dan, job, at=at)
    assert connects_of(bob) == 40
