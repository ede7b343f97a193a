"""What the house itself does: move the demonstration clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from core.actor import Actor
from core.clock import move_forward, now
from core.errors import DomainError, NotAllowed
from core.sweeps import run_all

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


def advance_clock(*, step: timedelta, by: Actor, told: Callable[[str, int], None] | None = None) -> int:
    """Move the demonstration clock and run every sweep at once; return how many things that did.

    Not one transaction: each sweep works in its own, as the beat's ticks do. `told` hears each that did something.

    Raises NoDemoClock unless `DEMO_CLOCK` is on, NotAllowed if `by` is neither staff nor the system.
    """
    if not settings.DEMO_CLOCK:
        raise NoDemoClock(_("This installation has no demo clock: it works with real time."))
    if not (by.is_system or by.is_staff) or by.impersonator_id is not None:
        raise NotAllowed(_("Only staff move the demo clock."))
    move_forward(by=step)
    return run_all(at=now(), told=told)
