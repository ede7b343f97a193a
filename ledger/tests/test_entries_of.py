"""Statements: pages of entries with what the accounts held after each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.actions import Leg, post
from ledger.queries import StatementLine, entries_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PURSE = ["pending:party:2", "available:party:2"]


@pytest.fixture
def month() -> None:
    days = [
        ("release:1", "release", [Leg("gateway", -900), Leg("pending:party:2", 900)]),
        ("mature:1", "mature", [Leg("pending:party:2", -900), Leg("available:party:2", 900)]),
        ("release:2", "release", [Leg("gateway", -100), Leg("pending:party:2", 100)]),
        ("withdraw:1", "withdraw", [Leg("available:party:2", -500), Leg("transit:withdrawal:1", 500)]),
        ("release:3", "release", [Leg("gateway", -7), Leg("pending:party:3", 7)]),
    ]
    for day, (key, kind, legs) in enumerate(days):
        post(key=key, kind=kind, at=AT + timedelta(days=day), currency="EUR", legs=legs)
    post(key="usd:1", kind="release", at=AT, currency="USD", legs=[Leg("gateway", -3), Leg("pending:party:2", 3)])


def test_a_statement_shows_the_newest_first_with_the_joint_balance(month: None) -> None:
    statement = entries_of(PURSE, "EUR")
    assert [(line.key, line.account, line.amount, line.balance) for line in statement.lines] == [
        ("withdraw:1", "available:party:2", -500, 500),
        ("release:2", "pending:party:2", 100, 1000),
        ("mature:1", "available:party:2", 900, 900),
        ("mature:1", "pending:party:2", -900, 0),
        ("release:1", "pending:party:2", 900, 900),
    ]
    assert statement.older_than is None
    assert (statement.lines[0].kind, statement.lines[0].at) == ("withdraw", AT + timedelta(days=3))


def test_a_period_goes_by_the_moments_of_the_transfers_and_not_by_the_order_of_writing(month: None) -> None:
    late = [Leg("gateway", -40), Leg("pending:party:2", 40)]
    post(key="release:late", kind="release", at=AT + timedelta(hours=1), currency="EUR", legs=late)

    first_day = entries_of(PURSE, "EUR", until=AT + timedelta(days=1))
    rest = entries_of(PURSE, "EUR", since=AT + timedelta(days=1))

    assert [(line.key, line.balance) for line in first_day.lines] == [("release:late", 540), ("release:1", 900)]
    assert [line.key for line in rest.lines] == ["withdraw:1", "release:2", "mature:1", "mature:1"]
    page = entries_of(PURSE, "EUR", until=AT + timedelta(days=1), limit=1)
    assert [line.key for line in page.lines] == ["release:late"]
    older = entries_of(PURSE, "EUR", until=AT + timedelta(days=1), limit=1, older_than=page.older_than)
    assert ([line.key for line in older.lines], older.older_than) == (["release:1"], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_join_without_a_gap_and_keep_the_balance(month: None, limit: int) -> None:
    whole = entries_of(PURSE, "EUR").lines
    lines: list[StatementLine] = []
    older_than, pages = None, 0
    while True:
        page = entries_of(PURSE, "EUR", limit=limit, older_than=older_than)
        lines.extend(page.lines)
        older_than, pages = page.older_than, pages + 1
        if older_than is None:
            break
    assert tuple(lines) == whole
    assert pages == -(-5 // limit)


def test_a_page_does_not_shift_when_something_new_arrives(month: None) -> None:
    first = entries_of(PURSE, "EUR", limit=2)
    second = entries_of(PURSE, "EUR", limit=2, older_than=first.older_than)
    post(key="late", kind="release", at=AT, currency="EUR", legs=[Leg("gateway", -1), Leg("pending:party:2", 1)])
    assert entries_of(PURSE, "EUR", limit=2, older_than=first.older_than) == second
    assert entries_of(PURSE, "EUR", limit=1).lines[0].balance == 501


def test_a_hot_account_has_a_statement_too(month: None) -> None:
    assert [(line.amount, line.balance) for line in entries_of(["gateway"], "EUR", limit=2).lines] == [
        (-7, -1007),
        (-100, -1000),
    ]


def test_an_account_that_was_never_used_has_an_empty_statement(month: None) -> None:
    assert entries_of(["pending:party:99"], "EUR").lines == ()


def test_a_page_costs_one_statement(month: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        entries_of(PURSE, "EUR")
