"""Chargebacks: just the sum in question freezes, wherever it is, and the bank's word decides."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.cast import Person, make_staff
from core.product import rules
from ledger.models import Entry, Transfer
from ledger.queries import balance
from payments import actions
from payments.actions.moves import MoveMismatch
from payments.actions.refunds import shares_of_whole
from payments.gateway import ProviderDispute
from payments.gateways.sandbox import Fault
from payments.models import (
    Charge,
    Chargeback,
    Credit,
    FrozenPart,
    FrozenRelease,
    MoneyCase,
    MoneyMove,
    PayoutMethod,
    Refund,
    Release,
    Repayment,
    SandboxObject,
    Withdrawal,
)
from payments.queries import cover, credit_total, held, purse, sources_of_chargeback
from payments.tests import cards
from payments.tests.cards import (
    CHARGED_BACK,
    REFUND_COMES_BACK,
    REFUND_FAILS,
    SANDBOX_TIME,
    make_bank,
    make_card,
    sandbox,
    settle_all,
)
from payments.tests.purposes import NAME, Told, start

Books = Callable[[str], int]
DISPUTE_FEE = 1_500


@pytest.fixture
def charge(alice: Person, told: Told, at: datetime) -> Charge:
    """Return a charge of 1 050 whose payer contests it some seconds later."""
    return actions.run_charge(charge_id=start(alice, make_card(alice, CHARGED_BACK, at=at), at=at).pk, at=at)


@pytest.fixture
def paid(alice: Person, told: Told, at: datetime) -> Charge:
    """Return a charge of 1 050 that nobody contests by itself."""
    return actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)


def contest(at: datetime, charge: Charge | None = None, amount: int = 105_000) -> Chargeback:
    """Let the payer contest a payment, by default the one whose card does so by itself."""
    if charge is not None:
        sandbox().contest(charge.provider_id or "", amount, at=at)
    settle_all(at + SANDBOX_TIME)
    return Chargeback.objects.latest("pk")


def decide(chargeback: Chargeback, *, is_won: bool, at: datetime) -> Chargeback:
    """Let the bank decide."""
    sandbox().decide_dispute(chargeback.provider_id, is_won=is_won, at=at)
    settle_all(at)
    settle_all(at + SANDBOX_TIME)
    chargeback.refresh_from_db()
    return chargeback


def legs(key: str) -> dict[str, int]:
    """Return the entries of one transfer."""
    entries = Entry.objects.filter(transfer__key=key).select_related("account")
    return {entry.account.name: entry.amount for entry in entries}


def said(charge: Charge, status: str, *, amount: int = 105_000, pk: str = "dp_1", at: datetime) -> ProviderDispute:
    """Return what a provider could say of a dispute."""
    return ProviderDispute(
        provider_id=pk,
        payment=charge.provider_id or "",
        amount=amount,
        currency="EUR",
        fee=DISPUTE_FEE,
        reason="fraudulent",
        status=status,  # type: ignore[arg-type]
        is_withheld=status not in {"won", "warning"},
        evidence_due_at=at + timedelta(days=7),
        created_at=at,
    )


def test_what_is_held_is_frozen_whole_when_its_payer_contests_it(charge: Charge, at: datetime, books: Books) -> None:
    chargeback = contest(at)
    assert legs(f"chargeback:{chargeback.pk}") == {
        "withheld": -105_000,
        "gateway": 106_500,
        "exp:chargeback": -1_500,
        "held:thing:7": -100_000,
        "held_fee:thing:7": -5_000,
        f"frozen:chargeback:{chargeback.pk}": 105_000,
    }
    assert (chargeback.status, chargeback.missing, chargeback.uncovered) == ("open", 0, 0)
    assert held("thing:7").total == 0
    assert chargeback.evidence_due_at == at + timedelta(days=7)
    with pytest.raises(actions.NotEnoughHeld), transaction.atomic():
        cards.release("thing:7", 1, at=at)


def test_held_money_of_a_lost_chargeback_is_gone(charge: Charge, at: datetime, books: Books) -> None:
    chargeback = decide(contest(at), is_won=False, at=at + timedelta(days=3))
    assert legs(f"chargeback_lost:{chargeback.pk}") == {
        f"frozen:chargeback:{chargeback.pk}": -105_000,
        "withheld": 105_000,
    }
    assert chargeback.status == "lost"
    assert books("withheld") == 0
    assert FrozenPart.objects.get().is_lost


def test_held_money_of_a_won_chargeback_is_held_again(charge: Charge, at: datetime, books: Books) -> None:
    chargeback = decide(contest(at), is_won=True, at=at + timedelta(days=3))
    assert legs(f"chargeback_won:{chargeback.pk}") == {
        "gateway": -105_000,
        "withheld": 105_000,
        f"frozen:chargeback:{chargeback.pk}": -105_000,
        "held:thing:7": 100_000,
        "held_fee:thing:7": 5_000,
    }
    assert held("thing:7").total == 105_000
    assert books("exp:chargeback") == -DISPUTE_FEE
    cards.release("thing:7", 100_000, at=at)


def test_pending_money_is_frozen_by_its_net_and_lost_with_the_fees(
    charge: Charge, bob: Person, at: datetime, books: Books
) -> None:
    cards.release("thing:7", 100_000, at=at)
    chargeback = contest(at)
    row = FrozenRelease.objects.get()
    assert (row.frozen, row.missing, row.is_available) == (90_000, 0, False)
    assert books(f"pending:party:{bob.party.pk}") == 0  # type: ignore[union-attr]
    assert Release.objects.get().remaining == 0
    decide(chargeback, is_won=False, at=at + timedelta(days=3))
    assert legs(f"chargeback_lost:{chargeback.pk}") == {
        f"frozen:chargeback:{chargeback.pk}": -90_000,
        "rev:service": -10_000,
        "rev:client_fee": -5_000,
        "withheld": 105_000,
    }
    assert purse(bob.party.pk).owed == 0  # type: ignore[union-attr]


def test_pending_money_of_a_won_chargeback_goes_where_it_would_be_by_now(
    charge: Charge, bob: Person, at: datetime, books: Books
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    cards.release("thing:7", 100_000, at=at)
    chargeback = contest(at)
    later = at + timedelta(days=rules().security_days)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    settle_all(later)
    assert books(f"available:party:{bob.party.pk}") == 0
    decide(chargeback, is_won=True, at=later)
    assert books(f"available:party:{bob.party.pk}") == 90_000
    actions.plan_transfers(at=later)
    settle_all(later)
    assert purse(bob.party.pk).withdrawable == 90_000


def test_available_money_is_frozen_on_the_spot_and_taken_back_only_once_it_is_lost(
    paid: Charge, bob: Person, at: datetime, books: Books
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    chargeback = contest(later, paid)
    assert (purse(bob.party.pk).withdrawable, purse(bob.party.pk).frozen) == (0, 90_000)
    assert books(f"connected:party:{bob.party.pk}") == -90_000
    decide(chargeback, is_won=False, at=later + timedelta(days=3))
    assert legs(f"chargeback_lost:{chargeback.pk}") == {
        f"frozen:chargeback:{chargeback.pk}": -90_000,
        "rev:service": -10_000,
        "rev:client_fee": -5_000,
        "withheld": 105_000,
    }
    assert books(f"connected:party:{bob.party.pk}") == 0
    assert purse(bob.party.pk).owed == 0


def test_available_money_of_a_won_chargeback_can_leave_again(
    paid: Charge, bob: Person, at: datetime, books: Books
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    decide(contest(later, paid), is_won=True, at=later + timedelta(days=3))
    assert purse(bob.party.pk).withdrawable == 90_000
    assert MoneyMove.objects.filter(verb="reversal").count() == 0


def withdraw(bob: Person, amount: int, at: datetime) -> Withdrawal:
    assert bob.party is not None
    method = PayoutMethod.objects.get(party=bob.party)
    return actions.request_withdrawal(party_id=bob.party.pk, method_id=method.pk, amount=amount, by=bob.actor, at=at)


def test_what_was_paid_out_is_owed_once_it_is_lost_and_repaid_by_later_earnings(
    paid: Charge, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    withdraw(bob, 90_000, later)
    settle_all(later)
    settle_all(later + SANDBOX_TIME)
    chargeback = contest(later, paid)
    assert (chargeback.missing, chargeback.uncovered) == (90_000, 0)
    assert books(f"receivable:party:{bob.party.pk}") == 0
    decide(chargeback, is_won=False, at=later + timedelta(days=3))
    assert legs(f"chargeback_lost:{chargeback.pk}") == {
        f"receivable:party:{bob.party.pk}": -90_000,
        "rev:service": -10_000,
        "rev:client_fee": -5_000,
        "withheld": 105_000,
    }
    assert purse(bob.party.pk).owed == 90_000

    last = later + timedelta(days=4)
    card = make_card(alice, at=last)
    actions.run_charge(charge_id=start(alice, card, at=last, reference=8, gross=60_000, client_fee=3_000).pk, at=last)
    (release,) = cards.release("thing:8", 60_000, at=last)
    assert actions.repay_debts(at=last) == 1
    assert legs(f"repayment:{Repayment.objects.get().pk}") == {
        f"pending:party:{bob.party.pk}": -54_000,
        f"receivable:party:{bob.party.pk}": 54_000,
    }
    release.refresh_from_db()
    assert (release.remaining, purse(bob.party.pk).owed) == (0, 36_000)
    assert actions.repay_debts(at=last) == 0
    with pytest.raises(actions.DebtOpen):
        withdraw(bob, 1, last)


def test_a_debt_is_repaid_from_available_money_and_taken_back_from_the_account(
    paid: Charge, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    card = make_card(alice, at=at)
    actions.run_charge(charge_id=start(alice, card, at=at, reference=8, gross=60_000, client_fee=3_000).pk, at=at)
    cards.release("thing:8", 60_000, at=at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    withdraw(bob, 100_000, later)
    settle_all(later)
    settle_all(later + SANDBOX_TIME)
    chargeback = contest(later, paid)
    assert chargeback.missing == 90_000 - 44_000
    decide(chargeback, is_won=False, at=later + timedelta(days=3))
    assert purse(bob.party.pk).owed == 46_000
    assert books(f"available:party:{bob.party.pk}") == 0
    assert books(f"connected:party:{bob.party.pk}") == 0

    last = later + timedelta(days=4)
    actions.run_charge(charge_id=start(alice, card, at=last, reference=9).pk, at=last)
    cards.release("thing:9", 100_000, at=last)
    matured = last + timedelta(days=rules().security_days)
    actions.mature_releases(at=matured)
    actions.plan_transfers(at=matured)
    settle_all(matured)
    assert actions.repay_debts(at=matured) == 1
    settle_all(matured)
    repayment = Repayment.objects.get()
    assert legs(f"repayment:{repayment.pk}") == {
        f"available:party:{bob.party.pk}": -46_000,
        f"receivable:party:{bob.party.pk}": 46_000,
    }
    assert books(f"connected:party:{bob.party.pk}") == -44_000
    assert purse(bob.party.pk).withdrawable == 44_000


def test_what_open_chargebacks_miss_is_kept_back_from_withdrawals(
    paid: Charge, alice: Person, bob: Person, at: datetime
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    withdraw(bob, 80_000, later)
    settle_all(later)
    settle_all(later + SANDBOX_TIME)
    chargeback = contest(later, paid)
    assert (FrozenRelease.objects.get().frozen, chargeback.missing) == (10_000, 80_000)
    last = later + timedelta(days=1)
    card = make_card(alice, at=last)
    actions.run_charge(charge_id=start(alice, card, at=last, reference=8).pk, at=last)
    leaving = cards.earn(holder="thing:8", gross=100_000, at=last)
    money = purse(bob.party.pk)
    assert (money.available, money.kept_back, money.withdrawable) == (90_000, 80_000, 10_000)
    with pytest.raises(actions.NotEnoughAvailable):
        withdraw(bob, 10_001, leaving)
    withdraw(bob, 10_000, leaving)
    decide(chargeback, is_won=True, at=leaving)
    assert purse(bob.party.pk).kept_back == 0


def test_a_refund_not_sent_yet_answers_first_and_is_sent_again_after_a_win(
    paid: Charge, at: datetime, books: Books
) -> None:
    (refund,) = cards.refund("thing:7", 40_000, at=at)
    move = MoneyMove.objects.get(verb="refund")
    sandbox().contest(paid.provider_id or "", 105_000, at=at)
    actions.deliver_sandbox_events(at=at + SANDBOX_TIME)
    actions.process_inbox(at=at + SANDBOX_TIME)
    chargeback = Chargeback.objects.get()
    refund.refresh_from_db()
    move.refresh_from_db()
    assert (refund.status, move.status) == ("dropped", "denied")
    assert books(f"frozen:chargeback:{chargeback.pk}") == 105_000
    decide(chargeback, is_won=True, at=at + timedelta(days=3))
    again = Refund.objects.latest("pk")
    assert (again.amount, again.status) == (42_000, "confirmed")
    assert held("thing:7").total == 63_000


def test_a_refund_that_the_bank_made_unnecessary_is_never_the_clients_credit_too(
    paid: Charge, at: datetime, books: Books
) -> None:
    """The refund has left for the provider, which refuses it: the payment is contested."""
    cards.refund("thing:7", 100_000, at=at)
    sandbox().faults.append(Fault("refund", "request_lost"))
    actions.run_due_moves(at=at)
    sandbox().contest(paid.provider_id or "", 105_000, at=at)
    actions.deliver_sandbox_events(at=at + SANDBOX_TIME)
    actions.process_inbox(at=at + SANDBOX_TIME)
    chargeback = Chargeback.objects.get()
    assert chargeback.uncovered == 105_000
    settle_all(at + timedelta(minutes=10))
    chargeback.refresh_from_db()
    assert (chargeback.uncovered, Refund.objects.get().status) == (0, "dropped")
    assert Credit.objects.count() == 0
    assert books(f"frozen:chargeback:{chargeback.pk}") == 105_000
    decide(chargeback, is_won=False, at=at + timedelta(days=3))


def test_a_payment_refunded_before_it_was_contested_is_the_operators_loss(
    paid: Charge, at: datetime, books: Books
) -> None:
    cards.refund("thing:7", 100_000, at=at)
    settle_all(at)
    chargeback = contest(at, paid)
    assert chargeback.uncovered == 105_000
    decide(chargeback, is_won=False, at=at + timedelta(days=3))
    assert legs(f"chargeback_lost:{chargeback.pk}") == {"withheld": 105_000, "exp:chargeback": -105_000}


def refund_and_contest(alice: Person, at: datetime) -> Chargeback:
    """Refund a payment to a card whose bank sends that back later, and let its payer contest it before."""
    card = make_card(alice, REFUND_COMES_BACK, at=at)
    charge = actions.run_charge(charge_id=start(alice, card, at=at).pk, at=at)
    cards.refund("thing:7", 100_000, at=at)
    actions.run_due_moves(at=at)
    sandbox().contest(charge.provider_id or "", 105_000, at=at)
    see(charge, "needs_response", pk=SandboxObject.objects.get(kind="dispute").pk, at=at)
    chargeback = Chargeback.objects.get()
    assert (Refund.objects.get().status, chargeback.uncovered) == ("confirmed", 105_000)
    return chargeback


@pytest.mark.parametrize("is_won", [True, False])
def test_a_refund_that_comes_back_answers_for_the_chargeback_of_its_payment(
    alice: Person, told: Told, at: datetime, books: Books, is_won: bool
) -> None:
    chargeback = refund_and_contest(alice, at)
    cases = MoneyCase.objects.filter(kind="chargeback_uncovered", subject=chargeback.holder)
    assert cases.get().is_open
    settle_all(at + SANDBOX_TIME)
    chargeback.refresh_from_db()
    refund = Refund.objects.get()
    assert (chargeback.uncovered, refund.status, Credit.objects.count()) == (0, "dropped", 0)
    assert legs(f"refund_charged_back:{refund.pk}") == {"gateway": -105_000, f"frozen:{chargeback.holder}": 105_000}
    assert not cases.get().is_open  # somebody's money answers for it now
    decide(chargeback, is_won=is_won, at=at + timedelta(days=3))
    assert books("exp:chargeback") == -DISPUTE_FEE
    assert Refund.objects.count() == (2 if is_won else 1)  # the client gets it from the bank, or once more from us


def test_a_refund_that_comes_back_after_the_loss_makes_that_smaller(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    chargeback = refund_and_contest(alice, at)
    see(chargeback.charge, "lost", pk=chargeback.provider_id, at=at)
    assert books("exp:chargeback") == -DISPUTE_FEE - 105_000
    settle_all(at + SANDBOX_TIME)
    chargeback.refresh_from_db()
    assert (chargeback.uncovered, books("exp:chargeback"), Credit.objects.count()) == (0, -DISPUTE_FEE, 0)
    assert FrozenPart.objects.get().is_lost
    decide(chargeback, is_won=False, at=at + timedelta(days=3))  # the bank does so too


def test_a_transfer_refused_before_its_money_was_frozen_is_tried_again_once_it_is_won(
    paid: Charge, bob: Person, at: datetime
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    cards.release("thing:7", 100_000, at=at)
    later = at + timedelta(days=rules().security_days)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    account = SandboxObject.objects.get(kind="account")
    account.data["status"] = "restricted"
    account.save()
    settle_all(later)
    chargeback = contest(later, paid)
    account.refresh_from_db()
    account.data["status"] = "enabled"
    account.save()
    rested = later + timedelta(hours=2)
    assert actions.plan_transfers(at=rested) == 0  # all of it is frozen
    decide(chargeback, is_won=True, at=rested)
    assert actions.plan_transfers(at=rested) == 1
    settle_all(rested)
    assert purse(bob.party.pk).withdrawable == 90_000


def test_a_debt_is_not_repaid_from_what_another_chargeback_holds(
    paid: Charge, alice: Person, bob: Person, at: datetime
) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    card = make_card(alice, at=at)
    actions.run_charge(charge_id=start(alice, card, at=at, reference=8, gross=50_000, client_fee=2_500).pk, at=at)
    other = actions.run_charge(charge_id=start(alice, card, at=at, reference=9).pk, at=at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    withdraw(bob, 90_000, later)
    settle_all(later)
    settle_all(later + SANDBOX_TIME)
    owing = contest(later, paid)
    cards.release("thing:8", 50_000, at=later)
    last = cards.earn(holder="thing:9", gross=100_000, at=later)
    holding = contest(last, other)
    decide(owing, is_won=False, at=last)
    assert [each.release.source for each in Repayment.objects.select_related("release")] == ["thing:8"]
    assert purse(bob.party.pk).owed == 45_000
    decide(holding, is_won=True, at=last)
    settle_all(last)
    money = purse(bob.party.pk)
    assert (money.owed, money.available, money.transferred) == (0, 45_000, 45_000)


@pytest.fixture
def refused(alice: Person, told: Told, at: datetime) -> Credit:
    """Return the credit that a refund of 1 050 became, which its card refused."""
    card = make_card(alice, REFUND_FAILS, at=at)
    actions.run_charge(charge_id=start(alice, card, at=at).pk, at=at)
    cards.refund("thing:7", 100_000, at=at)
    settle_all(at)
    settle_all(at + SANDBOX_TIME)
    return Credit.objects.get()


def charge_of(credit: Credit) -> Charge:
    assert credit.refund is not None
    return credit.refund.charge


@pytest.mark.parametrize("amount", [105_000, 40_001])
@pytest.mark.parametrize("is_won", [True, False])
def test_credit_of_a_refused_refund_answers_for_the_chargeback_of_its_payment(
    refused: Credit, at: datetime, books: Books, amount: int, is_won: bool
) -> None:
    owner, left = f"party:{refused.party_id}", 105_000 - amount
    cases = MoneyCase.objects.filter(kind="refund_denied", subject=f"credit:{refused.pk}", status="open")
    chargeback = contest(at, charge_of(refused), amount)
    assert (chargeback.uncovered, credit_total(refused.party_id)) == (0, left)
    assert legs(f"chargeback:{chargeback.pk}") == {
        "withheld": -amount,
        "gateway": amount + DISPUTE_FEE,
        "exp:chargeback": -DISPUTE_FEE,
        f"credit:{owner}": -amount,
        f"frozen:{chargeback.holder}": amount,
    }
    assert sources_of_chargeback(chargeback).refunds == amount
    assert cases.exists() == (left > 0)
    decide(chargeback, is_won=is_won, at=at + timedelta(days=3))
    assert books(f"credit:{owner}") == credit_total(refused.party_id) == (105_000 if is_won else left)
    assert books("exp:chargeback") == -DISPUTE_FEE
    assert cases.exists() == (is_won or left > 0)


def test_what_was_paid_from_credit_is_not_covered_by_it(
    refused: Credit, alice: Person, bob: Person, at: datetime, books: Books
) -> None:
    assert alice.party is not None
    assert bob.party is not None
    actions.pay_from_credit(
        payer_id=alice.party.pk,
        payee_id=bob.party.pk,
        holder="thing:8",
        purpose=NAME,
        reference=8,
        scope="contract:5",
        title="Logo",
        gross=60_000,
        client_fee=3_000,
        by=alice.actor,
        at=at,
    )
    chargeback = contest(at, charge_of(refused))
    assert (chargeback.uncovered, credit_total(refused.party_id)) == (63_000, 0)
    with pytest.raises(actions.NoCredit):
        actions.ask_credit_back(party_id=alice.party.pk, by=alice.actor, at=at)
    decide(chargeback, is_won=True, at=at + timedelta(days=3))
    assert credit_total(refused.party_id) == books(f"credit:party:{refused.party_id}") == 42_000


@pytest.mark.parametrize("amount", [1, 104_999])
@pytest.mark.parametrize("is_won", [True, False])
@pytest.mark.parametrize("is_released", [True, False])
def test_a_partial_chargeback_freezes_just_its_sum(
    paid: Charge, at: datetime, books: Books, amount: int, is_won: bool, is_released: bool
) -> None:
    if is_released:
        cards.release("thing:7", 100_000, at=at)
    chargeback = contest(at, paid, amount)
    answered = sum(part.whole for part in FrozenPart.objects.all())
    answered += sum(row.whole for row in FrozenRelease.objects.all())
    assert (answered, chargeback.uncovered) == (amount, 0)
    decide(chargeback, is_won=is_won, at=at + timedelta(days=3))
    assert books("withheld") == 0
    if not is_released and is_won:
        assert held("thing:7").total == 105_000


@given(
    whole=st.tuples(st.integers(2, 10**9), *[st.integers(0, 10**8)] * 3), share=st.fractions(min_value=0, max_value=1)
)
def test_every_part_of_a_payment_has_work_in_it_and_leaves_work_behind(
    whole: tuple[int, int, int, int], share: Fraction
) -> None:
    amount = max(int(sum(whole) * share), 1)
    shares = shares_of_whole(amount, whole)
    assert sum(shares) == amount
    assert all(0 <= share <= all_of for share, all_of in zip(shares, whole, strict=True))
    assert shares[0] > 0
    assert amount == sum(whole) or shares[0] < whole[0]


def test_an_inquiry_takes_nothing(paid: Charge, at: datetime) -> None:
    see(paid, "warning", at=at)
    assert Chargeback.objects.count() == 0


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("final", ["won", "lost"])
def test_news_in_any_order_and_however_often_end_as_in_order(paid: Charge, at: datetime, final: str) -> None:
    ends = set()
    for order in permutations(["needs_response", "under_review", final]):
        with transaction.atomic():
            for status in (*order, *order):
                with contextlib.suppress(MoveMismatch):
                    see(paid, status, at=at)
            chargeback = Chargeback.objects.get()
            ends.add(
                (
                    chargeback.status,
                    held("thing:7").total,
                    balance("withheld", "EUR"),
                    balance("exp:chargeback", "EUR"),
                    balance("gateway", "EUR"),
                )
            )
            transaction.set_rollback(True)
    assert len(ends) == 1
    assert next(iter(ends))[0] == final


@pytest.mark.usefixtures("invented")
def test_news_that_contradicts_what_was_said_moves_nothing(paid: Charge, at: datetime) -> None:
    see(paid, "lost", at=at)
    count = Transfer.objects.count()
    for status, amount in (("won", 105_000), ("lost", 104_999)):
        with pytest.raises(MoveMismatch):
            see(paid, status, amount=amount, at=at)
    assert Transfer.objects.count() == count


def test_a_dispute_of_no_payment_of_ours_is_left_to_staff(paid: Charge, at: datetime) -> None:
    unknown = replace(said(paid, "needs_response", at=at), payment="pay_other")
    with pytest.raises(MoveMismatch):
        actions.see_dispute("sandbox", unknown, at)
    assert Chargeback.objects.count() == 0


@pytest.mark.usefixtures("invented")
def test_a_case_about_news_that_did_not_fit_ends_with_news_that_does(paid: Charge, alice: Person, at: datetime) -> None:
    cases = MoneyCase.objects.filter(kind="chargeback_unclear", subject="dp_1", status="open")
    see(paid, "lost", at=at)
    with pytest.raises(MoveMismatch):
        see(paid, "won", at=at)
    assert cases.exists()
    see(paid, "lost", at=at)
    assert not cases.exists()


@pytest.mark.usefixtures("invented")
def test_the_same_news_do_not_open_a_case_that_staff_closed(paid: Charge, at: datetime) -> None:
    fleur = make_staff("Fleur", "finance")
    cases = MoneyCase.objects.filter(kind="chargeback_unclear", subject="dp_1", status="open")
    see(paid, "lost", at=at)
    for _time in range(2):
        with pytest.raises(MoveMismatch):
            see(paid, "won", at=at)
        for case in cases.all():
            actions.close_money_case(case_id=case.pk, reason="Their dashboard says lost", by=fleur.actor, at=at)
    assert MoneyCase.objects.filter(kind="chargeback_unclear").count() == 1
    with pytest.raises(MoveMismatch):
        see(paid, "lost", amount=104_999, at=at)
    assert cases.count() == 1  # this is another word


@pytest.mark.usefixtures("invented")
def test_the_case_of_a_debt_says_what_is_owed_by_now(paid: Charge, alice: Person, bob: Person, at: datetime) -> None:
    assert bob.party is not None
    make_bank(bob, at)
    other = actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at, reference=8).pk, at=at)
    cards.release("thing:8", 100_000, at=at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    withdraw(bob, 180_000, later)
    settle_all(later)
    settle_all(later + SANDBOX_TIME)
    case = MoneyCase.objects.filter(kind="debt", status="open")
    for charge, pk, owed in ((paid, "dp_1", 90_000), (other, "dp_2", 180_000)):
        see(charge, "lost", pk=pk, at=later)
        assert (purse(bob.party.pk).owed, case.get().amount) == (owed, owed)
    card = make_card(alice, at=later)
    actions.run_charge(charge_id=start(alice, card, at=later, reference=9).pk, at=later)
    cards.release("thing:9", 100_000, at=later)
    actions.repay_debts(at=later)
    assert (purse(bob.party.pk).owed, case.get().amount) == (90_000, 90_000)


def test_frozen_money_of_chargebacks_is_not_owed_twice(paid: Charge, at: datetime) -> None:
    before = cover()
    contest(at, paid)
    after = cover()
    assert before.spare - after.spare == DISPUTE_FEE


def see(charge: Charge, status: str, *, amount: int = 105_000, pk: str = "dp_1", at: datetime) -> None:
    """Bring news of a dispute that the test plays itself."""
    actions.see_dispute("sandbox", said(charge, status, amount=amount, pk=pk, at=at), at)


@pytest.mark.parametrize("changes", [{"currency": "USD"}, {"amount": 105_001}])
def test_a_dispute_that_cannot_be_of_its_payment_moves_nothing_and_is_a_case(
    charge: Charge, at: datetime, books: Books, changes: dict[str, Any]
) -> None:
    dispute = replace(said(charge, "needs_response", at=at), **changes)
    with pytest.raises(MoveMismatch):
        actions.see_dispute("sandbox", dispute, at + timedelta(hours=2))
    assert not Chargeback.objects.exists()
    assert books("held:thing:7") == 100_000
    case = MoneyCase.objects.get()
    assert (case.kind, case.subject, case.amount) == ("chargeback_unclear", dispute.provider_id, dispute.amount)
