"""Withdrawals by schedule: on its day once, with a reason where it cannot, and never to a bank that sent money back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.tests.cast import Person, make_freelancer, make_staff
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.models import Event
from ledger.actions import Leg, post
from payments import actions
from payments.gateways.sandbox import FAILING_IBAN
from payments.models import (
    GatewayAccount,
    MoneyMove,
    PayoutMethod,
    ProviderTransfer,
    SandboxObject,
    ScheduledWithdrawal,
    Withdrawal,
    WithdrawalSchedule,
    next_day,
)
from payments.queries import why_waiting
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_bank, make_card, settle_all
from payments.tests.purposes import Told, start
from payments.tests.test_pages import signed_in
from tests.nothing import fingerprint

Books = Callable[[str], int]
On = WithdrawalSchedule.Status
Rhythm = WithdrawalSchedule.Rhythm
#: The Monday after `at` + 5 days, on which `earned` can leave.
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def method(alice: Person, bob: Person, told: Told, at: datetime) -> PayoutMethod:
    """Give Bob a bank account and 1000.00 held for him."""
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    return make_bank(bob, at)


@pytest.fixture
def earned(method: PayoutMethod, at: datetime) -> datetime:
    """Let Bob own 900.00 that can leave, and return the moment: Saturday 28 November at noon."""
    return cards.earn(holder="thing:7", gross=100_000, at=at)


def schedule(
    bob: Person, method: PayoutMethod, at: datetime, *, rhythm: str = Rhythm.WEEKLY, threshold: int = 10_000
) -> WithdrawalSchedule:
    assert bob.party is not None
    return actions.set_withdrawal_schedule(
        party_id=bob.party.pk, rhythm=rhythm, threshold=threshold, method_id=method.pk, by=bob.actor, at=at
    )


def kinds(prefix: str = "payments.schedule") -> list[str]:
    return list(Event.objects.filter(kind__startswith=prefix).order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("rhythm", "after", "expected"),
    [
        ("weekly", (2026, 11, 28, 12), (2026, 11, 30)),
        ("weekly", (2026, 11, 30, 9), (2026, 11, 30)),
        ("weekly", (2026, 11, 30, 10), (2026, 12, 7)),
        ("weekly", (2026, 12, 31, 23), (2027, 1, 4)),
        ("twice_monthly", (2026, 11, 30, 10), (2026, 12, 1)),
        ("twice_monthly", (2026, 12, 1, 10), (2026, 12, 15)),
        ("twice_monthly", (2028, 2, 29, 12), (2028, 3, 1)),
        ("monthly", (2026, 12, 1, 10), (2027, 1, 1)),
        ("monthly", (2026, 12, 1, 9), (2026, 12, 1)),
    ],
)
def test_the_days_of_a_rhythm_are_in_utc(rhythm: str, after: tuple[int, ...], expected: tuple[int, int, int]) -> None:
    moment = next_day(rhythm, datetime(*after, tzinfo=UTC))  # type: ignore[arg-type,misc]
    assert moment == datetime(*expected, 10, tzinfo=UTC)


def test_a_schedule_withdraws_all_that_can_leave_on_its_day_and_not_before(
    bob: Person, method: PayoutMethod, earned: datetime, books: Books
) -> None:
    assert schedule(bob, method, earned).next_at == MONDAY
    assert actions.request_scheduled_withdrawals(at=MONDAY - timedelta(microseconds=1)) == 0
    assert actions.request_scheduled_withdrawals(at=MONDAY) == 1
    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.amount, withdrawal.status, withdrawal.method_id) == (90_000, "reserved", method.pk)
    day = ScheduledWithdrawal.objects.get()
    assert (day.day.isoformat(), day.outcome, day.withdrawal_id) == ("2026-11-30", "withdrawn", withdrawal.pk)
    assert WithdrawalSchedule.objects.get().next_at == MONDAY + WEEK
    settle_all(MONDAY)
    settle_all(MONDAY + SANDBOX_TIME)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.PAID
    assert books(f"available:party:{bob.actor.party_id}") == 0


def test_a_clock_that_asks_twice_or_runs_a_day_behind_withdraws_once(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    schedule(bob, method, earned)
    for moment in (MONDAY, MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)):
        actions.request_scheduled_withdrawals(at=moment)
    assert Withdrawal.objects.count() == 1
    WithdrawalSchedule.objects.update(next_at=MONDAY)  # as a restored row would say
    assert actions.request_scheduled_withdrawals(at=MONDAY) == 1
    assert (Withdrawal.objects.count(), ScheduledWithdrawal.objects.count()) == (1, 1)


def test_days_missed_while_the_clock_stood_still_are_made_up_for_once(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    schedule(bob, method, earned)
    late = MONDAY + 3 * WEEK + timedelta(days=2)
    assert actions.request_scheduled_withdrawals(at=late) == 1
    assert actions.request_scheduled_withdrawals(at=late) == 0
    assert Withdrawal.objects.count() == 1
    assert WithdrawalSchedule.objects.get().next_at == MONDAY + 4 * WEEK


def owe(bob: Person, amount: int, at: datetime) -> None:
    party = f"party:{bob.actor.party_id}"
    legs = [Leg(f"receivable:{party}", -amount), Leg("operator", amount)]
    post(key="debt", kind="debt", at=at, currency="EUR", legs=legs)


@pytest.mark.parametrize("amount", [90_000, 90_001])
def test_less_than_the_minimum_waits_for_the_next_day(
    bob: Person, method: PayoutMethod, earned: datetime, amount: int, books: Books
) -> None:
    schedule(bob, method, earned, threshold=amount)
    assert actions.request_scheduled_withdrawals(at=MONDAY) == 1
    is_skipped = amount > 90_000
    assert ScheduledWithdrawal.objects.get().outcome == ("below_threshold" if is_skipped else "withdrawn")
    assert kinds()[1:] == (["payments.schedule_skipped_below_threshold"] if is_skipped else [])
    assert books(f"available:party:{bob.actor.party_id}") == (90_000 if is_skipped else 0)
    assert WithdrawalSchedule.objects.get().next_at == MONDAY + WEEK


@pytest.mark.usefixtures("invented")  # a debt that no row explains
@pytest.mark.parametrize("why", ["debt", "account", "method"])
def test_a_day_on_which_nothing_may_leave_is_skipped_with_its_reason(
    bob: Person, method: PayoutMethod, earned: datetime, why: str, books: Books
) -> None:
    schedule(bob, method, earned)
    if why == "debt":
        owe(bob, 100, earned)
    elif why == "account":
        GatewayAccount.objects.update(status=GatewayAccount.Status.RESTRICTED)
    else:
        PayoutMethod.objects.update(usable_from=MONDAY + timedelta(hours=1))
    assert actions.request_scheduled_withdrawals(at=MONDAY) == 1
    assert not Withdrawal.objects.exists()
    assert not MoneyMove.objects.filter(verb="payout").exists()
    assert ScheduledWithdrawal.objects.get().outcome == why
    assert kinds() == ["payments.schedule_set", f"payments.schedule_skipped_{why}"]
    assert WithdrawalSchedule.objects.get().status == On.ON
    assert books(f"available:party:{bob.actor.party_id}") == 90_000


def test_a_schedule_whose_bank_account_was_removed_pauses_and_says_so_once(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    schedule(bob, method, earned)
    actions.remove_payout_method(method_id=method.pk, by=bob.actor, at=earned)
    actions.request_scheduled_withdrawals(at=MONDAY)
    assert actions.request_scheduled_withdrawals(at=MONDAY + WEEK) == 0
    assert ScheduledWithdrawal.objects.get().outcome == "method"
    assert kinds() == ["payments.schedule_set", "payments.schedule_paused"]
    row = WithdrawalSchedule.objects.get()
    assert (row.status, row.next_at) == (On.PAUSED, None)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("was_paid", [False, True])
def test_a_payout_that_comes_back_pauses_the_schedule_once_and_another_bank_starts_it_again(
    bob: Person, method: PayoutMethod, earned: datetime, was_paid: bool, times: int, books: Books
) -> None:
    assert bob.party is not None
    bank = method
    if not was_paid:
        bank = actions.add_payout_method(party_id=bob.party.pk, iban=FAILING_IBAN, by=bob.actor, at=earned)
        earned += timedelta(days=3)
    due = next_day(Rhythm.WEEKLY, earned)
    schedule(bob, bank, earned)
    actions.request_scheduled_withdrawals(at=due)
    settle_all(due)
    settle_all(due + SANDBOX_TIME)
    withdrawal = Withdrawal.objects.get()
    for _time in range(times if was_paid else 0):
        assert withdrawal.provider_id is not None
        cards.sandbox().return_payout(withdrawal.provider_id, at=due + SANDBOX_TIME)
        settle_all(due + SANDBOX_TIME)
    withdrawal.refresh_from_db()
    bank.refresh_from_db()
    assert (withdrawal.status, bank.status) == (Withdrawal.Status.RETURNED, PayoutMethod.Status.FAILED)
    assert books(f"available:party:{bob.party.pk}") == 90_000
    assert WithdrawalSchedule.objects.get().status == On.PAUSED
    assert kinds() == ["payments.schedule_set", "payments.schedule_paused"]
    assert actions.request_scheduled_withdrawals(at=due + WEEK) == 0

    with pytest.raises(actions.ScheduleMethodNotUsable):
        schedule(bob, bank, due + WEEK)
    other = make_bank(bob, due + WEEK, iban="DE89370400440532013000")
    assert schedule(bob, other, due + WEEK).status == On.ON
    assert actions.request_scheduled_withdrawals(at=due + 2 * WEEK) == 1
    assert Withdrawal.objects.latest("pk").method_id == other.pk


def test_a_payout_that_fails_for_want_of_money_leaves_bank_and_schedule_alone(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    schedule(bob, method, earned)
    account = SandboxObject.objects.get(kind="account", data__party=bob.actor.party_id)
    SandboxObject.objects.filter(pk=account.pk).update(data={**account.data, "balance": 0})
    actions.request_scheduled_withdrawals(at=MONDAY)
    settle_all(MONDAY)
    SandboxObject.objects.filter(pk=account.pk).update(data=account.data)
    assert Withdrawal.objects.get().failure_code == "balance_insufficient"
    assert PayoutMethod.objects.get().status == PayoutMethod.Status.ACTIVE
    assert WithdrawalSchedule.objects.get().status == On.ON


def test_a_schedule_is_changed_and_stopped_and_what_was_requested_goes_on(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    assert bob.party is not None
    schedule(bob, method, earned)
    changed = schedule(bob, method, earned, rhythm=Rhythm.TWICE_MONTHLY, threshold=1)
    assert (WithdrawalSchedule.objects.count(), changed.next_at) == (1, MONDAY + timedelta(days=1))
    actions.request_scheduled_withdrawals(at=MONDAY + timedelta(days=1))
    stopped = actions.stop_withdrawal_schedule(party_id=bob.party.pk, by=bob.actor, at=MONDAY + timedelta(days=1))
    assert (stopped.status, stopped.next_at) == (On.OFF, None)
    settle_all(MONDAY + timedelta(days=1))
    assert Withdrawal.objects.get().status == Withdrawal.Status.SENT
    with pytest.raises(actions.ScheduleNotRunning):
        actions.stop_withdrawal_schedule(party_id=bob.party.pk, by=bob.actor, at=MONDAY + WEEK)
    assert actions.request_scheduled_withdrawals(at=MONDAY + 9 * WEEK) == 0
    assert kinds() == ["payments.schedule_set", "payments.schedule_set", "payments.schedule_stopped"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"rhythm": "daily"}, actions.BadSchedule),
        ({"threshold": 0}, actions.BadSchedule),
        ({"threshold": -1}, actions.BadSchedule),
        ({"method_id": 0}, actions.ScheduleMethodNotUsable),
    ],
)
def test_a_schedule_that_means_nothing_is_refused(
    bob: Person, method: PayoutMethod, earned: datetime, change: dict[str, Any], refusal: type[DomainError]
) -> None:
    assert bob.party is not None
    given = {"rhythm": "weekly", "threshold": 10_000, "method_id": method.pk, **change}
    before = fingerprint()
    with pytest.raises(refusal):
        actions.set_withdrawal_schedule(party_id=bob.party.pk, by=bob.actor, at=earned, **given)
    assert fingerprint() == before


def test_only_the_partys_own_people_change_its_schedule_and_only_to_its_own_banks(
    bob: Person, method: PayoutMethod, earned: datetime
) -> None:
    assert bob.party is not None
    schedule(bob, method, earned)
    chloe = make_freelancer("Chloé", at=earned)
    assert chloe.party is not None
    before = fingerprint()
    given: dict[str, Any] = {"rhythm": "monthly", "threshold": 1, "method_id": method.pk, "at": earned}
    for by in (chloe.actor, make_staff("Fred", "finance").actor, Actor.system()):
        with pytest.raises(NotAllowed):
            actions.set_withdrawal_schedule(party_id=bob.party.pk, by=by, **given)
        with pytest.raises(NotAllowed):
            actions.stop_withdrawal_schedule(party_id=bob.party.pk, by=by, at=earned)
    with pytest.raises(actions.ScheduleMethodNotUsable):
        actions.set_withdrawal_schedule(party_id=chloe.party.pk, by=chloe.actor, **given)
    after = fingerprint()
    assert {name: after[name] for name in after if name.startswith("payments_")} == {
        name: before[name] for name in before if name.startswith("payments_")
    }


@pytest.mark.parametrize("status", [None, On.PAUSED, On.OFF])
def test_the_clock_withdraws_only_where_a_person_has_set_a_schedule(
    bob: Person, method: PayoutMethod, earned: datetime, status: str | None
) -> None:
    assert bob.party is not None
    if status:
        schedule(bob, method, earned)
        WithdrawalSchedule.objects.update(status=status, next_at=None)
    with pytest.raises(NotAllowed):
        actions.request_withdrawal(party_id=bob.party.pk, method_id=method.pk, amount=1, by=Actor.system(), at=earned)
    assert not Withdrawal.objects.exists()


# The pages


def form(bank: PayoutMethod, **change: str) -> dict[str, str]:
    return {"rhythm": "weekly", "threshold": "100", "method": str(bank.pk), **change}


def test_the_page_asks_for_the_password_first(bob: Person, method: PayoutMethod) -> None:
    address = reverse("payments:withdrawal_schedule")
    client = signed_in(bob, proved=False)
    for answer in (client.get(address), client.post(address, form(method))):
        assert answer.status_code == 302
        assert "reauthenticate" in answer.headers["Location"]
    assert not WithdrawalSchedule.objects.exists()


def test_removing_a_bank_account_asks_for_the_password_first(bob: Person, method: PayoutMethod) -> None:
    address = reverse("payments:payout_method_remove", args=[method.pk])
    answer = signed_in(bob, proved=False).post(address)
    assert "reauthenticate" in answer.headers["Location"]
    method.refresh_from_db()
    assert method.status == PayoutMethod.Status.ACTIVE
    signed_in(bob).post(address)
    method.refresh_from_db()
    assert method.status == PayoutMethod.Status.REMOVED


def test_a_schedule_is_set_shown_and_stopped_on_the_pages(
    bob: Person, method: PayoutMethod, earned: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.views.wallet.now", lambda: earned)
    client, address = signed_in(bob), reverse("payments:withdrawal_schedule")
    assert client.get(address).status_code == 200
    assert client.post(address, form(method)).headers["Location"] == reverse("payments:wallet")
    row = WithdrawalSchedule.objects.get()
    assert (row.rhythm, row.threshold, row.status, row.next_at) == ("weekly", 10_000, "on", MONDAY)
    text = client.get(reverse("payments:wallet")).content.decode()
    assert "Every Monday" in text
    assert "€100.00" in text
    assert "30 November 2026" in text
    text = client.get(reverse("payments:withdrawal_schedule").replace("/wallet", "/fr/wallet", 1)).content.decode()
    assert "Montant minimum" in text

    client.post(address, {"rhythm": "none"})
    assert WithdrawalSchedule.objects.get().status == On.OFF
    client.post(address, {"rhythm": "none"})
    assert kinds() == ["payments.schedule_set", "payments.schedule_stopped"]
    assert "Every Monday" not in client.get(reverse("payments:wallet")).content.decode()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"threshold": ""}, "Enter an amount."),
        ({"threshold": "0"}, "Enter €0.01 or more."),
        ({"method": ""}, "Choose a bank account."),
        ({"method": "0"}, "This bank account cannot be used any more. Choose another one."),
        ({"rhythm": "daily"}, "Select a valid choice"),
        ({"rhythm": ""}, "Choose when to withdraw."),
    ],
)
def test_a_form_with_a_mistake_is_shown_again_and_sets_nothing(
    bob: Person, method: PayoutMethod, change: dict[str, str], text: str
) -> None:
    answer = signed_in(bob).post(reverse("payments:withdrawal_schedule"), form(method, **change))
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not WithdrawalSchedule.objects.exists()


def test_the_wallet_says_why_available_money_has_not_arrived(
    bob: Person, method: PayoutMethod, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bob.party is not None
    cards.release("thing:7", 100_000, at=at)
    later = at + timedelta(days=5)
    actions.mature_releases(at=later)
    monkeypatch.setattr("payments.views.wallet.now", lambda: later)
    client = signed_in(bob)

    def shown() -> str:
        return " ".join(client.get(reverse("payments:wallet")).content.decode().split())

    assert "€900.00 of the available money is on its way to your account" in shown()
    assert "That takes some minutes" in shown()
    for status, text in (("pending", "has checked that account"), ("restricted", "has restricted that account")):
        GatewayAccount.objects.update(status=status)
        assert text in shown()
    GatewayAccount.objects.update(status="enabled")
    account = SandboxObject.objects.get(kind="account")
    SandboxObject.objects.filter(pk=account.pk).update(data={**account.data, "status": "restricted"})
    actions.plan_transfers(at=later)
    settle_all(later)
    assert ProviderTransfer.objects.get().status == ProviderTransfer.Status.DENIED
    assert "The next try is on" in shown()
    SandboxObject.objects.filter(pk=account.pk).update(data=account.data)
    assert why_waiting(bob.party.pk, None).reason == "no_account"
