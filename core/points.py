"""Named points of work that must survive a kill at any line: passing one does nothing unless somebody watches."""

from __future__ import annotations

from collections.abc import Callable

_watchers: list[Callable[[str], None]] = []


def passing(point: str) -> None:
    """Say that the work has come to a point, such as `move.claimed`; what happens there is for those who watch."""
    for watcher in _watchers:
        watcher(point)


def watch(watcher: Callable[[str], None]) -> None:
    """Call `watcher` at every point that this process passes from now on, such as a test's that kills it there."""
    _watchers.append(watcher)
