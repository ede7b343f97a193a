"""Connects whose payment is contested: those left are taken back, the rest is bought again before the next proposal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.tests.cast import Person, make_client
from core.registers import SAMPLE_VAT_NUMBER
from events.models import Event
from ledger.checks import run_checks
from ledger.models import Entry
from payments.models import Charge, Chargeback, Invoice
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals.actions import ConnectsOwed, buy_connects
from proposals.models import ConnectClaim
from proposals.tests.cast import bid, connects_of, make_job
from tests.nothing import nothing_happens

AT = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
LATER = AT + timedelta(days=3)


@pytest.fixture
def bob(db: None) -> Person:
    bob = make_approved("Bob", at=AT)
    cards.settle_all(AT)
    return bob


@pytest.fixture(autouse=True)
def clean_books(db: None) -> Iterator[None]:
    yield
    assert [str(each) for each in run_checks()] == []


def buy(bob: Person, quantity: int, *, token: str = "t", at: datetime = AT) -> Charge:
    assert bob.party is not None
    card = cards.make_card(bob, at=at)
    buy_connects(party_id=bob.party.pk, quantity=quantity, method_id=card.pk, token=token, by=bob.actor, at=at)
    cards.settle_all(at)
    return Charge.objects.latest("pk")


def contest(charge: Charge, amount: int | None = None) -> Chargeback:
    cards.sandbox().contest(charge.provider_id or "", charge.amount if amount is None else amount, at=AT)
    cards.settle_all(AT + cards.SANDBOX_TIME)
    return Chargeback.objects.latest("pk")


def decide(chargeback: Chargeback, *, is_won: bool) -> None:
    cards.sandbox().decide_dispute(chargeback.provider_id, is_won=is_won, at=LATER)
    cards.settle_all(LATER)


def spend_all(bob: Person) -> None:
    """Let Bob bid until he has few connects left."""
    alice = make_client("Alice", at=AT)
    for number in range(20):
        job = make_job(alice, at=AT, title=f"Job {number}")
        if connects_of(bob) < (job.connects_cost or 0):
            return
        bid(bob, job, at=AT)


def test_what_is_left_is_taken_back_and_the_lost_price_is_no_revenue(bob: Person) -> None:
    before = connects_of(bob)
    chargeback = contest(buy(bob, 20))
    assert connects_of(bob) == before
    claim = ConnectClaim.objects.get()
    assert (claim.amount, claim.taken, claim.owed) == (20, 20, 0)
    decide(chargeback, is_won=False)
    entries = Entry.objects.filter(transfer__key=f"chargeback_lost:{chargeback.pk}").select_related("account")
    amount = chargeback.amount
    assert {each.account.name: each.amount for each in entries} == {"withheld": amount, "rev:connects": -amount}


def test_the_sale_of_lost_connects_is_credited_to_the_cent(bob: Person, settings: Any) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    charge = buy(bob, 60)
    assert charge.vat
    for part in (charge.amount // 3, charge.amount // 3, charge.amount - 2 * (charge.amount // 3)):
        decide(contest(charge, part), is_won=False)
    sold = Invoice.objects.get(credits=None)
    notes = sold.credit_notes.all()
    assert (sum(note.net for note in notes), sum(note.vat for note in notes)) == (sold.net, sold.vat)


def test_those_that_were_spent_are_bought_again_before_the_next_proposal(bob: Person) -> None:
    charge = buy(bob, 5)
    spend_all(bob)
    left = connects_of(bob)
    contest(charge)
    claim = ConnectClaim.objects.get()
    assert (connects_of(bob), claim.owed) == (0, 5 - left)
    job = make_job(make_client("Ann", at=AT), at=AT)
    with nothing_happens(), pytest.raises(ConnectsOwed):
        bid(bob, job, at=AT)
    buy(bob, 60, token="again", at=LATER)
    assert connects_of(bob) == 60 - claim.owed
    claim.refresh_from_db()
    assert (claim.owed, claim.taken) == (0, 5)
    bid(bob, job, at=LATER)


def test_a_bank_that_leaves_the_payment_here_gives_the_connects_back(bob: Person) -> None:
    charge = buy(bob, 5)
    spend_all(bob)
    before = connects_of(bob)
    decide(contest(charge), is_won=True)
    claim = ConnectClaim.objects.get()
    assert (connects_of(bob), claim.owed) == (before, 0)


def test_several_chargebacks_of_one_payment_take_no_more_than_it_bought(bob: Person) -> None:
    before = connects_of(bob)
    charge = buy(bob, 5)
    cents = charge.amount // 3
    first, _second, third = (contest(charge, part) for part in (cents, cents, charge.amount - 2 * cents))
    claims = ConnectClaim.objects.order_by("pk").values_list("amount", "taken", "owed")
    assert list(claims) == [(2, 2, 0), (2, 2, 0), (1, 1, 0)]  # each part is rounded up, the last is what is left
    assert connects_of(bob) == before
    decide(third, is_won=True)
    decide(first, is_won=True)
    assert connects_of(bob) == before + 3


def test_a_chargeback_for_which_no_connects_are_left_is_not_told(bob: Person) -> None:
    charge = buy(bob, 1)
    half = charge.amount // 2
    contest(charge, half)
    told = Event.objects.filter(kind__startswith="proposals.connects_").count()
    rest = contest(charge, charge.amount - half)
    decide(rest, is_won=True)
    assert ConnectClaim.objects.get(chargeback=rest).amount == 0
    assert Event.objects.filter(kind__startswith="proposals.connects_").count() == told
