"""Finance staff hear of books that are not right: by bell and mail, once until what is wrong changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts.tests.cast import make_client, make_staff, make_user, sign_in
from core.sweeps import run_all, run_sweep, sweeps
from events.actions import deliver_due
from events.models import Event
from ledger import checks
from ledger.checks import Difference
from notifications.actions import send_due_mails
from notifications.models import Notice

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WATCH = "payments.watch_books"
Found = list[Difference]


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Add a check that finds what the test puts into the list."""
    found: Found = []
    monkeypatch.setitem(checks._checks, "tests.wrong", lambda: found)
    return found


def _watch(at: datetime) -> int:
    news = run_sweep(WATCH, at=at)
    deliver_due(at=at)
    return news


def _difference(amount: int) -> Difference:
    return Difference("tests.wrong", "held:milestone:7", f"it is {amount} off")


def test_the_books_are_watched_hourly_and_not_with_every_deadline(wrong: Found) -> None:
    assert {sweep.name: sweep.every for sweep in sweeps()}[WATCH] == 3600
    wrong.append(_difference(1))
    run_all(at=AT)
    assert not Event.objects.filter(subject="books:1").exists()


def test_right_books_are_no_news(wrong: Found) -> None:
    assert _watch(AT) == 0
    assert not Event.objects.filter(subject="books:1").exists()


def test_finance_staff_and_administrators_are_told_once_until_it_changes(wrong: Found) -> None:
    fanny, ada = make_staff("Fanny", "finance"), make_staff("Ada", "administrator")
    make_staff("Sam", "support")
    make_client("Alice")
    gone = make_user("Gaston")
    gone.groups.add(fanny.user.groups.get())  # no longer staff
    wrong.append(_difference(1))
    assert [_watch(AT), _watch(AT + HOUR)] == [1, 0]
    wrong[:] = [_difference(2), _difference(1)]
    assert [_watch(AT + 2 * HOUR), _watch(AT + 3 * HOUR)] == [1, 0]
    wrong.reverse()  # the same two in another order are no news
    assert _watch(AT + 4 * HOUR) == 0
    wrong.clear()
    assert [_watch(AT + 5 * HOUR), _watch(AT + 6 * HOUR)] == [1, 0]

    kinds = ["payments.books_differ", "payments.books_differ", "payments.books_right_again"]
    rows = Event.objects.filter(subject="books:1").order_by("pk")
    assert list(rows.values_list("kind", flat=True)) == kinds
    assert [row.data["count"] for row in rows] == [1, 2, 0]
    assert rows[0].data["differences"] == ["tests.wrong: held:milestone:7: it is 1 off"]
    for person in (fanny, ada):
        assert list(Notice.objects.filter(user=person.user).order_by("pk").values_list("kind", flat=True)) == kinds
    assert Notice.objects.count() == 6


def test_the_notice_leads_to_the_events_in_the_bell_and_in_the_mail(wrong: Found, client: Client) -> None:
    fanny = make_staff("Fanny", "finance")
    wrong.append(_difference(1))
    _watch(AT)
    mail.outbox.clear()
    send_due_mails(at=AT + HOUR)

    assert [each.subject for each in mail.outbox] == ["The books are not right. Differences found: 1"]
    assert "/admin/events/event/?q=books:1" in mail.outbox[0].body
    sign_in(client, fanny)
    assert "Differences found: 1" in client.get("/notices/").content.decode()
    page = client.get(f"/notices/{Notice.objects.get().pk}/", follow=True)
    assert page.redirect_chain[-1][0] == "/admin/events/event/?q=books:1"
    assert "payments.books_differ" in page.content.decode()
    event = Event.objects.get(subject="books:1")
    assert "it is 1 off" in client.get(f"/admin/events/event/{event.pk}/change/").content.decode()
