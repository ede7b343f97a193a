"""What the house itself does: move the demonstration clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.clock import move_forward, now
from core.errors import DomainError, NotAllowed
from core.sweeps import run_all
from events.actions import record
from marketplace.permissions import can_advance_clock

#: The farthest one step goes: a year and a day, as no clock of the house is longer.
FARTHEST = timedelta(days=366)
_STEP = re.compile(r"^\s*(\d{1,5})\s*(d|h|m)\s*$", re.ASCII)
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class NoDemoClock(DomainError):
    """The installation handles real money: its clock cannot be moved."""


class InvalidStep(DomainError):
    """The text is not a time to move by."""


def parse_step(text: str) -> timedelta:
    """Read "5d", "36h" or "90m". Raises InvalidStep with what to write instead."""
    match = _STEP.match(text)
    step = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < step <= FARTHEST:
        raise InvalidStep(_("Write a time such as 5d, 36h or 90m, up to 366d."))
    return step


def advance_clock(
    *, step: timedelta, reason: str, by: Actor, at: datetime, told: Callable[[str, int], None] | None = None
) -> int:
    """Move the demonstration clock and run every sweep at once; return how many things that did.

    The step is one transaction; each sweep then works in its own, as the beat's ticks do. `told` hears each that did
    something. `at` is the time before the step. Event: marketplace.clock_advanced.

    Raises NoDemoClock unless `DEMO_CLOCK` is on, NotAllowed if `by` is neither staff nor the system.
    """
    if not settings.DEMO_CLOCK:
        raise NoDemoClock(_("This installation has no demo clock: it works with real time."))
    if not can_advance_clock(by):
        raise NotAllowed(_("Only staff move the demo clock."))
    with transaction.atomic():
        ahead = move_forward(by=step)
        record(
            kind="marketplace.clock_advanced",
            actor=by,
            subject="clock:1",
            at=at,
            reason=reason,
            step=int(step.total_seconds()),
            ahead=int(ahead.total_seconds()),
        )
    return run_all(at=now(), told=told)
