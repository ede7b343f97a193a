"""Credit that comes back after its payment was contested answers for the chargeback, once and for all its ways back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.tests.cast import Person, make_staff
from ledger.models import Entry
from payments import actions
from payments.gateway import GatewayAnswer
from payments.models import Charge, Chargeback, Credit, MoneyCase, MoneyMove, Refund, Release
from payments.queries import credit_total
from payments.tests import cards
from payments.tests.purposes import Told
from payments.tests.test_chargebacks import DISPUTE_FEE, contest, decide, said
from payments.tests.test_credit import party, use
from tests.nothing import nothing_happens

Books = Callable[[str], int]
UNCOVERED = MoneyCase.Kind.CHARGEBACK_UNCOVERED


@pytest.fixture
def credit(alice: Person, bob: Person, told: Told, at: datetime) -> Credit:
    """Let Alice have 1 050.00 of credit: a refund that her card refused."""
    cards.make_credit(alice, bob, 105_000, at=at)
    return Credit.objects.get()


@pytest.fixture
def charge(credit: Credit) -> Charge:
    """Return the payment that the credit comes from."""
    assert credit.refund is not None
    return credit.refund.charge


def given_back(alice: Person, bob: Person, at: datetime, gross: int = 100_000) -> Credit:
    """Let the credit pay for work, and the freelancer give so much of it back."""
    use(alice, bob, at=at)
    cards.back("thing:7", gross, at=at)
    return Credit.objects.latest("pk")


def legs(key: str) -> dict[str, int]:
    entries = Entry.objects.filter(transfer__key=key).select_related("account")
    return {entry.account.name: entry.amount for entry in entries}


@pytest.mark.parametrize("is_won", [True, False])
def test_credit_that_paid_for_work_and_came_back_is_frozen_too(
    charge: Charge, alice: Person, bob: Person, at: datetime, books: Books, *, is_won: bool
) -> None:
    back = given_back(alice, bob, at)
    chargeback = contest(at, charge)
    back.refresh_from_db()
    assert (chargeback.uncovered, back.left, credit_total(party(alice))) == (0, 0, 0)
    assert not MoneyCase.objects.filter(kind=UNCOVERED).exists()
    decide(chargeback, is_won=is_won, at=at + timedelta(days=3))
    left = 105_000 if is_won else 0
    assert credit_total(party(alice)) == books(f"credit:party:{party(alice)}") == left
    assert books("exp:chargeback") == -DISPUTE_FEE


def test_credit_that_comes_back_later_answers_before_it_can_be_used(
    charge: Charge, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    use(alice, bob, at=at)
    chargeback = contest(at, charge)
    assert chargeback.uncovered == 105_000
    cards.back("thing:7", 40_000, at=at)
    back = Credit.objects.latest("pk")
    assert back.left == 42_000
    with pytest.raises(actions.NoCredit):
        actions.ask_credit_back(party_id=party(alice), by=alice.actor, at=at)
    assert actions.absorb_credits(at=at) == 1
    assert actions.absorb_credits(at=at) == 0
    chargeback.refresh_from_db()
    assert (chargeback.uncovered, credit_total(party(alice))) == (63_000, 0)
    key = f"credit_charged_back:{chargeback.pk}:{back.pk}"
    assert legs(key) == {f"credit:party:{party(alice)}": -42_000, f"frozen:{chargeback.holder}": 42_000}
    assert MoneyCase.objects.filter(kind=UNCOVERED, status="open").exists()
    decide(chargeback, is_won=True, at=at + timedelta(days=3))
    assert credit_total(party(alice)) == books(f"credit:party:{party(alice)}") == 42_000


def test_after_the_loss_it_makes_that_smaller(
    charge: Charge, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    use(alice, bob, at=at)
    chargeback = decide(contest(at, charge), is_won=False, at=at + timedelta(days=3))
    assert books("exp:chargeback") == -DISPUTE_FEE - 105_000
    cards.back("thing:7", 100_000, at=at + timedelta(days=4))
    assert actions.absorb_credits(at=at + timedelta(days=4)) == 1
    chargeback.refresh_from_db()
    assert (chargeback.uncovered, credit_total(party(alice))) == (0, 0)
    assert books("exp:chargeback") == -DISPUTE_FEE
    assert not MoneyCase.objects.filter(kind=UNCOVERED, status="open").exists()


@pytest.mark.usefixtures("invented")
def test_credit_that_a_bank_would_not_take_is_found_as_well(
    charge: Charge, alice: Person, at: datetime, books: Books
) -> None:
    fanny = make_staff("Fay", "finance", at=at)
    actions.pay_credit_out(party_id=party(alice), reason="Asked.", token=uuid4(), by=fanny.actor, at=at)
    move = MoneyMove.objects.get(verb="cashout")
    actions.see_dispute("sandbox", said(charge, "needs_response", at=at), at)
    chargeback = Chargeback.objects.get()
    assert chargeback.uncovered == 105_000
    MoneyMove.objects.filter(pk=move.pk).update(status="sent", sent_at=at, request_hash="x")
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", code="bank_unknown"), at=at)
    assert actions.absorb_credits(at=at) == 1
    chargeback.refresh_from_db()
    assert (chargeback.uncovered, credit_total(party(alice))) == (0, 0)


def test_credit_of_another_payment_answers_for_nothing(
    charge: Charge, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    use(alice, bob, at=at)
    cards.release("thing:7", 100_000, at=at)
    other = cards.make_credit(alice, bob, 63_000, at=at)
    chargeback = contest(at, charge)
    assert chargeback.uncovered == 105_000
    with nothing_happens():
        assert actions.absorb_credits(at=at) == 0
    assert other is not None
    assert credit_total(party(alice)) == 63_000
    assert Release.objects.count() == 1
    assert Refund.objects.exclude(charge=charge).count() == 1
    assert Chargeback.objects.count() == 1
