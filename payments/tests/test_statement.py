"""The statement of a long-standing freelancer costs as little as that of a new one."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import Party, User
from accounts.tests.cast import Person, sign_in
from ledger.actions import Leg, post
from ledger.queries import balance
from payments import actions
from payments.models import Release
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
    since, until = datetime(2026, 12, 1, tzinfo=at.tzinfo), datetime(2027, 1, 1, tzinfo=at.tzinfo)
    page = statement(long_history, "pending", since=since, until=until)
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


@pytest.mark.usefixtures("invented")  # nothing stands behind such money, and check_books says so
def test_an_entry_without_a_row_behind_it_is_shown_all_the_same(bob: Person, at: datetime) -> None:
    assert bob.party is not None
    name = f"available:party:{bob.party.pk}"
    post(key="by-hand:1", kind="correction", at=at, currency="EUR", legs=[Leg("exp:protection", -5), Leg(name, 5)])
    (line,) = statement(bob.party.pk, "available").lines
    assert (line.text, line.amount, line.balance) == ("Correction", 5, 5)
    assert balance(name, "EUR") == 5


def test_a_group_keeps_the_balance_of_the_whole(long_history: int, bob: Person, at: datetime) -> None:
    actions.mature_releases(at=at + timedelta(days=40))
    page = statement(long_history, "pending", group="paid", limit=100)
    assert len(page.lines) == 60
    assert [line.balance for line in page.lines] == [900 * number for number in range(60, 0, -1)]
    assert {line.amount for line in statement(long_history, "pending", group="available", limit=100).lines} == {-900}
    assert statement(long_history, "pending", group="withdrawn").lines == ()


def rows_of(client: Client, query: str) -> list[dict[str, str]]:
    answer = client.get(reverse("payments:statement_csv") + query)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement-pending.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_table_holds_every_line_oldest_first(long_history: int, bob: Person) -> None:
    client = Client()
    sign_in(client, bob)
    rows = rows_of(client, "?account=pending")
    assert len(rows) == 60
    assert (rows[0]["amount"], rows[0]["balance"], rows[0]["currency"]) == ("9.00", "9.00", "EUR")
    assert (rows[-1]["balance"], rows[0]["date"]) == ("540.00", "2026-11-23T12:00:00+00:00")
    assert len(rows_of(client, "?account=pending&since=2026-12-01&until=2026-12-31")) == 31
    assert len(rows_of(client, "?account=pending&month=2026-12")) == 31


def test_a_day_is_that_of_the_reader(long_history: int, bob: Person) -> None:
    User.objects.filter(pk=bob.user.pk).update(time_zone="Pacific/Kiritimati")  # noon in UTC is the next day there
    client = Client()
    sign_in(client, bob)
    rows = rows_of(client, "?account=pending&since=2026-12-01&until=2026-12-02")
    assert [row["date"] for row in rows] == ["2026-11-30T12:00:00+00:00", "2026-12-01T12:00:00+00:00"]
    rows = rows_of(client, "?account=pending&month=2026-12")
    assert (rows[0]["date"], len(rows)) == ("2026-11-30T12:00:00+00:00", 31)


def test_no_text_of_others_becomes_a_formula(long_history: int, bob: Person) -> None:
    Release.objects.update(title="x")
    Party.objects.filter(releases_paid__isnull=False).update(name='=HYPERLINK("http://evil")')
    client = Client()
    sign_in(client, bob)
    assert rows_of(client, "?account=pending")[0]["detail"].startswith("'=")


@pytest.mark.parametrize("name", ["statement_csv", "statement_pdf"])
def test_a_statement_too_long_for_a_file_says_what_to_do(
    long_history: int, bob: Person, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("payments.views.statement.MOST_ROWS", 59)
    monkeypatch.setattr("payments.views.statement.MOST_PRINTED", 59)
    client = Client()
    sign_in(client, bob)
    answer = client.get(reverse(f"payments:{name}") + "?account=pending", follow=True)
    assert answer.redirect_chain[0][0] == reverse("payments:statement") + "?account=pending"
    assert "at most 59 movements" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_paper_is_a_pdf_in_the_readers_language(long_history: int, bob: Person, language: str) -> None:
    client = Client()
    sign_in(client, bob)
    with translation.override(language):
        url = reverse("payments:statement_pdf")
    answer = client.get(url + "?account=pending&month=2026-12")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert f"/Lang ({language})".encode() in answer.content


NONSENSE = [
    "?since=yesterday",
    "?until=9999-12-31",
    "?since=0001-01-01",
    "?until=0001-01-01",
    "?until=9998-12-31",
    "?group=all",
    "?month=2026-13",
    "?since=2027-01-01&until=2026-01-01",
]


def test_nonsense_in_the_address_still_opens_the_page(
    long_history: int, bob: Person, subtests: pytest.Subtests
) -> None:
    client = Client()
    sign_in(client, bob)
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        User.objects.filter(pk=bob.user.pk).update(time_zone=zone)
        for query in NONSENSE:
            for name in ("statement", "statement_csv", "statement_pdf"):
                with subtests.test(zone=zone, query=query, page=name):
                    assert client.get(reverse(f"payments:{name}") + query).status_code == 200
