"""The timetable of beat: every clock that the apps registered, at its own interval.

A clock finds rows whose time has come, so a tick that is late, missed or doubled changes nothing but the delay.
"""

from __future__ import annotations

from typing import Any

from core.sweeps import sweeps


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return the timetable as Celery wants it; a tick that no worker took is forgotten when the next one is due."""
    return {
        clock.name: {
            "task": "marketplace.tasks.sweep",
            "schedule": float(clock.every),
            "kwargs": {"name": clock.name},
            "options": {"expires": float(clock.every), "queue": clock.queue},
        }
        for clock in sweeps()
    }
