"""The bell of an open page: what it shows at once, and what its socket is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.tests.cast import make_client, make_freelancer, sign_in
from contracts.tests.cast import AT, Deal, make_deal, settle, sign, submitted
from events.models import Event
from notifications.actions import make_notices, notices, read_all_notices, read_notice
from notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what open pages are told."""
    told: list[Any] = []
    monkeypatch.setattr(notices, "tell_users", lambda users, hint: told.append((list(users), hint)))
    return told


def work_is_submitted() -> Deal:
    deal = make_deal()
    submitted(deal, sign(deal))
    settle()
    return deal


def test_those_told_hear_how_many_wait_and_nothing_else(
    hints: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    deal = work_is_submitted()
    event = Event.objects.get(kind="contracts.milestone_submitted")
    Notice.objects.all().delete()
    hints.clear()

    with django_capture_on_commit_callbacks(execute=True):
        assert make_notices(event=event) == 1
        assert hints == []  # not before it is kept
    assert hints == [([deal.alice.user.pk], {"kind": "notices", "unread": 1, "is_new": True})]

    notice = Notice.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        read_notice(notice_id=notice.pk, by=deal.bob.actor, at=AT)  # not his
        read_notice(notice_id=notice.pk, by=deal.alice.actor, at=AT)
        read_notice(notice_id=notice.pk, by=deal.alice.actor, at=AT)
        read_all_notices(by=deal.alice.actor, at=AT)
    assert hints[1:] == [([deal.alice.user.pk], {"kind": "notices", "unread": 0, "is_new": False})]


def test_the_newest_stand_below_the_bell_and_are_read_there(client: Client) -> None:
    deal = work_is_submitted()
    sign_in(client, deal.alice)
    page = client.get("/notices/latest/").content.decode()
    assert "submitted “First screens”" in page
    assert page.count("is-unread") == min(5, Notice.objects.filter(user=deal.alice.user).count())

    answer = client.post("/notices/read/", headers={"HX-Request": "true", "HX-Target": "bell-list"})

    assert (answer.status_code, b"is-unread" in answer.content, b'data-unread="0"' in answer.content) == (
        200,
        False,
        True,
    )
    assert not Notice.objects.filter(user=deal.alice.user, read_at=None).exists()
    assert client.post("/notices/read/").status_code == 302


def test_strangers_see_only_their_own(client: Client) -> None:
    work_is_submitted()
    sign_in(client, make_freelancer("Eve"))
    assert "First screens" not in client.get("/notices/latest/").content.decode()
    sign_in(client, make_client("Zoé"))
    assert "No notices yet" in client.get("/notices/latest/").content.decode()
