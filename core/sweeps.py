"""The clocks of the house: every deadline is a row, and a sweep is the function that looks for due ones."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from core.errors import DomainError

logger = logging.getLogger(__name__)
#: Rounds after which `run_all` stops looking for more to do.
ROUNDS = 50
#: Rows that one run of a clock takes.
BATCH = 500


class SweepFunction(Protocol):
    """Does what is due at `at` and returns how many things it did."""

    def __call__(self, *, at: datetime) -> int:
        """Do what is due and count it."""
        ...


@dataclass(frozen=True, slots=True)
class Sweep:
    """One clock: its name, its function, how often the beat calls it, in seconds, and which workers hear of it.

    `side_by_side` is how many processes may run it at once: one, unless its rows are claimed one by one. A watch looks
    whether all is well and does nothing that becomes due.
    """

    name: str
    function: SweepFunction
    every: int
    queue: str = "default"
    side_by_side: int = 1
    is_watch: bool = False


_sweeps: dict[str, Sweep] = {}


def register_sweep(
    name: str, function: SweepFunction, *, every: int, queue: str = "default", side_by_side: int = 1
) -> None:
    """Add a clock; an app calls this once in its AppConfig.ready()."""
    _sweeps[name] = Sweep(name, function, every, queue, side_by_side)


def sweep_named(name: str) -> Sweep:
    """Return one clock. Raises KeyError for an unknown name."""
    return _sweeps[name]


def register_watch(name: str, function: SweepFunction, *, every: int, queue: str = "default") -> None:
    """Add a clock that only looks; an app calls this once in its AppConfig.ready()."""
    _sweeps[name] = Sweep(name, function, every, queue, is_watch=True)


def sweeps() -> tuple[Sweep, ...]:
    """Return every clock in the order they were registered: lower apps first."""
    return tuple(_sweeps.values())


def run_sweep(name: str, *, at: datetime) -> int:
    """Run one clock. Raises KeyError for an unknown name."""
    return _sweeps[name].function(at=at)


def run_all(*, at: datetime, told: Callable[[str, int], None] | None = None) -> int:
    """Run every clock but the watches until none has anything left to do; return how many things were done.

    A clock that fails is logged and does not stop the others.
    """
    total = 0
    for _round in range(ROUNDS):
        done = 0
        for sweep in (each for each in sweeps() if not each.is_watch):
            try:
                count = sweep.function(at=at)
            except Exception:
                logger.exception("sweep %s failed", sweep.name)
                continue
            if count and told:
                told(sweep.name, count)
            done += count
        total += done
        if not done:
            break
    return total


def for_each(rows: QuerySet[Any], act: Callable[[Any], object]) -> int:
    """Act on each row by its number, in a transaction of its own, and return how many acts did something.

    One that refuses, because somebody was faster, or that fails does not stop the others. `act` returns 0 where there
    was nothing to do. At most `BATCH` rows; the next run takes the rest.
    """
    return _each(list(rows.values_list("pk", flat=True)[:BATCH]), act)


def for_all(rows: QuerySet[Any], act: Callable[[Any], object]) -> int:
    """Do as `for_each` with every row that is due, however many: for clocks that come seldom, and for whole months."""
    return _each(list(rows.values_list("pk", flat=True)), act)


def _each(keys: list[Any], act: Callable[[Any], object]) -> int:
    done = 0
    for pk in keys:
        try:
            done += act(pk) != 0
        except DomainError as refusal:
            logger.info("clock skipped %s: %s", pk, type(refusal).__name__)
        except Exception:
            logger.exception("clock failed on %s", pk)
    return done
