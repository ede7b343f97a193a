"""Days and hours on the clocks of a zone, around the nights in which clocks change, in three zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.clock import HourDoubled, HourSkipped, moment_in


def on_clocks(*parts: int) -> datetime:
    """Return what clocks show: a day and an hour without a zone."""
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


PARIS, NEW_YORK, LORD_HOWE = "Europe/Paris", "America/New_York", "Australia/Lord_Howe"
#: For each zone: the first minute that clocks skip, the first that they show twice, and how much.
CHANGES = [
    (PARIS, on_clocks(2027, 3, 28, 2, 0), on_clocks(2027, 10, 31, 2, 0), 60),
    (NEW_YORK, on_clocks(2027, 3, 14, 2, 0), on_clocks(2027, 11, 7, 1, 0), 60),
    (LORD_HOWE, on_clocks(2027, 10, 3, 2, 0), on_clocks(2027, 4, 4, 1, 30), 30),
]
GRID = range(-90, 180, 15)


@pytest.mark.parametrize(("zone", "skipped", "_doubled", "size"), CHANGES)
def test_what_clocks_skip_is_refused_and_all_else_is_one_moment(
    zone: str, skipped: datetime, _doubled: datetime, size: int
) -> None:
    for minutes in GRID:
        shown = skipped + timedelta(minutes=minutes)
        if 0 <= minutes < size:
            with pytest.raises(HourSkipped) as refusal:
                moment_in(ZoneInfo(zone), shown)
            assert f"there is no {shown:%H:%M}. Choose {shown + timedelta(minutes=size):%H:%M}" in refusal.value.message
        else:
            moment = moment_in(ZoneInfo(zone), shown)
            assert moment.tzinfo is UTC
            assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown


@pytest.mark.parametrize(("zone", "_skipped", "doubled", "size"), CHANGES)
def test_what_clocks_show_twice_is_refused_and_all_else_is_one_moment(
    zone: str, _skipped: datetime, doubled: datetime, size: int
) -> None:
    for minutes in GRID:
        shown = doubled + timedelta(minutes=minutes)
        if 0 <= minutes < size:
            with pytest.raises(HourDoubled) as refusal:
                moment_in(ZoneInfo(zone), shown)
            other = shown + timedelta(minutes=size)
            assert f"{shown:%H:%M} comes twice" in refusal.value.message
            assert refusal.value.message.endswith(f"such as {other:%H:%M}.")
        else:
            moment = moment_in(ZoneInfo(zone), shown)
            assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown


@pytest.mark.parametrize(("zone", "skipped", "doubled", "size"), CHANGES)
def test_the_time_that_is_named_instead_is_one_moment(
    zone: str, skipped: datetime, doubled: datetime, size: int
) -> None:
    for start in (skipped, doubled):
        for minutes in range(0, size, 5):
            shown = start + timedelta(minutes=minutes + size)
            assert moment_in(ZoneInfo(zone), shown).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown


def test_the_refusal_names_the_zone() -> None:
    with pytest.raises(HourSkipped) as refusal:
        moment_in(ZoneInfo(NEW_YORK), on_clocks(2027, 3, 14, 2, 30))
    assert refusal.value.message == (
        "The clocks of America/New York go forward on that day: there is no 02:30. Choose 03:30 or another time."
    )
