"""The one task of beat: run a clock of the house."""

from __future__ import annotations

import zlib
from datetime import datetime

from celery import shared_task
from django.db import connection

from core.clock import now
from core.sweeps import run_sweep, sweep_named


@shared_task
def sweep(*, name: str, **_: object) -> int:
    """Run one clock and return how many things it did; does nothing while others run as many of it as there may be."""
    return sweep_alone(name=name, at=now())


def sweep_alone(*, name: str, at: datetime) -> int:
    """Run one clock under an advisory lock of its own, so that two beats never run it side by side.

    A clock whose rows are claimed one by one has several locks, and runs under the first that is free.
    """
    for place in range(sweep_named(name).side_by_side):
        key = zlib.crc32(f"sweep:{name}:{place}".encode())
        if _take(key):
            break
    else:
        return 0
    try:
        return run_sweep(name, at=at)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _take(key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        return bool(cursor.fetchone()[0])
