"""Free connects: a welcome once for each party, then some each month below the ceiling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Party
from accounts.tests.cast import Person, make_freelancer
from core.product import rules
from core.sweeps import sweeps
from events.models import Event
from ledger.queries import balance
from profiles.tests.cast import make_approved
from proposals.actions import grant_monthly, grant_welcome
from proposals.models import ConnectLot
from proposals.queries import free_connects
from proposals.tests.cast import connects_of, lots_of, party_of, stock_up, tell
from tests.nothing import nothing_happens

YEAR = timedelta(days=365)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def test_the_first_approval_of_a_profile_brings_the_welcome_that_lives_a_year(marc: Person, at: datetime) -> None:
    bob = make_approved("Bob", moderator=marc, at=at)
    assert connects_of(bob) == 0
    tell(at)

    assert connects_of(bob) == 40
    assert balance("issued:grant", "CONNECT") == -40
    lot = ConnectLot.objects.get()
    assert (lot.origin, lot.amount, lot.left, lot.expires_at) == (ConnectLot.Origin.WELCOME, 40, 40, at + YEAR)
    event = Event.objects.get(kind="proposals.connects_granted")
    assert (event.subject, event.data) == (f"party:{party_of(bob).pk}", {"amount": 40, "origin": "welcome"})


def test_a_party_is_welcomed_once(bob: Person, at: datetime) -> None:
    with nothing_happens():
        assert grant_welcome(party_id=party_of(bob).pk, at=at + YEAR) is None


def test_no_month_is_granted_in_the_month_of_the_welcome(bob: Person) -> None:
    with nothing_happens():
        assert grant_monthly(at=DECEMBER - MOMENT) == 0


def test_the_month_begins_at_its_first_instant(bob: Person) -> None:
    assert grant_monthly(at=DECEMBER) == 1

    assert lots_of(bob) == [("welcome", 40), ("monthly", 10)]
    assert connects_of(bob) == 50
    lot = ConnectLot.objects.get(origin=ConnectLot.Origin.MONTHLY)
    assert (lot.month, lot.expires_at) == ("2026-12", DECEMBER + YEAR)
    assert Event.objects.filter(kind="proposals.connects_granted").latest("pk").data["origin"] == "monthly"


def test_the_sweep_run_again_grants_nothing_more(bob: Person) -> None:
    grant_monthly(at=DECEMBER)

    with nothing_happens():
        assert grant_monthly(at=DECEMBER + timedelta(days=20)) == 0


def test_months_in_which_no_sweep_ran_are_not_caught_up(bob: Person) -> None:
    march = datetime(2027, 3, 9, tzinfo=UTC)

    assert grant_monthly(at=march) == 1
    assert grant_monthly(at=march) == 0

    assert connects_of(bob) == 50
    assert list(ConnectLot.objects.exclude(month="").values_list("month", flat=True)) == ["2027-03"]


@pytest.mark.parametrize(("ceiling", "granted"), [(50, 10), (49, 9), (41, 1), (40, 0), (30, 0)])
def test_the_month_fills_up_to_the_ceiling_and_never_above(
    bob: Person, settings: Any, ceiling: int, granted: int
) -> None:
    settings.PRODUCT = replace(rules(), free_connects_ceiling=ceiling)

    assert grant_monthly(at=DECEMBER) == 1

    assert connects_of(bob) == 40 + granted
    told = Event.objects.filter(kind="proposals.connects_granted", data__origin="monthly")
    assert [event.data["amount"] for event in told] == ([granted] if granted else [])


def test_a_month_at_the_ceiling_is_over_and_is_not_granted_later(bob: Person, settings: Any) -> None:
    settings.PRODUCT = replace(rules(), free_connects_ceiling=40)
    grant_monthly(at=DECEMBER)
    settings.PRODUCT = replace(rules(), free_connects_ceiling=200)

    with nothing_happens():
        assert grant_monthly(at=DECEMBER + timedelta(days=1)) == 0


def test_bought_connects_do_not_count_against_the_ceiling(bob: Person, settings: Any, at: datetime) -> None:
    stock_up(bob, 300, at=at)
    settings.PRODUCT = replace(rules(), free_connects_ceiling=50)

    grant_monthly(at=DECEMBER)

    assert lots_of(bob) == [("welcome", 40), ("purchase", 300), ("monthly", 10)]


def test_expired_connects_do_not_count_against_the_ceiling(bob: Person, settings: Any, at: datetime) -> None:
    settings.PRODUCT = replace(rules(), free_connects_ceiling=10)

    grant_monthly(at=at + YEAR)

    assert lots_of(bob) == [("welcome", 40), ("monthly", 10)]  # no sweep has taken the forty of last year yet


def test_nobody_without_a_welcome_is_granted_a_month(at: datetime, db: None) -> None:
    make_freelancer("Dan", at=at)

    with nothing_happens():
        assert grant_monthly(at=DECEMBER) == 0


def test_a_closed_party_is_granted_nothing(bob: Person, at: datetime) -> None:
    Party.objects.filter(pk=party_of(bob).pk).update(closed_at=at)

    with nothing_happens():
        assert grant_monthly(at=DECEMBER) == 0


def test_each_party_has_its_own_month(bob: Person, chloe: Person) -> None:
    assert grant_monthly(at=DECEMBER) == 2
    assert (connects_of(bob), connects_of(chloe)) == (50, 50)


def test_one_party_that_fails_stops_no_other_and_no_batch_leaves_the_rest_for_later(
    bob: Person, chloe: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_bob(party_id: int, at: datetime) -> int:
        if party_id == bob.actor.party_id:
            raise RuntimeError
        return free_connects(party_id, at)

    monkeypatch.setattr("core.sweeps.BATCH", 1)
    monkeypatch.setattr("proposals.actions.connects.free_connects", fail_for_bob)

    assert grant_monthly(at=DECEMBER) == 1
    monkeypatch.undo()
    monkeypatch.setattr("core.sweeps.BATCH", 1)
    assert grant_monthly(at=DECEMBER) == 1
    assert (connects_of(bob), connects_of(chloe)) == (50, 50)


def test_the_clocks_of_connects_are_registered() -> None:
    every = {sweep.name: sweep.every for sweep in sweeps() if sweep.name.startswith("proposals.")}
    for of_interviews in ("proposals.finish_interviews", "proposals.remind_interviews"):
        assert every.pop(of_interviews) == 60
    assert every == {
        "proposals.grant_monthly": 3600,
        "proposals.expire_lots": 3600,
        "proposals.return_unopened": 600,
        "proposals.remind_of_expiry": 3600,
    }
