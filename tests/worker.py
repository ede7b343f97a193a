"""A worker to be killed: it takes jobs by line, runs each in a process of its own, and tells how that one ended.

The process that reads the lines loads the product once and forks, as Celery's pool does; the fork kills itself with
SIGKILL at the point that its job names, or just before the commit that follows this point.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Job:
    """The clocks to run at a moment, the faults of the provider meanwhile, and where the process is killed.

    `faults` are those of a provider that lives in the process itself; `settings` are set before anything is done.
    """

    clocks: Sequence[str]
    at: str
    faults: Sequence[tuple[str, str]] = ()
    point: str = ""
    is_before_commit: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


class Worker:
    """The worker, for the time of a `with`, on the database of the test."""

    def __init__(self, database: str) -> None:
        self.database = database

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.worker", self.database],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate(timeout=30)

    def run(self, job: Job) -> int:
        """Run a job to its end; return the exit status, or the number of the signal that ended it, negative."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(job)) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def die() -> None:
    """Be gone at once: no `finally`, no rollback sent, no goodbye to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)


def lay_trap(job: Job) -> None:
    """Let this process meet the faults of the job, and die at its point."""
    from django.conf import settings
    from django.db import connection

    from core.points import watch
    from payments.gateways import sandbox_gateway
    from payments.gateways.sandbox import Fault

    def pass_by(point: str) -> None:
        if point != job.point:
            return
        if job.is_before_commit:
            connection._commit = die  # type: ignore[attr-defined]  # not in the stubs
        else:
            die()

    for name, value in job.settings.items():
        setattr(settings, name, value)
    watch(pass_by)
    sandbox_gateway().faults += [Fault(verb, kind) for verb, kind in job.faults]  # type: ignore[arg-type]


def work(job: Job) -> None:
    """Do a job, or a part of it."""
    from marketplace.tasks import sweep_alone

    lay_trap(job)
    for clock in job.clocks:
        sweep_alone(name=clock, at=datetime.fromisoformat(job.at))


def main(database: str) -> None:
    """Fork for each line of standard input."""
    import django
    from django.db import connection

    django.setup()
    connection.settings_dict["NAME"] = database
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                work(Job(**json.loads(line)))
            except BaseException:  # noqa: BLE001  (the fork must not go on reading lines)
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
