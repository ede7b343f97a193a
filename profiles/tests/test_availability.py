"""Available now lapses unless it is confirmed; a vacation ends by itself; profile and search say both."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_client, make_staff, sign_in
from core.actor import Actor
from core.clock import now
from core.errors import NotAllowed
from events.actions import deliver_due
from events.models import Event
from notifications.models import Notice
from profiles.actions import (
    NotAvailable,
    VacationNotPossible,
    confirm_available_now,
    end_vacation,
    end_vacations,
    lapse_available_now,
    remind_of_available_now,
    save_profile,
    start_vacation,
    stop_available_now,
)
from profiles.models import Profile, ProfileDocument
from profiles.queries import TalentFilters, search_talent
from profiles.tests.cast import complete_texts, make_approved
from taxonomy.queries import lexicon
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def bob() -> Person:
    return make_approved("Bob", moderator=make_staff("Maya", "moderator", at=AT), at=AT)


def _profile(bob: Person) -> Profile:
    return Profile.objects.get(party=bob.party)


def _do(verb: Any, bob: Person, at: datetime = AT, **more: Any) -> Profile:
    done: Profile = verb(profile_id=_profile(bob).pk, **more, by=bob.actor, at=at)
    return done


def _found(**filters: Any) -> list[str]:
    return [row.name for row in search_talent(TalentFilters(**filters), Actor.anonymous(), lexicon=lexicon()).rows]


def test_it_holds_for_a_week_and_each_word_begins_another(bob: Person) -> None:
    assert _do(confirm_available_now, bob).available_until == AT + WEEK
    assert _do(confirm_available_now, bob, AT + timedelta(days=3)).available_until == AT + timedelta(days=10)
    assert lapse_available_now(at=AT + WEEK) == 0
    assert lapse_available_now(at=AT + timedelta(days=10)) == 1
    assert _profile(bob).available_until is None
    assert Event.objects.get(kind="profiles.available_now_lapsed").is_system
    assert lapse_available_now(at=AT + timedelta(days=10)) == 0


def test_one_reminder_a_day_before(bob: Person) -> None:
    _do(confirm_available_now, bob)
    assert remind_of_available_now(at=AT + timedelta(days=5)) == 0
    assert [remind_of_available_now(at=AT + timedelta(days=6)) for _time in range(2)] == [1, 0]
    deliver_due(at=AT + timedelta(days=6))
    notice = Notice.objects.get(kind="profiles.available_now_lapsing")
    assert (notice.user_id, hasattr(notice, "mail")) == (bob.user.pk, True)
    _do(confirm_available_now, bob, AT + timedelta(days=6))
    assert remind_of_available_now(at=AT + timedelta(days=6, hours=1)) == 0
    assert remind_of_available_now(at=AT + timedelta(days=12)) == 1


def test_search_finds_only_those_who_said_so_of_late(bob: Person) -> None:
    make_approved("Chloé", at=AT)
    assert _found(available_at=AT) == []
    _do(confirm_available_now, bob)
    assert _found(available_at=AT) == ["Bob D."]
    assert _found(available_at=AT + WEEK) == []
    _do(stop_available_now, bob)
    assert _found(available_at=AT) == []
    assert len(_found()) == 2


def test_availability_is_a_filter_with_counts(bob: Person) -> None:
    make_approved("Chloé", at=AT)
    _do(save_profile, bob, texts=complete_texts(availability="part"))
    assert _found(availabilities=("part",)) == ["Bob D."]
    assert _found(availabilities=("full",)) == []
    page = search_talent(TalentFilters(), Actor.anonymous(), lexicon=lexicon())
    assert page.facets["availability"] == {"part": 1, "": 1}


def test_who_is_away_is_not_available_now(bob: Person) -> None:
    _do(confirm_available_now, bob)
    away = _do(save_profile, bob, texts=complete_texts(availability="away"))
    assert away.available_until is None
    assert ProfileDocument.objects.get(profile=away).available_until is None
    with nothing_happens(), pytest.raises(NotAvailable):
        _do(confirm_available_now, bob)


def test_a_vacation_ends_available_now_and_ends_by_itself_after_its_last_day(bob: Person) -> None:
    _do(confirm_available_now, bob)
    gone = _do(start_vacation, bob, until=date(2026, 3, 9))
    assert (gone.vacation_until, gone.available_until) == (date(2026, 3, 9), None)
    with nothing_happens(), pytest.raises(NotAvailable):
        _do(confirm_available_now, bob)
    assert _found() == ["Bob D."]
    assert end_vacations(at=datetime(2026, 3, 9, 23, 59, tzinfo=UTC)) == 0
    assert end_vacations(at=datetime(2026, 3, 10, 0, 1, tzinfo=UTC)) == 1
    assert _profile(bob).vacation_until is None


@pytest.mark.parametrize("until", [date(2026, 3, 1), date(2027, 3, 4)])
def test_a_vacation_is_from_today_on_and_within_a_year(bob: Person, until: date) -> None:
    with nothing_happens(), pytest.raises(VacationNotPossible):
        _do(start_vacation, bob, until=until)


def test_one_comes_back_early_once(bob: Person) -> None:
    _do(start_vacation, bob, until=date(2026, 3, 9))
    assert _do(end_vacation, bob).vacation_until is None
    with nothing_happens():
        _do(end_vacation, bob)


@pytest.mark.parametrize(
    ("verb", "more"),
    [
        (confirm_available_now, {}),
        (stop_available_now, {}),
        (start_vacation, {"until": date(2026, 3, 9)}),
        (end_vacation, {}),
    ],
)
def test_nobody_else_says_it(bob: Person, verb: Any, more: dict[str, Any]) -> None:
    profile = _profile(bob)
    for by in (make_client("Alice", at=AT), make_staff("Marc", "moderator", at=AT)):
        with nothing_happens(), pytest.raises(NotAllowed):
            verb(profile_id=profile.pk, **more, by=by.actor, at=AT)


def test_the_pages_say_it(bob: Person, client: Client) -> None:
    address, visitor = f"/f/{_profile(bob).slug}/", Client()
    sign_in(client, bob)
    assert client.post("/profile/availability/now/").status_code == 302
    for path in (address, "/talent/", "/talent/?now=1"):
        assert 'class="badge badge--ok"' in visitor.get(path).content.decode(), path
    assert "No freelancers match" in visitor.get("/talent/?now=1&availability=full").content.decode()
    until = now().date() + timedelta(days=5)
    assert client.post("/profile/vacation/", {"until": until.isoformat()}).status_code == 302
    for path in (address, "/talent/"):
        assert "On vacation until" in visitor.get(path).content.decode(), path
    assert client.post("/profile/vacation/", {"until": "soon"}).status_code == 302
    assert client.post("/profile/availability/back/").status_code == 302
    assert "On vacation until" not in visitor.get(address).content.decode()
    assert client.post("/profile/availability/nonsense/").status_code == 404
