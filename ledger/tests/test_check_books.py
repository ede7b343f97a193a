"""`check_books` finds what is wrong: each check is shown books that were damaged for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from ledger import checks
from ledger.actions import Leg, post, roll_up
from ledger.checks import Difference, register_check, run_checks

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OWN = [
    "ledger.transfers_sum_to_zero",
    "ledger.transfers_have_one_currency",
    "ledger.transfers_have_entries",
    "ledger.no_entry_is_orphaned",
    "ledger.balances_equal_entries",
    "ledger.rollups_equal_entries",
    "ledger.signs_are_right",
]


@pytest.fixture(autouse=True)
def only_own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_checks", {name: checks._checks[name] for name in OWN})


@contextmanager
def unguarded() -> Iterator[None]:
    """Switch the triggers and deferred checks of the books off, as damage to a disk would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def damage(statement: str) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def books(db: None) -> None:
    funded = [Leg("gateway", -1050), Leg("held:milestone:7", 1000), Leg("held_fee:milestone:7", 50)]
    post(key="charge:1", kind="funded", at=AT, currency="EUR", legs=funded)
    post(key="charge:2", kind="funded", at=AT, currency="USD", legs=[Leg("gateway", -1), Leg("held:milestone:7", 1)])
    roll_up(at=AT)


DAMAGE = {
    "an amount": (
        "UPDATE ledger_entry SET amount = amount + 5 WHERE amount = 1000",
        [
            ("ledger.transfers_sum_to_zero", "charge:1", "its entries sum to 5 EUR"),
            ("ledger.transfers_sum_to_zero", "EUR", "all entries of the currency sum to 5"),
            ("ledger.balances_equal_entries", "held:milestone:7", "its balance is 1000 EUR, its entries sum to 1005"),
        ],
    ),
    "a balance": (
        "UPDATE ledger_account SET balance = 2000 WHERE name = 'held:milestone:7' AND currency = 'EUR'",
        [("ledger.balances_equal_entries", "held:milestone:7", "its balance is 2000 EUR, its entries sum to 1000")],
    ),
    "the currency of a transfer": (
        "UPDATE ledger_transfer SET currency = 'GBP' WHERE key = 'charge:2'",
        [
            ("ledger.transfers_have_one_currency", "charge:2", "gateway moves USD, the transfer GBP"),
            ("ledger.transfers_have_one_currency", "charge:2", "held:milestone:7 moves USD, the transfer GBP"),
        ],
    ),
    "a transfer without entries": (
        "INSERT INTO ledger_transfer (key, kind, at, currency, created_at) VALUES ('lost', 'x', now(), 'EUR', now())",
        [("ledger.transfers_have_entries", "lost", "it has fewer than two entries")],
    ),
    "a kind's sign": (
        "UPDATE ledger_accountkind SET sign = -1 WHERE name = 'held_fee'",
        [("ledger.signs_are_right", "held_fee:milestone:7", "its sign is 1, that of its kind -1")],
    ),
    "a usual sign": (
        "UPDATE ledger_accountkind SET usual_sign = -1 WHERE name = 'held_fee'",
        [("ledger.signs_are_right", "held_fee:milestone:7", "it holds 50 EUR, which has the wrong sign")],
    ),
    "a writer": (
        "UPDATE ledger_entry SET written_by = 1 WHERE amount = 50",
        [
            (
                "ledger.rollups_equal_entries",
                "held_fee:milestone:7",
                "1 entries are not as its kind has them: with their writer only if hot",
            )
        ],
    ),
    "a rollup": (
        """INSERT INTO ledger_rollup (account_id, amount, horizon, cluster, rolled_at)
           SELECT id, 4, 3, ledger_cluster(), now() FROM ledger_account WHERE name = 'gateway' AND currency = 'USD'""",
        [
            (
                "ledger.rollups_equal_entries",
                "gateway",
                "its rollup is 4 USD, the entries below the horizon sum to 0",
            )
        ],
    ),
}


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(name: str) -> None:
    statement, expected = DAMAGE[name]
    damage(statement)
    assert sorted((found.check, found.subject, found.message) for found in run_checks()) == sorted(expected)


@pytest.mark.usefixtures("books")
def test_an_entry_whose_account_is_gone_is_found() -> None:
    damage("DELETE FROM ledger_account WHERE name = 'held_fee:milestone:7'")
    assert [found.check for found in run_checks()] == ["ledger.transfers_sum_to_zero", "ledger.no_entry_is_orphaned"]


@pytest.mark.usefixtures("books")
def test_right_books_are_said_to_be_right() -> None:
    out = StringIO()
    call_command("check_books", stdout=out)
    assert out.getvalue().splitlines() == [f"{name}: 0 differences, OK" for name in OWN]


@pytest.mark.usefixtures("books")
def test_wrong_books_end_the_command_with_status_1() -> None:
    damage("UPDATE ledger_account SET balance = 2000 WHERE name = 'held:milestone:7' AND currency = 'EUR'")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("check_books", stdout=out, stderr=err)
    assert stopped.value.code == 1
    assert "ledger.balances_equal_entries: 1 difference\n" in out.getvalue()
    assert "  held:milestone:7: its balance is 2000 EUR, its entries sum to 1000\n" in out.getvalue()
    assert err.getvalue() == "The books are not right: 1 difference.\n"


@pytest.mark.usefixtures("books")
def test_other_apps_add_their_checks() -> None:
    found = Difference("contracts.held", "milestone:7", "the books hold 1000, the milestone says 900")
    register_check("contracts.held", lambda: [found])
    assert run_checks() == [found]
    assert run_checks(of="ledger.") == []
    assert str(found) == "contracts.held: milestone:7: the books hold 1000, the milestone says 900"


@pytest.mark.django_db(transaction=True)
def test_all_checks_read_one_snapshot_in_which_nothing_can_be_written() -> None:
    seen: list[tuple[str, str]] = []

    def look() -> list[Difference]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
            seen.append(cursor.fetchone())
        return []

    register_check("look", look)
    assert run_checks() == []
    assert seen == [("repeatable read", "on")]
