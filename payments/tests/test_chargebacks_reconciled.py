"""Chargebacks beside what the provider lists: news has its time, long ones stay in sight, each gateway counts alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person, make_staff
from payments import actions
from payments.gateway import ProviderBalances
from payments.models import Charge, Chargeback, Difference, OperatorCash, Refund
from payments.queries import lasting_differences
from payments.queries.differences import GRACE, Listing, find_differences
from payments.tests import cards
from payments.tests.cards import REFUND_COMES_BACK, SANDBOX_TIME, make_card, sandbox, settle_all
from payments.tests.purposes import Told, start

Kind = Difference.Kind
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def paid(alice: Person, told: Told, at: datetime) -> Charge:
    """Return a charge of 1 050."""
    return pay(alice, at, 7)


def pay(alice: Person, at: datetime, reference: int, number: str = cards.SUCCEEDS) -> Charge:
    card = make_card(alice, number, at=at)
    charge = actions.run_charge(charge_id=start(alice, card, at=at, reference=reference).pk, at=at)
    settle_all(at)
    return charge


def contest(charge: Charge, at: datetime) -> Chargeback:
    sandbox().contest(charge.provider_id or "", charge.amount, at=at)
    settle_all(at + SANDBOX_TIME)
    return Chargeback.objects.latest("pk")


def found(at: datetime) -> list[str]:
    """Return the kinds of difference that last after a comparison."""
    actions.reconcile(at=at)
    return sorted(row.kind for row in lasting_differences())


def test_a_dispute_that_nobody_had_time_to_book_is_no_difference(paid: Charge, at: datetime) -> None:
    sandbox().contest(paid.provider_id or "", paid.amount, at=at)
    heard = at + SANDBOX_TIME
    actions.deliver_sandbox_events(at=heard)  # in the inbox, and not worked through
    assert found(heard) == []
    assert found(heard + GRACE) == sorted([Kind.DISPUTE_NOT_BOOKED, Kind.PLATFORM_BALANCE, Kind.WITHHELD])
    actions.process_inbox(at=heard + GRACE)
    assert found(heard + GRACE) == []


@pytest.mark.parametrize("is_won", [True, False])
def test_a_decision_that_nobody_had_time_to_book_is_no_difference(paid: Charge, at: datetime, is_won: bool) -> None:
    chargeback, decided = contest(paid, at), at + 3 * DAY
    sandbox().decide_dispute(chargeback.provider_id, is_won=is_won, at=decided)
    actions.deliver_sandbox_events(at=decided)
    assert found(decided) == []
    sums = [Kind.PLATFORM_BALANCE, Kind.WITHHELD] if is_won else [Kind.WITHHELD]
    assert found(decided + GRACE) == sorted([Kind.DISPUTE_DIFFERS, *sums])
    settle_all(decided + GRACE)
    assert found(decided + GRACE) == []


def test_a_chargeback_is_compared_as_long_as_the_bank_looks_at_it(paid: Charge, at: datetime) -> None:
    chargeback, later = contest(paid, at), at + 90 * DAY
    assert found(later) == []
    sandbox().decide_dispute(chargeback.provider_id, is_won=False, at=later)  # and nobody hears of it
    assert found(later + MINUTE) == sorted([Kind.DISPUTE_DIFFERS, Kind.WITHHELD])
    settle_all(later + MINUTE)
    assert found(later + MINUTE) == []


@pytest.mark.parametrize("end", ["open", "won", "lost"])
def test_chargebacks_at_another_gateway_are_not_looked_for_here(paid: Charge, at: datetime, end: str) -> None:
    chargeback = contest(paid, at)
    if end != "open":
        sandbox().decide_dispute(chargeback.provider_id, is_won=end == "won", at=at + DAY)
        settle_all(at + DAY + SANDBOX_TIME)
    assert Chargeback.objects.get().status == end
    assert elsewhere(at + 2 * DAY) == []


def test_what_a_bank_undid_at_another_gateway_is_not_looked_for_here(alice: Person, told: Told, at: datetime) -> None:
    pay(alice, at, 8, REFUND_COMES_BACK)
    cards.refund("thing:8", 40_000, at=at)
    fanny = make_staff("Fanny", "finance")
    actions.top_up(amount=50_000, reason="First cash", by=fanny.actor, at=at)
    for days in (0, 1, 9):
        settle_all(at + days * DAY)
    sandbox().return_cash(OperatorCash.objects.get().provider_id or "", at=at + 10 * DAY)
    settle_all(at + 10 * DAY + SANDBOX_TIME)
    assert (Refund.objects.get().status, OperatorCash.objects.get().status) == ("denied", "denied")
    assert elsewhere(at + 11 * DAY) == []


def elsewhere(at: datetime) -> list[str]:
    """Return how the books differ from another provider, that has nothing."""
    empty = ProviderBalances(available=0, pending=0, withheld=0, accounts={})
    listing = Listing(gateway="other", since=at - 30 * DAY, at=at, records=[], balances=empty, accounts={})
    return [str(each) for each in find_differences(listing)]
