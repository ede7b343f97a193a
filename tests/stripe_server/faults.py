"""Faults on demand: what goes wrong, with which call."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, get_args

Kind = Literal[
    "rate_limited",  # 429, nothing done
    "dropped_before",  # connection closed, nothing done
    "dropped_after",  # done, connection closed before the answer
    "error_before",  # 500, nothing done, not remembered
    "error_before_kept",  # 500, nothing done, remembered by the key
    "error_after",  # done, 500, remembered by the key
    "slow",  # done, the answer comes `seconds` late
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Dropped(Exception):
    """The connection is closed instead of an answer."""


@dataclass(slots=True)
class Fault:
    """Hits the calls number `nth` to `nth + times - 1` that match; `path` may hold * for anything."""

    kind: Kind
    method: str
    path: str
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    def matches(self, method: str, path: str) -> bool:
        return self.method in {"*", method} and fnmatchcase(path, self.path)


class Faults:
    """The faults that wait for their calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(
        self, kind: Kind, method: str = "POST", path: str = "*", *, nth: int = 1, times: int = 1, seconds: float = 0.0
    ) -> Fault:
        """Let a fault hit a coming call."""
        if kind not in KINDS:
            raise ValueError(f"No such fault: {kind}")
        fault = Fault(kind, method, path, nth, times, seconds)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this call; every waiting fault that matches counts it."""
        hit = None
        with self._lock:
            for fault in self._waiting:
                if not fault.matches(method, path):
                    continue
                fault.seen += 1
                if hit is None and fault.nth <= fault.seen < fault.nth + fault.times:
                    fault.hits += 1
                    hit = fault
        return hit
