"""The statement of a long-standing freelancer costs as little as that of a new one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.cast import Person, sign_in
from ledger.actions import Leg, post
from ledger.queries import balance
from payments import actions
from payments.queries import Line, statement
from payments.registry import _links, register_link
from payments.tests import cards
from payments.tests.cards import make_card
from payments.tests.purposes import Told, start

MOST = 8


@pytest.fixture
def long_history(alice: Person, bob: Person, told: Told, at: datetime) -> int:
    """Let Bob be paid 60 times over three months; return his party."""
    assert bob.party is not None
    card = make_card(alice, at=at)
    charge = start(alice, card, at=at, gross=60_000, client_fee=3_000)
    actions.run_charge(charge_id=charge.pk, at=at)
    for number in range(60):
        cards.release("thing:7", 1_000, at=at + timedelta(days=number))
    return bob.party.pk


def test_the_page_takes_at_most_eight_statements(long_history: int, bob: Person) -> None:
    client = Client()
    sign_in(client, bob)
    url = reverse("payments:statement") + "?account=pending"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    made = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(made) <= MOST, "\n".join(made)


def test_pages_follow_each_other_without_gap_and_add_up(long_history: int, at: datetime) -> None:
    lines: list[Line] = []
    older: int | None = None
    while True:
        page = statement(long_history, "pending", older_than=older)
        lines += page.lines
        older = page.older_than
        if older is None:
            break
    assert len(lines) == 60
    assert [line.balance for line in lines] == [900 * number for number in range(60, 0, -1)]
    assert {line.amount for line in lines} == {900}


def test_a_month_shows_its_own_lines_with_the_balance_of_its_time(long_history: int, at: datetime) -> None:
    month = datetime(2026, 12, 1, tzinfo=at.tzinfo)
    page = statement(long_history, "pending", month=month)
    assert len(page.lines) == 31
    assert page.older_than is None
    assert {line.at.month for line in page.lines} == {12}
    assert page.lines[0].balance == 900 * 39
    assert page.balance == 900 * 60


def test_each_line_links_to_its_cause(long_history: int, bob: Person) -> None:
    known = _links.get("contract")
    register_link("contract", lambda number: f"/contracts/{number}/")
    try:
        line = statement(long_history, "pending").lines[0]
    finally:
        _links.pop("contract")
        if known:
            register_link("contract", known)
    assert (line.text, line.detail, line.url) == ("Milestone released", "Alice Martin, Logo", "/contracts/5/")


def test_an_entry_without_a_row_behind_it_is_shown_all_the_same(bob: Person, at: datetime) -> None:
    assert bob.party is not None
    name = f"available:party:{bob.party.pk}"
    post(key="by-hand:1", kind="correction", at=at, currency="EUR", legs=[Leg("operator", -5), Leg(name, 5)])
    (line,) = statement(bob.party.pk, "available").lines
    assert (line.text, line.amount, line.balance) == ("Correction", 5, 5)
    assert balance(name, "EUR") == 5
