"""Postings through Django against pgbench's TPC-B-like transactions: `python -m benchmarks.ledger`.

One PostgreSQL with fsync on, a database of its own in it, pgbench at scale 50 and 100 000 accounts on each side of a
posting. A posting is what a release is: one transfer of three entries, two live accounts and one hot one, posted by
`ledger.actions.post` inside a transaction as every verb does it. Clients are processes. Both sides take turns in each
round; a figure is the median over the rounds of postings/s over transactions/s.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from statistics import median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ.setdefault("JALON_STACK", "bench")
os.environ["DATABASE_POOL_SIZE"] = "0"

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from benchmarks.figures import report, tell
from marketplace.embedded import current

CLIENTS, ROUNDS, SECONDS, SCALE, ACCOUNTS = (1, 2, 8), 7, 2, 50, 100_000
DATABASE = "bench_ledger"
AT = datetime(2026, 1, 5, tzinfo=UTC)


def maintenance() -> AbstractContextManager[CursorWrapper]:
    """Return a cursor outside of the database that comes and goes."""
    return connection._nodb_cursor()  # noqa: SLF001  (Django's own way)


@contextmanager
def database() -> Iterator[None]:
    """Make the database, migrated and filled, and drop it at the end."""
    with maintenance() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        cursor.execute("SHOW fsync")
        if cursor.fetchone() != ("on",):
            raise SystemExit("benchmarks.ledger: this PostgreSQL runs without fsync, so its figures mean nothing")
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = DATABASE
    try:
        tell("filling the books and pgbench's tables ...")
        call_command("migrate", "ledger", verbosity=0)
        fill()
        pgbench("-i", "-q", "-s", str(SCALE))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        yield
    finally:
        connection.close()
        with maintenance() as cursor:
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def fill() -> None:
    """Open both sides' accounts and put money on the side that pays."""
    from ledger.actions import Leg, post

    step, funds = 1_000, 10**9
    for first in range(0, ACCOUNTS, step):
        held = [Leg(f"held:milestone:{n}", funds) for n in range(first, first + step)]
        pending = [Leg(f"pending:party:{n}", 1) for n in range(first, first + step)]
        legs = [Leg("gateway", -step * (funds + 1)), *held, *pending]
        post(key=f"fill:{first}", kind="fill", at=AT, currency="EUR", legs=legs)
    post(key="fill:fee", kind="fill", at=AT, currency="EUR", legs=[Leg("gateway", -1), Leg("rev:service", 1)])


def pgbench(*options: str) -> str:
    """Run pgbench on the database and return what it printed."""
    own = connection.settings_dict
    where = {"PGHOST": own["HOST"], "PGPORT": own["PORT"], "PGUSER": own["USER"], "PGPASSWORD": own["PASSWORD"]}
    stack = current()
    program = stack.postgres("pgbench") if stack.needs_postgres else "pgbench"
    done = subprocess.run(
        [str(program), *options, DATABASE],
        env={**os.environ, **{name: str(value) for name, value in where.items() if value}},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"pgbench failed: {done.stderr}")
    return done.stdout


def transactions_per_second(clients: int) -> float:
    """Measure pgbench's TPC-B-like script."""
    said = pgbench("-n", "-M", "prepared", "-c", str(clients), "-j", str(clients), "-T", str(SECONDS))
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise SystemExit(f"pgbench printed no rate:\n{said}")
    return float(found[1])


def client(name: str, start: Barrier, counts: multiprocessing.SimpleQueue[float]) -> None:
    """Post for some seconds as one client and hand in the rate; the first postings warm the connection up."""
    from ledger.actions import Leg, post

    choose = random.Random(name)

    def post_release(n: int) -> None:
        legs = [
            Leg(f"held:milestone:{choose.randrange(ACCOUNTS)}", -1000),
            Leg(f"pending:party:{choose.randrange(ACCOUNTS)}", 900),
            Leg("rev:service", 100),
        ]
        with transaction.atomic():
            post(key=f"{name}:{n}", kind="release", at=AT, currency="EUR", legs=legs)

    for n in range(50):
        post_release(n)
    start.wait()
    began, n = time.perf_counter(), 50
    while time.perf_counter() - began < SECONDS:
        post_release(n)
        n += 1
    counts.put((n - 50) / (time.perf_counter() - began))


def postings_per_second(clients: int, round_number: int) -> float:
    """Measure postings by this many processes at once."""
    connection.close()  # a connection does not survive the fork
    context = multiprocessing.get_context("fork")
    start, counts = context.Barrier(clients), context.SimpleQueue()
    names = [f"{clients}:{round_number}:{number}" for number in range(clients)]
    processes = [context.Process(target=client, args=(name, start, counts)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("benchmarks.ledger: a client failed")
    return float(sum(counts.get() for _process in processes))


def main() -> None:
    """Measure and print `ledger_1`, `ledger_2`, `ledger_8` and `ledger_scaling`."""
    current().ensure()
    django.setup()
    rates: dict[int, list[float]] = {clients: [] for clients in CLIENTS}
    ratios: dict[int, list[float]] = {clients: [] for clients in CLIENTS}
    with database():
        for round_number in range(ROUNDS):
            for clients in CLIENTS:
                theirs = transactions_per_second(clients)
                ours = postings_per_second(clients, round_number)
                rates[clients].append(ours)
                ratios[clients].append(ours / theirs)
                tell(
                    f"round {round_number + 1}/{ROUNDS}, {clients} clients: TPC-B {theirs:.0f}/s, postings {ours:.0f}/s"
                )
    for clients in CLIENTS:
        report(f"ledger_{clients}", median(ratios[clients]), ">=0.5")
    scaling = median(eight / one for eight, one in zip(rates[8], rates[1], strict=True))
    report("ledger_scaling", scaling, ">=1")


if __name__ == "__main__":
    main()
