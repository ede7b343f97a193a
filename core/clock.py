"""The one clock of the product: real time, plus the offset row where the demonstration clock is on."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.models import ClockOffset

#: Seconds for which a process trusts the offset it read; another process's change is seen after that.
FRESH_FOR = 1.0
_cached: list[tuple[float, timedelta]] = []


class ClockOnlyGoesForward(DomainError):
    """The demonstration clock cannot be turned back."""


class HourSkipped(DomainError):
    """The clocks of a zone go forward over this time: they never show it."""


class HourDoubled(DomainError):
    """The clocks of a zone go back over this time: they show it twice."""


def real_now() -> datetime:
    """Return real UTC time: for sessions, tokens, signed links and webhook signatures."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the product's UTC time: for deadlines, money and everything people see."""
    return real_now() + offset()


def offset() -> timedelta:
    """Return how far the demonstration clock runs ahead; zero unless `DEMO_CLOCK` is on."""
    if not settings.DEMO_CLOCK:
        return timedelta()
    if not _cached or time.monotonic() - _cached[0][0] > FRESH_FOR:
        row = ClockOffset.objects.filter(pk=1).first()
        _cached[:] = [(time.monotonic(), row.offset if row else timedelta())]
    return _cached[0][1]


def moment_in(zone: ZoneInfo, shown: datetime) -> datetime:
    """Return the moment, in UTC, at which the clocks of a zone show a day and an hour (`shown`, without a zone).

    Raises HourSkipped and HourDoubled in the nights in which clocks change; each names a time that can be meant.
    """
    first, second = shown.replace(tzinfo=zone, fold=0), shown.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset() or timedelta(), second.utcoffset() or timedelta()
    words = {"zone": zone.key.replace("_", " "), "hour": f"{shown:%H:%M}"}
    if before < after:
        words["other"] = f"{shown + (after - before):%H:%M}"
        raise HourSkipped(
            _("The clocks of %(zone)s go forward on that day: there is no %(hour)s. Choose %(other)s or another time.")
            % words
        )
    if before > after:
        words["other"] = f"{shown + (before - after):%H:%M}"
        raise HourDoubled(
            _(
                "The clocks of %(zone)s go back on that day: %(hour)s comes twice. Choose a time that comes once, such "
                "as %(other)s."
            )
            % words
        )
    return first.astimezone(UTC)


def forget() -> None:
    """Drop the offset this process remembers, so that the next reading is from the row."""
    _cached.clear()


@transaction.atomic
def move_forward(*, by: timedelta) -> timedelta:
    """Move the demonstration clock forward and return the whole offset.

    Raises ClockOnlyGoesForward for a step of zero or less.
    """
    if by <= timedelta():
        raise ClockOnlyGoesForward(_("The demo clock only goes forward: give a time above zero."))
    row, _created = ClockOffset.objects.select_for_update().get_or_create(pk=1, defaults={"offset": timedelta()})
    ahead: timedelta = row.offset + by
    row.offset = ahead
    row.save(update_fields=["offset"])
    transaction.on_commit(forget)
    return ahead
