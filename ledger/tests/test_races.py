"""Many posters at once: one event once, no deadlock, and exactly as many withdrawals as there is money for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import transaction

from core.tests.threads import together
from ledger.actions import InsufficientFunds, KeyClash, Leg, post
from ledger.checks import run_checks
from ledger.models import Account, Entry, Transfer
from ledger.queries import balance, balances

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def move(key: str, frm: str, to: str, amount: int) -> int:
    with transaction.atomic():
        return post(key=key, kind="move", at=AT, currency="EUR", legs=[Leg(frm, -amount), Leg(to, amount)])


def test_one_key_posted_by_many_at_once_is_one_transfer(trials: int) -> None:
    for trial in range(trials):
        ids = together(*[partial(move, f"charge:{trial}", "gateway", f"held:offer:{trial}", 100)] * 6)
        assert len(set(ids)) == 1
        assert balance(f"held:offer:{trial}", "EUR") == 100
    assert Transfer.objects.count() == trials
    assert Entry.objects.count() == 2 * trials
    assert run_checks(of="ledger.") == []


def test_one_key_with_two_events_at_once_posts_one_of_them(trials: int) -> None:
    for trial in range(trials):
        amounts = (100, 200)
        results = together(*[partial(move, f"charge:{trial}", "gateway", f"held:offer:{trial}", n) for n in amounts])
        assert sorted(type(result).__name__ for result in results) == ["KeyClash", "int"]
        winner = amounts[0] if isinstance(results[1], KeyClash) else amounts[1]
        assert balance(f"held:offer:{trial}", "EUR") == winner
    assert run_checks(of="ledger.") == []


def test_an_overdraft_succeeds_exactly_as_often_as_there_is_money_for(trials: int) -> None:
    for trial in range(trials):
        purse = f"available:party:{trial}"
        move(f"earn:{trial}", "gateway", purse, 250)
        results = together(*[partial(move, f"w:{trial}:{n}", purse, f"transit:withdrawal:{n}", 100) for n in range(6)])
        assert Counter(type(result) for result in results) == {int: 2, InsufficientFunds: 4}
        assert balance(purse, "EUR") == 50
    assert run_checks(of="ledger.") == []


def test_crossing_transfers_wait_for_each_other_and_never_deadlock(trials: int) -> None:
    names = [f"held:milestone:{n}" for n in range(4)]
    for n, name in enumerate(names):
        move(f"fund:{n}", "gateway", name, 10_000)
    for trial in range(trials):
        pairs = [(a, b) for a in range(4) for b in range(4) if a != b][:8]
        jobs = [partial(move, f"move:{trial}:{a}:{b}", names[a], names[b], 1) for a, b in pairs]
        assert [result for result in together(*jobs) if not isinstance(result, int)] == []
    assert sum(balances(names, "EUR").values()) == 40_000
    assert run_checks(of="ledger.") == []


def test_accounts_opened_by_many_at_once_are_opened_once(trials: int) -> None:
    for trial in range(trials):
        owners = [f"pending:party:{trial}-{n}" for n in range(3)]

        def pay(number: int, owners: list[str] = owners, trial: int = trial) -> int:
            order = owners[number % 3 :] + owners[: number % 3]
            legs = [Leg("gateway", -3), *(Leg(owner, 1) for owner in order)]
            return post(key=f"pay:{trial}:{number}", kind="pay", at=AT, currency="EUR", legs=legs)

        assert [
            result for result in together(*[partial(pay, n) for n in range(6)]) if not isinstance(result, int)
        ] == []
        assert balances(owners, "EUR") == dict.fromkeys(owners, 6)
    assert Account.objects.filter(kind="pending").count() == 3 * trials


def test_ids_on_a_live_account_rise_in_the_order_of_commits(trials: int) -> None:
    for trial in range(trials):
        jobs = [partial(move, f"charge:{trial}:{n}", "gateway", "held:offer:1", 10) for n in range(4)]
        seen: list[int] = []

        def watch(seen: list[int] = seen) -> None:
            for _look in range(20):
                last = Entry.objects.filter(account__name="held:offer:1").order_by("-pk").values_list("pk", flat=True)
                seen.extend(last[:1])

        together(*jobs, watch)
        assert seen == sorted(seen)
