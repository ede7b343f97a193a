"""What other pages show of a profile."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import ngettext

from core.clock import now
from core.templatetags.jalon import percent_bps
from profiles.models import Profile

register = template.Library()
#: Minutes of an hour, hours of a day.
HOUR, DAY = 60, 24


@register.filter
def photo_url(profile: Profile | str | None) -> str:
    """Return the address of the small photo of a profile, for signed-in readers; empty where they may not read it."""
    if not isinstance(profile, Profile) or profile.status != Profile.Status.APPROVED or profile.photo_id is None:
        return ""
    if profile.visibility == Profile.Visibility.PRIVATE:
        return ""
    return reverse("files:image", kwargs={"file_id": profile.photo_id, "size": "small"})


@register.filter
def local_time(zone: str) -> str:
    """Return what time it is in a time zone, such as "14:05 (GMT+1)"."""
    there = now().astimezone(ZoneInfo(zone))
    minutes = int((there.utcoffset() or timedelta()).total_seconds()) // 60
    sign, hours, rest = "+" if minutes >= 0 else "−", abs(minutes) // 60, abs(minutes) % 60
    away = f"{sign}{hours}:{rest:02}" if rest else f"{sign}{hours}" if hours else ""
    return f"{time_format(there, 'TIME_FORMAT')} (GMT{away})"


@register.filter
def minutes_text(minutes: int) -> str:
    """Return a number of minutes as people say it: in minutes, hours from one on, days from two on."""
    if minutes < HOUR:
        count = max(minutes, 1)
        return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
    hours = (minutes + HOUR // 2) // HOUR
    if hours < 2 * DAY:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = (hours + DAY // 2) // DAY
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


@register.filter
def percent_text(percent: int) -> str:
    """Return a number of per cent as the reader's language writes it."""
    return percent_bps(percent * 100)
