"""Hot accounts: what they hold is right at every moment, while many write and one rolls up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from threading import Event as Pause
from threading import Thread

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F

from core.tests.threads import together
from ledger.actions import Leg, post, roll_up
from ledger.checks import run_checks
from ledger.models import Account, Entry, Rollup
from ledger.queries import balance, balances

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def earn(key: str, amount: int = 100) -> int:
    legs = [Leg("gateway", -amount), Leg("rev:service", amount)]
    return post(key=key, kind="earn", at=AT, currency="EUR", legs=legs)


def roll_up_all() -> None:
    """Roll up until nothing is left out: a statistics worker may hold the horizon back for a moment."""
    for _try in range(100):
        roll_up(at=AT)
        left = Entry.objects.filter(account__rollup__horizon__lte=F("written_by"))
        if not left.exists() and Rollup.objects.count() == Account.objects.filter(sign=0).count():
            return
        Pause().wait(0.05)
    raise AssertionError("a transaction has been running for seconds")


class SlowWriter:
    """Posts in a transaction that stays open until it is told to end."""

    def __init__(self, key: str, amount: int) -> None:
        self.posted, self.go = Pause(), Pause()
        self.thread = Thread(target=self._run, args=(key, amount))
        self.thread.start()
        assert self.posted.wait(10)

    def _run(self, key: str, amount: int) -> None:
        try:
            with transaction.atomic():
                earn(key, amount)
                self.posted.set()
                assert self.go.wait(10)
        finally:
            connection.close()

    def commit(self) -> None:
        self.go.set()
        self.thread.join()


@pytest.fixture
def slow() -> Iterator[SlowWriter]:
    earn("before", 1)  # opens the accounts: who opens one makes others wait for it
    writer = SlowWriter("slow", 7)
    yield writer
    writer.commit()


def test_a_roll_up_moves_the_sum_and_keeps_the_balance() -> None:
    earn("one")
    earn("two", 50)
    roll_up_all()
    assert dict(Rollup.objects.values_list("account__name", "amount")) == {"gateway": -150, "rev:service": 150}
    assert balances(["gateway", "rev:service"], "EUR") == {"gateway": -150, "rev:service": 150}
    assert run_checks(of="ledger.") == []


def test_a_second_roll_up_finds_nothing_new() -> None:
    earn("one")
    roll_up_all()
    assert roll_up(at=AT) == 0
    assert balance("rev:service", "EUR") == 100


def test_what_a_running_transaction_wrote_is_counted_when_it_commits_after_a_roll_up(slow: SlowWriter) -> None:
    earn("quick")
    roll_up(at=AT)
    assert balance("rev:service", "EUR") == 101
    slow.commit()
    assert balance("rev:service", "EUR") == 108
    roll_up_all()
    assert balance("rev:service", "EUR") == 108
    assert Rollup.objects.get(account__name="rev:service").amount == 108
    assert run_checks(of="ledger.") == []


def test_what_a_running_transaction_wrote_is_forgotten_when_it_fails() -> None:
    with transaction.atomic():
        earn("lost")
        transaction.set_rollback(True)
    earn("kept", 3)
    roll_up_all()
    assert balance("rev:service", "EUR") == 3
    assert Rollup.objects.get(account__name="rev:service").amount == 3
    assert run_checks(of="ledger.") == []


def test_the_balance_is_right_in_every_moment_of_writing_and_rolling_up(trials: int) -> None:
    earn("first", 1)
    rounds = trials

    def write(name: str) -> None:
        for n in range(rounds):
            with transaction.atomic():
                earn(f"{name}:{n}", 1)

    def roll() -> None:
        for _n in range(rounds):
            roll_up(at=AT)

    def look() -> list[int]:
        sums = [balances(["gateway", "rev:service"], "EUR") for _n in range(3 * rounds)]
        assert [held for held in sums if held["gateway"] + held["rev:service"]] == []
        return [held["rev:service"] for held in sums]

    results = together(partial(write, "a"), partial(write, "b"), partial(write, "c"), roll, roll, look)
    assert [result for result in results if isinstance(result, Exception)] == []
    seen = results[-1]
    assert isinstance(seen, list)
    assert seen == sorted(seen)
    assert balance("rev:service", "EUR") == 1 + 3 * rounds
    roll_up_all()
    assert Rollup.objects.get(account__name="rev:service").amount == 1 + 3 * rounds
    assert run_checks(of="ledger.") == []


def test_a_rollup_of_another_cluster_is_not_believed_and_made_anew() -> None:
    earn("one")
    earn("two", 50)
    roll_up_all()
    here = Rollup.objects.get(account__name="rev:service")
    Rollup.objects.update(cluster=here.cluster - 1, amount=999, horizon=2**60)  # as a restored dump brings them
    earn("three", 5)
    assert balance("rev:service", "EUR") == 155
    roll_up_all()
    anew = Rollup.objects.get(account__name="rev:service")
    assert (anew.amount, anew.cluster) == (155, here.cluster)
    assert balance("rev:service", "EUR") == 155
    assert run_checks(of="ledger.") == []


def test_a_writer_in_another_database_does_not_hold_the_roll_up_back() -> None:
    earn("one")
    config = connection.settings_dict
    with psycopg.connect(host=config["HOST"], user=config["USER"], dbname="postgres") as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        earn("two", 50)
        roll_up_all()
    assert Rollup.objects.get(account__name="rev:service").amount == 150


def test_a_transaction_that_rolls_up_may_post_before_and_after() -> None:
    with transaction.atomic():
        earn("one")
        roll_up(at=AT)
        earn("two", 50)
        assert balance("rev:service", "EUR") == 150
    assert balance("rev:service", "EUR") == 150
    roll_up_all()
    assert Rollup.objects.get(account__name="rev:service").amount == 150


def test_posting_never_waits_for_a_hot_account() -> None:
    earn("open")
    hot = Account.objects.get(name="rev:service")
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=hot.pk)
        (result,) = together(partial(earn, "meanwhile"))
        assert isinstance(result, int)
    assert balance("rev:service", "EUR") == 200
