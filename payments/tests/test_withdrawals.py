"""Transfers and withdrawals: nothing leaves that has not arrived, and nothing leaves twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_freelancer, make_staff
from core.errors import FormSentBefore, NotAllowed
from events.models import Event
from payments import actions
from payments.actions.moves import plan_move
from payments.gateway import GatewayAnswer
from payments.gateways.sandbox import FAILING_IBAN, Fault
from payments.models import (
    GatewayAccount,
    MoneyMove,
    PayoutMethod,
    ProviderTransfer,
    Release,
    SandboxObject,
    Withdrawal,
)
from payments.permissions import can_use_payout_method
from payments.queries import purse, sources_of, usable_payout_methods
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_bank, make_card, sandbox, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]
HOUR = timedelta(hours=1)


@pytest.fixture
def method(alice: Person, bob: Person, told: Told, at: datetime) -> PayoutMethod:
    """Give Bob a bank account and 900.00 held for him."""
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    return make_bank(bob, at)


@pytest.fixture
def earned(method: PayoutMethod, at: datetime) -> datetime:
    """Let Bob own 900.00 that can leave, and return the moment."""
    return cards.earn(holder="thing:7", gross=100_000, at=at)


def withdraw(bob: Person, method: PayoutMethod, amount: int, at: datetime) -> Withdrawal:
    assert bob.party is not None
    return actions.request_withdrawal(party_id=bob.party.pk, method_id=method.pk, amount=amount, by=bob.actor, at=at)


def test_matured_money_is_transferred_to_the_payees_account(bob: Person, earned: datetime, books: Books) -> None:
    assert books(f"available:party:{bob.actor.party_id}") == 90_000
    assert books(f"connected:party:{bob.actor.party_id}") == -90_000
    transfer = ProviderTransfer.objects.get()
    assert transfer.status == ProviderTransfer.Status.CONFIRMED
    move = MoneyMove.objects.get(verb="transfer")
    assert move.key == f"sandbox:transfer:transfer-{transfer.pk}:1"
    assert move.body["source_transaction"].startswith("sbx_pay_")


def test_a_transfer_that_cannot_be_planned_stops_no_other(
    alice: Person, bob: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    cards.earn(holder="thing:7", gross=40_000, at=at)
    later = cards.earn(holder="thing:7", gross=60_000, at=at)
    first = Release.objects.earliest("pk")
    make_bank(bob, later)

    def fail_for_the_first(*, amount: int, **more: Any) -> MoneyMove:
        if amount == first.remaining:
            raise RuntimeError
        return plan_move(amount=amount, **more)

    monkeypatch.setattr("payments.actions.transfers.plan_move", fail_for_the_first)

    assert actions.plan_transfers(at=later) == 1
    assert ProviderTransfer.objects.get().amount == 54_000


def test_money_of_somebody_without_an_account_waits_and_is_transferred_later(
    alice: Person, bob: Person, told: Told, at: datetime, books: Books
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    party = f"party:{bob.actor.party_id}"
    assert (books(f"available:{party}"), books(f"connected:{party}")) == (90_000, 0)
    assert not ProviderTransfer.objects.exists()
    make_bank(bob, later)
    assert actions.plan_transfers(at=later) == 1
    settle_all(later)
    assert books(f"connected:{party}") == -90_000


def test_a_refused_transfer_is_a_new_attempt_an_hour_later(
    bob: Person, method: PayoutMethod, at: datetime, books: Books
) -> None:
    account = GatewayAccount.objects.get()
    there = SandboxObject.objects.get(pk=account.provider_id)
    SandboxObject.objects.filter(pk=there.pk).update(data={**there.data, "status": "restricted"})
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    transfer = ProviderTransfer.objects.get()
    assert (transfer.status, transfer.failure_code) == (ProviderTransfer.Status.DENIED, "account_not_enabled")
    SandboxObject.objects.filter(pk=there.pk).update(data=there.data)
    assert actions.plan_transfers(at=later + HOUR - timedelta(seconds=1)) == 0
    assert actions.plan_transfers(at=later + HOUR) == 1
    settle_all(later + HOUR)
    assert [move.key[-2:] for move in MoneyMove.objects.filter(verb="transfer").order_by("pk")] == [":1", ":2"]
    assert books(f"connected:party:{bob.actor.party_id}") == -90_000


def test_a_withdrawal_is_reserved_sent_and_paid(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    party = f"party:{bob.actor.party_id}"
    withdrawal = withdraw(bob, method, 50_000, earned)
    assert (books(f"available:{party}"), books(f"transit:withdrawal:{withdrawal.pk}")) == (40_000, 50_000)
    settle_all(earned)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.SENT
    assert books(f"transit:withdrawal:{withdrawal.pk}") == 50_000
    settle_all(earned + SANDBOX_TIME)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.PAID
    assert books(f"transit:withdrawal:{withdrawal.pk}") == 0
    assert books(f"connected:{party}") == -40_000
    kinds = Event.objects.filter(kind__startswith="payments.withdrawal").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [f"payments.withdrawal_{word}" for word in ("requested", "sent", "paid")]


def test_two_withdrawals_in_a_row_never_exceed_what_there_is(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    withdraw(bob, method, 60_000, earned)
    with pytest.raises(actions.NotEnoughAvailable):
        withdraw(bob, method, 30_001, earned)
    withdraw(bob, method, 30_000, earned)
    assert Withdrawal.objects.count() == 2


def test_money_that_was_not_transferred_yet_cannot_leave(bob: Person, method: PayoutMethod, at: datetime) -> None:
    cards.release("thing:7", 100_000, at=at)
    later = at + timedelta(days=5)
    actions.mature_releases(at=later)
    assert bob.party is not None
    money = purse(bob.party.pk)
    assert (money.available, money.transferred, money.withdrawable, money.arriving) == (90_000, 0, 0, 90_000)
    with pytest.raises(actions.NotEnoughAvailable):
        withdraw(bob, method, 1, later)
    assert not Withdrawal.objects.exists()


@pytest.mark.parametrize("amount", [0, -1, 90_001])
def test_an_amount_outside_of_what_there_is_is_refused(
    bob: Person, method: PayoutMethod, earned: datetime, amount: int, books: Books
) -> None:
    with pytest.raises(actions.NotEnoughAvailable):
        withdraw(bob, method, amount, earned)
    assert not Withdrawal.objects.exists()
    assert not MoneyMove.objects.filter(verb="payout").exists()
    assert books(f"available:party:{bob.actor.party_id}") == 90_000


def test_a_new_bank_account_waits_three_days(bob: Person, earned: datetime) -> None:
    assert bob.party is not None
    fresh = actions.add_payout_method(party_id=bob.party.pk, iban=FAILING_IBAN, by=bob.actor, at=earned)
    with pytest.raises(actions.PayoutMethodNotUsable):
        withdraw(bob, fresh, 1_000, earned + timedelta(days=3) - timedelta(microseconds=1))
    assert withdraw(bob, fresh, 1_000, earned + timedelta(days=3)).amount == 1_000


def test_only_the_partys_own_people_withdraw_to_its_own_banks(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    chloe = make_freelancer("Chloé", at=earned)
    with pytest.raises(NotAllowed):
        withdraw(Person(bob.user, bob.party, chloe.actor), method, 1_000, earned)
    with pytest.raises(actions.PayoutMethodNotUsable):
        withdraw(chloe, method, 1_000, earned)
    actions.remove_payout_method(method_id=method.pk, by=bob.actor, at=earned)
    with pytest.raises(actions.PayoutMethodNotUsable):
        withdraw(bob, method, 1_000, earned)
    assert not Withdrawal.objects.exists()


def test_a_party_whose_account_is_not_enabled_withdraws_nothing(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    GatewayAccount.objects.update(status=GatewayAccount.Status.RESTRICTED)
    with pytest.raises(actions.AccountNotEnabled):
        withdraw(bob, method, 1_000, earned)
    assert not Withdrawal.objects.exists()


def test_one_form_withdraws_once(bob: Person, method: PayoutMethod, earned: datetime) -> None:
    assert bob.party is not None
    token = uuid4()
    rows = {
        actions.request_withdrawal(
            party_id=bob.party.pk, method_id=method.pk, amount=1_000, token=token, by=bob.actor, at=earned
        ).pk
        for _twice in range(2)
    }
    assert len(rows) == 1
    assert Withdrawal.objects.count() == 1


def test_the_bank_accounts_of_the_form_are_those_that_the_verb_takes(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    assert bob.party is not None
    iban = FAILING_IBAN
    new = actions.add_payout_method(party_id=bob.party.pk, iban=iban, by=bob.actor, at=earned - timedelta(days=2))
    waiting_until = new.usable_from
    for at in (earned, waiting_until - timedelta(seconds=1), waiting_until):
        offered = set(usable_payout_methods(bob.party.pk, at))
        assert offered == {each for each in (method, new) if can_use_payout_method(bob.party.pk, each, at)}
        assert offered == ({method, new} if at == waiting_until else {method})


def test_a_form_that_is_sent_again_with_other_content_is_refused(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    other = make_bank(bob, earned, iban=FAILING_IBAN)
    sent: dict[str, Any] = {"party_id": method.party_id, "token": uuid4(), "by": bob.actor, "at": earned}
    actions.request_withdrawal(method_id=method.pk, amount=1_000, **sent)
    for method_id, amount in ((method.pk, 1_001), (other.pk, 1_000)):
        with pytest.raises(FormSentBefore), transaction.atomic():
            actions.request_withdrawal(method_id=method_id, amount=amount, **sent)
    assert (Withdrawal.objects.count(), books(f"available:party:{method.party_id}")) == (1, 89_000)


def test_a_cancelled_withdrawal_is_available_again_and_never_sent(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    withdrawal = withdraw(bob, method, 90_000, earned)
    actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=earned)
    settle_all(earned)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.CANCELLED
    assert books(f"available:party:{bob.actor.party_id}") == 90_000
    assert not [key for key in sandbox().calls if ":payout:" in key]


def test_a_withdrawal_that_was_sent_cannot_be_cancelled(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    withdrawal = withdraw(bob, method, 90_000, earned)
    settle_all(earned)
    with pytest.raises(actions.WithdrawalNotCancellable):
        actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=earned)
    assert books(f"available:party:{bob.actor.party_id}") == 0


def test_finance_staff_may_cancel_and_mediators_may_not(bob: Person, method: PayoutMethod, earned: datetime) -> None:
    withdrawal = withdraw(bob, method, 90_000, earned)
    with pytest.raises(NotAllowed):
        actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=make_staff("Dora").actor, at=earned)
    actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=make_staff("Fred", "finance").actor, at=earned)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.CANCELLED


def test_a_payout_that_fails_comes_back_once_and_its_bank_is_not_used_again(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    assert bob.party is not None
    failing = actions.add_payout_method(party_id=bob.party.pk, iban=FAILING_IBAN, by=bob.actor, at=earned)
    later = earned + timedelta(days=3)
    withdrawal = withdraw(bob, failing, 50_000, later)
    settle_all(later)
    settle_all(later + SANDBOX_TIME)
    withdrawal.refresh_from_db()
    failing.refresh_from_db()
    assert (withdrawal.status, withdrawal.failure_code) == (Withdrawal.Status.RETURNED, "no_account")
    assert failing.status == PayoutMethod.Status.FAILED
    assert books(f"available:party:{bob.party.pk}") == 90_000
    assert books(f"connected:party:{bob.party.pk}") == -90_000


@pytest.mark.parametrize("times", [1, 3])
def test_a_payout_that_was_paid_and_failed_later_comes_back_once(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books, times: int
) -> None:
    withdrawal = withdraw(bob, method, 90_000, earned)
    settle_all(earned)
    settle_all(earned + SANDBOX_TIME)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.PAID
    assert withdrawal.provider_id is not None
    for _time in range(times):
        sandbox().return_payout(withdrawal.provider_id, at=earned + HOUR)
        settle_all(earned + HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.RETURNED
    assert books(f"available:party:{bob.actor.party_id}") == 90_000
    assert books(f"connected:party:{bob.actor.party_id}") == -90_000
    assert Event.objects.filter(kind="payments.withdrawal_returned").count() == 1


def test_a_payout_that_fails_before_its_paid_event_arrives_ends_the_same(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    withdrawal = withdraw(bob, method, 90_000, earned)
    settle_all(earned)
    withdrawal.refresh_from_db()
    later = earned + SANDBOX_TIME
    assert withdrawal.provider_id is not None
    sandbox().return_payout(withdrawal.provider_id, at=later)
    due = sandbox().outgoing(at=later)
    assert [event.kind for event in due] == ["payout.paid", "payout.failed"]
    for event in reversed(due):
        cards.deliver(event, at=later)
        actions.process_inbox(at=later)
    settle_all(later)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.RETURNED
    assert books(f"available:party:{bob.actor.party_id}") == 90_000


def test_a_payout_without_an_answer_is_looked_up_and_cancelled_where_it_never_arrived(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    sandbox().faults += [Fault("payout", "request_lost")] * 50
    withdrawal = withdraw(bob, method, 90_000, earned)
    settle_all(earned)
    with pytest.raises(actions.WithdrawalNotCancellable):
        actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=earned)
    settle_all(earned + 21 * HOUR)
    withdrawal.refresh_from_db()
    method.refresh_from_db()
    assert (withdrawal.status, withdrawal.failure_code) == (Withdrawal.Status.CANCELLED, "never_arrived")
    assert method.status == PayoutMethod.Status.ACTIVE
    assert Event.objects.filter(kind="payments.withdrawal_reconciling").count() == 1
    assert books(f"available:party:{bob.actor.party_id}") == 90_000


def test_a_payout_whose_reply_was_lost_for_good_is_found_by_its_move(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    sandbox().faults.append(Fault("payout", "broken_after"))
    withdrawal = withdraw(bob, method, 90_000, earned)
    actions.run_due_moves(at=earned)
    for hours in range(1, 20):
        actions.run_due_moves(at=earned + hours * HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.RESERVED
    actions.run_due_moves(at=earned + 21 * HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.SENT
    settle_all(earned + 21 * HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.PAID
    assert books(f"connected:party:{bob.actor.party_id}") == 0


def test_the_moves_of_a_payee_are_its_transfers_and_withdrawals(
    alice: Person, bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    withdrawal = withdraw(bob, method, 20_000, earned)
    assert bob.party is not None
    assert alice.party is not None

    def sources(party_id: int) -> list[str]:
        return sorted(source for rows in sources_of(party_id) for source in rows)

    transfer = ProviderTransfer.objects.get()
    assert sources(bob.party.pk) == [f"payout-{withdrawal.pk}", f"transfer-{transfer.pk}"]
    assert sources(alice.party.pk) == [MoneyMove.objects.get(verb="charge").source]
    assert {f"payout-{withdrawal.pk}", f"transfer-{transfer.pk}"} <= set(
        MoneyMove.objects.values_list("source", flat=True)
    )


@pytest.mark.parametrize("code", ["limit_exceeded", "try_again", "canceled", "balance_insufficient"])
def test_a_refusal_that_says_nothing_of_the_bank_leaves_it_in_use(
    bob: Person, method: PayoutMethod, earned: datetime, code: str
) -> None:
    withdrawal = withdraw(bob, method, 1_000, earned)
    move = MoneyMove.objects.get(verb="payout", source=f"payout-{withdrawal.pk}")
    MoneyMove.objects.filter(pk=move.pk).update(status="sent", sent_at=earned, request_hash="x")
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer("denied", code=code), at=earned)
    withdrawal.refresh_from_db()
    method.refresh_from_db()
    assert (withdrawal.status, method.status) == ("returned", "active")
