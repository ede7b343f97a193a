"""The checks of connects find what is wrong and nothing else; each spoils the books behind everybody's back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_freelancer
from jobs.models import Job
from ledger.actions import Leg, post
from ledger.checks import Difference, run_each
from proposals.actions import expire_lots, return_unopened
from proposals.checks import boosts_are_paid, lots_equal_balances, lots_not_overspent, movements_have_rows
from proposals.models import ConnectLot, ConnectSpend, ConnectSpendPart, Proposal
from proposals.tests.cast import bid, party_of, stock_up

LOTS, SPENT = "connects: lots and balances", "connects: no lot spent twice"
ROWS, BOOSTS = "connects: movements and rows", "connects: boosts are paid"
DAY = timedelta(days=1)


def issue(party_id: int, amount: int, at: datetime) -> str:
    """Post connects to a party without a lot, as no verb does."""
    name = f"connects:party:{party_id}"
    with transaction.atomic():
        legs = [Leg(name, amount), Leg("issued:grant", -amount)]
        post(kind="odd", key=f"odd:{party_id}", at=at, currency="CONNECT", legs=legs)
    return name


def test_all_are_run_with_the_books(db: None) -> None:
    assert {name for name, _found in run_each(of="connects:")} == {LOTS, SPENT, ROWS, BOOSTS}


def test_a_life_of_connects_leaves_nothing_to_find(bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    stock_up(bob, 20, at=at)
    bid(bob, job, at=at, boost=4)
    bid(chloe, job, at=at)
    assert return_unopened(at=at + 14 * DAY) == 2
    assert expire_lots(at=at + 366 * DAY) == 3

    assert [*lots_equal_balances(), *lots_not_overspent(), *movements_have_rows(), *boosts_are_paid()] == []


@pytest.mark.usefixtures("broken_books")
def test_a_lot_that_lost_a_connect_is_found(bob: Person, chloe: Person) -> None:
    ConnectLot.objects.filter(party=party_of(bob)).update(left=39)

    assert list(lots_equal_balances()) == [
        Difference(LOTS, f"connects:party:{party_of(bob).pk}", "lots hold 39, the ledger 40")
    ]


@pytest.mark.usefixtures("broken_books")
def test_connects_without_any_lot_are_found(bob: Person, at: datetime) -> None:
    dan = make_freelancer("Dan", at=at)
    name = issue(party_of(dan).pk, 7, at)

    assert list(lots_equal_balances()) == [Difference(LOTS, name, "lots hold 0, the ledger 7")]


@pytest.mark.usefixtures("broken_books")
def test_connects_beside_the_lots_are_found(bob: Person, at: datetime) -> None:
    name = issue(party_of(bob).pk, 7, at)

    assert list(lots_equal_balances()) == [Difference(LOTS, name, "lots hold 40, the ledger 47")]


@pytest.mark.usefixtures("broken_books")
def test_a_lot_of_which_more_was_spent_than_has_left_it_is_found(bob: Person, job: Job, at: datetime) -> None:
    bid(bob, job, at=at)
    ConnectSpendPart.objects.update(amount=6)

    message = "more was spent from it than has left it"
    assert list(lots_not_overspent()) == [Difference(SPENT, f"welcome:{party_of(bob).pk}", message)]


@pytest.mark.usefixtures("broken_books")
def test_connects_given_back_to_a_lot_without_a_return_are_found(bob: Person, job: Job, at: datetime) -> None:
    bid(bob, job, at=at)
    ConnectLot.objects.update(left=40)

    assert [each.subject for each in lots_not_overspent()] == [f"welcome:{party_of(bob).pk}"]


@pytest.mark.usefixtures("broken_books")
def test_movements_that_no_row_tells_of_are_found(bob: Person, job: Job, at: datetime) -> None:
    bid(bob, job, at=at, boost=4)
    cost, boost = ConnectSpend.objects.order_by("pk")
    ConnectSpend.objects.filter(pk=cost.pk).update(amount=6)
    ConnectSpend.objects.filter(pk=boost.pk).update(returned_at=at, reason="outbid")
    ConnectLot.objects.update(key="welcome:0")

    welcome = f"connect-lot:welcome:{party_of(bob).pk}"
    assert list(movements_have_rows()) == [
        Difference(ROWS, "connect-lot:welcome:0", "its row says 40, the ledger 0"),
        Difference(ROWS, welcome, "its row says 0, the ledger 40"),
        Difference(ROWS, f"connect-return:{boost.pk}", "its row says 4, the ledger 0"),
        Difference(ROWS, f"connect-spend:{cost.pk}", "its row says -6, the ledger -5"),
    ]


@pytest.mark.usefixtures("broken_books")
def test_a_boost_that_was_not_paid_is_found(bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    raised, lost = bid(bob, job, at=at, boost=4), bid(chloe, job, at=at, boost=3)
    Proposal.objects.filter(pk=raised.pk).update(boost=5)
    Proposal.objects.filter(pk=lost.pk).update(boost=0, boosted_at=None)

    assert list(boosts_are_paid()) == [
        Difference(BOOSTS, f"proposal:{raised.pk}", "it bids 5, 4 are spent on it"),
        Difference(BOOSTS, f"proposal:{lost.pk}", "it bids 0, 3 are spent on it"),
    ]
