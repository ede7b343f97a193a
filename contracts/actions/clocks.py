"""When the clocks of offers and milestones remind, and when a due date ends."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Party

LAST_CALL = timedelta(hours=24)


def next_reminder(*, started_at: datetime, ends_at: datetime, after: datetime) -> datetime | None:
    """Return the first reminder of a clock later than `after`: at half time, then 24 hours before the end."""
    moments = (started_at + (ends_at - started_at) / 2, ends_at - LAST_CALL)
    return min((moment for moment in moments if after < moment < ends_at), default=None)


def end_of_day(day: date | None, client: Party) -> datetime | None:
    """Return the moment a due date ends: midnight after it, in the client's zone."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(client.time_zone))
