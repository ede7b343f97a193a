"""The daily mail: once a day at its hour, where the reader is, with what is unread; and nothing without news."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend

from accounts.tests.cast import Person, make_client
from notifications.actions import choose_channels, plan_digests, read_all_notices, send_due_digests
from notifications.models import Digest, Mail, Notice

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
#: Eight in the morning in Paris, where Zoé is, on Tuesday.
EIGHT = datetime(2026, 11, 3, 7, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def zoe() -> Person:
    zoe = make_client("Zoé")
    choose_channels(choices={"jobs": "digest", "offers": "digest"}, by=zoe.actor, at=MONDAY)
    mail.outbox.clear()
    return zoe


def tell(person: Person, kind: str = "jobs.job_opened", *, at: datetime = MONDAY, **data: Any) -> Notice:
    words = {"job": "Ferry site", "offer": "Checkout", "freelancer": "Bob", "currency": "EUR", **data}
    number = Notice.objects.count() + 1
    return Notice.objects.create(
        user=person.user, event_id=number, kind=kind, data=words, path="/contracts/", created_at=at
    )


def run(at: datetime) -> list[EmailMultiAlternatives]:
    mail.outbox.clear()
    plan_digests(at=at)
    send_due_digests(at=at)
    return [each for each in mail.outbox if isinstance(each, EmailMultiAlternatives)]


def test_it_comes_once_at_eight_where_the_reader_is_with_what_is_unread_by_groups(zoe: Person) -> None:
    tell(zoe)
    tell(zoe, "contracts.offer_accepted")
    tell(zoe, "payments.credit_used")  # of a group that is mailed at once
    read = tell(zoe, "jobs.job_filled", job="Old site")
    Notice.objects.filter(pk=read.pk).update(read_at=MONDAY)

    assert run(EIGHT - MINUTE) == []
    [told] = run(EIGHT)
    assert run(EIGHT + MINUTE) == []
    assert run(EIGHT + timedelta(hours=8)) == []

    assert told.subject == "Your day: 2 new notices"
    assert told.to == [zoe.user.email]
    html = str(told.alternatives[0][0])
    for part in (told.body, html):
        assert part.index("Offers") < part.index("Bob accepted your offer “Checkout”")
        assert part.index("Jobs and invitations") < part.index("Your job “Ferry site” is open")
        assert "Old site" not in part
        assert "credit" not in part
        assert "/notices/stop/" in part
    assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    digest = Digest.objects.get()
    assert (digest.day, digest.status, digest.sent_at) == (date(2026, 11, 3), "sent", EIGHT)


def test_another_zone_has_another_morning(zoe: Person) -> None:
    zoe.user.time_zone = "America/Montreal"
    zoe.user.save(update_fields=["time_zone"])
    tell(zoe)

    assert run(EIGHT) == []  # two at night there
    assert len(run(datetime(2026, 11, 3, 13, tzinfo=UTC))) == 1


def test_without_news_there_is_no_mail_and_what_comes_later_waits_for_tomorrow(zoe: Person) -> None:
    assert run(EIGHT) == []
    tell(zoe, at=EIGHT + timedelta(hours=1))
    assert run(EIGHT + timedelta(hours=2)) == []

    [told] = run(EIGHT + DAY)

    assert told.subject == "Your day: 1 new notice"
    assert list(Digest.objects.order_by("day").values_list("status", flat=True)) == ["skipped", "sent"]


def test_nothing_is_told_twice_and_nothing_that_was_mailed(zoe: Person) -> None:
    tell(zoe)
    mailed = tell(zoe, "contracts.offer_accepted")
    Mail.objects.create(notice=mailed, status="sent", next_at=MONDAY, sent_at=MONDAY)
    [first] = run(EIGHT)
    tell(zoe, "jobs.job_expired", at=EIGHT + MINUTE)

    [second] = run(EIGHT + DAY)

    assert "accepted" not in first.body
    assert "has expired" in second.body
    assert "is open" not in second.body


def test_what_was_read_before_it_went_out_makes_it_needless(zoe: Person) -> None:
    tell(zoe)
    plan_digests(at=EIGHT)
    read_all_notices(by=zoe.actor, at=EIGHT)
    mail.outbox.clear()

    assert send_due_digests(at=EIGHT) == 0
    assert mail.outbox == []
    assert Digest.objects.get().status == "skipped"


def test_whoever_chooses_it_after_the_hour_begins_tomorrow(zoe: Person) -> None:
    tell(zoe)
    choose_channels(choices={"jobs": "digest", "offers": "digest"}, by=zoe.actor, at=EIGHT + MINUTE)

    assert run(EIGHT + timedelta(hours=2)) == []
    assert len(run(EIGHT + DAY)) == 1


def test_a_mail_server_that_is_away_costs_a_pause_and_a_killed_worker_nothing(
    zoe: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(zoe)

    def away(*_args: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", away)
        assert run(EIGHT) == []
    assert run(EIGHT + MINUTE) == []
    [told] = run(EIGHT + 5 * MINUTE)
    # Killed between sending and noting it: the same mail again, under the same name.
    Digest.objects.update(status="waiting", sent_at=None, next_at=EIGHT)
    [again] = run(EIGHT + 9 * MINUTE)
    assert again.extra_headers["Message-ID"] == told.extra_headers["Message-ID"]
    assert Digest.objects.count() == 1


def test_it_is_french_for_a_french_reader_and_days_long_gone_are_forgotten(zoe: Person) -> None:
    zoe.user.language = "fr"
    zoe.user.save(update_fields=["language"])
    for day in range(3):
        Digest.objects.create(
            user=zoe.user, day=date(2026, 9, 1 + day), since=MONDAY, until=MONDAY, next_at=MONDAY, status="skipped"
        )
    tell(zoe, at=EIGHT - MINUTE)

    [told] = run(EIGHT)

    assert told.subject == "Votre journée\N{NARROW NO-BREAK SPACE}: 1 nouvelle notification"
    assert "/fr/notices/" in told.body
    assert Digest.objects.count() == 1


def test_a_long_day_is_cut_and_says_how_much_more_there_is(zoe: Person) -> None:
    for number in range(43):
        tell(zoe, job=f"Site {number}")
    [told] = run(EIGHT)
    assert told.subject == "Your day: 43 new notices"
    assert told.body.count("is open") == 40
    assert "3 more are in the bell" in told.body
