"""Real threads on real connections, for races."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread

from django.db import connection


def together(jobs: Sequence[Callable[[], object]]) -> list[object]:
    """Run the jobs at the same moment, each in a thread with a connection of its own; return results or exceptions."""
    barrier = Barrier(len(jobs))
    results: list[object] = [None] * len(jobs)

    def run(place: int, job: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            results[place] = job()
        except Exception as error:  # noqa: BLE001  (the test looks at it)
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
