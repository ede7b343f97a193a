"""Races: real threads on connections of their own, let go at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

from django.db import connection

from core.errors import DomainError

#: Seconds after which a thread that has not come back counts as hung; the longest calls of a night take minutes.
PATIENCE = 600


def together(*calls: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment; return, in order, what each call returned or the exception it raised."""
    barrier = Barrier(len(calls))
    answers: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            answers[place] = call()
        except Exception as error:  # noqa: BLE001  (handed to the test)
            answers[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"a call did not come back within {PATIENCE} seconds")
    return answers


def race(*calls: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment; return what each call returned or was refused with. A bug is raised."""
    answers = together(*calls)
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, DomainError):
            raise answer
    return answers


def winners(answers: list[object]) -> int:
    """Return how many calls of a race were not refused."""
    return sum(not isinstance(answer, DomainError) for answer in answers)
