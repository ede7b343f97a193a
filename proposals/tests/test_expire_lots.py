"""Lots that are a year old: what is unused expires, once, and is seen in the books."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Party
from accounts.tests.cast import Person
from events.models import Event
from jobs.models import Job
from ledger.actions import post
from ledger.queries import balance
from notifications.models import Notice
from proposals.actions import connects, expire_lots, remind_of_expiry
from proposals.models import ConnectLot, connects_account
from proposals.tests.cast import bid, connects_of, lots_of, make_job, party_of, stock_up, tell
from tests.nothing import nothing_happens

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def test_the_unused_part_expires_at_its_instant_and_not_before(bob: Person, job: Job, at: datetime) -> None:
    bid(bob, job, at=at)
    with nothing_happens():
        assert expire_lots(at=at + YEAR - MOMENT) == 0

    assert expire_lots(at=at + YEAR) == 1

    lot = ConnectLot.objects.get()
    assert (lot.left, lot.amount, lot.expired_at) == (0, 40, at + YEAR)
    assert (connects_of(bob), balance("expired", "CONNECT"), balance("spent", "CONNECT")) == (0, 35, 5)
    event = Event.objects.get(kind="proposals.connects_expired")
    assert (event.subject, event.data) == (f"party:{party_of(bob).pk}", {"amount": 35})


def test_a_lot_expires_once(bob: Person, at: datetime) -> None:
    expire_lots(at=at + YEAR)

    with nothing_happens():
        assert expire_lots(at=at + 2 * YEAR) == 0


def test_a_younger_lot_stays(bob: Person, chloe: Person, at: datetime) -> None:
    stock_up(bob, 10, at=at + timedelta(days=30))

    assert expire_lots(at=at + YEAR) == 2

    assert lots_of(bob) == [("welcome", 0), ("purchase", 10)]
    assert (connects_of(bob), connects_of(chloe)) == (10, 0)


def test_one_lot_that_fails_stops_no_other(
    bob: Person, chloe: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = connects_account(party_of(bob).pk)

    def post_or_fail(**transfer: Any) -> int:
        if any(leg.account == broken for leg in transfer["legs"]):
            raise RuntimeError
        return post(**transfer)

    monkeypatch.setattr(connects, "post", post_or_fail)

    assert expire_lots(at=at + YEAR) == 1
    assert (connects_of(bob), connects_of(chloe)) == (40, 0)


def test_a_larger_lot_is_told_of_once_before_it_expires(bob: Person, at: datetime) -> None:
    early = at + 335 * DAY
    with nothing_happens():
        assert remind_of_expiry(at=early - MOMENT) == 0
    assert remind_of_expiry(at=early) == 1
    with nothing_happens():
        assert remind_of_expiry(at=early + DAY) == 0

    told = Event.objects.get(kind="proposals.connects_expire_soon")
    assert (told.subject, told.data) == (f"party:{party_of(bob).pk}", {"count": 40, "days": 30})
    tell(early)
    notice = Notice.objects.get(kind="proposals.connects_expire_soon")
    assert (notice.user, notice.path) == (bob.user, "/connects/")


def test_a_small_or_expired_lot_or_one_of_a_closed_party_is_not_told_of(
    bob: Person, chloe: Person, alice: Person, at: datetime
) -> None:
    late = at + 340 * DAY
    bid(bob, make_job(alice, at=late), at=late, boost=16)  # 19 are left
    Party.objects.filter(pk=party_of(chloe).pk).update(closed_at=late)

    with nothing_happens():
        assert remind_of_expiry(at=late) == 0
        assert remind_of_expiry(at=at + 365 * DAY) == 0
