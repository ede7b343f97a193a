"""The supervisor of `make run`: brings up servers, database and processes, watches them, and takes them down again.

`python -m marketplace.run` serves until Ctrl-C or TERM; `… stop` stops what runs; `… reset` also deletes its data.
It may be killed at any point: the next start stops what the former one left behind and goes on from there.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from marketplace.embedded import BASE_DIR, EmbeddedError, Stack, command_line, current, say, tail
from marketplace.logins import card
from marketplace.translations import BadCatalogue, compile_stale

READY_AFTER = 90.0
GOODBYE_AFTER = 15.0
#: A background process that ends by itself is started again, but not when it does so this often in so many seconds.
MOST_FALLS, FALLS_WITHIN = 5, 120.0
PR_SET_PDEATHSIG = 1
#: Those that keep nothing in memory that rows do not say.
REVIVED = {"worker", "payouts", "beat"}
#: Celery warns a worker that runs as root because of pickled tasks; ours are JSON only.
NOT_AS_ROOT = "ignore:You're running the worker with superuser privileges:UserWarning"


class RunError(RuntimeError):
    """The site cannot be started or has fallen over; the message says why and what to do."""


@dataclass(slots=True)
class Child:
    """One process of the site: its name, its command, and where it writes."""

    name: str
    command: list[str]
    environ: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    shown: int = 0
    falls: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process in a group of its own; on Linux it goes when the supervisor goes, however that ends."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        self.shown = 0
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603  (our own commands)
                self.command,
                cwd=BASE_DIR,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  (the supervisor has no threads)
            )

    @property
    def has_ended(self) -> bool:
        """Test whether the process was started and is gone."""
        return self.process is not None and self.process.poll() is not None

    def revive(self) -> bool:
        """Start a process that has ended again; return whether that was tried, which it is not for ever.

        Celery's processes may go with their broker or database; what they were about is in rows, so nothing is missed.
        """
        now = time.monotonic()
        self.falls = [*(fall for fall in self.falls if now - fall < FALLS_WITHIN), now]
        if len(self.falls) > MOST_FALLS:
            return False
        say(f"The {self.name} process ended and is started again. The end of its log:\n{tail(self.log)}")
        self.start()
        return True

    def show_news(self) -> None:
        """Pass on to the terminal what the process has written since."""
        with self.log.open("rb") as file:
            file.seek(self.shown)
            news = file.read()
        whole = news[: news.rfind(b"\n") + 1]
        self.shown += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            say(f"{self.name:>7} | {line}")


@dataclass(slots=True)
class Site:
    """Everything that `make run` runs."""

    stack: Stack
    port: int
    host: str
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    @property
    def address(self) -> str:
        """Return the address to open in a browser."""
        return os.environ.get("BASE_URL") or f"http://localhost:{self.port}"

    @property
    def state_file(self) -> Path:
        """Return the file that tells the next start which processes belong to this one."""
        return self.stack.var / f"serve-{self.stack.name}.json"

    def write_state(self, state: str) -> None:
        """Note down who runs, for the next start and for `stop`."""
        children = {child.name: child.process.pid for child in self.children if child.process is not None}
        text = json.dumps({"pid": os.getpid(), "state": state, "address": self.address, "children": children})
        unfinished = self.state_file.with_suffix(".new")
        unfinished.write_text(text)
        unfinished.rename(self.state_file)

    def serve(self) -> None:
        """Bring everything up and keep it up until a signal asks to stop or a process falls over."""
        began = time.monotonic()
        with alone(self):
            stop_leftovers(self.state_file)
            refuse_taken_port(self.host, self.port)
            try:
                self._prepare()
                self._start(self._web())
                self._await_web()
                self._start(*self._background())
                self.write_state("serving")
                say(f"\nJalon is at {self.address} ({time.monotonic() - began:.1f} s). Ctrl-C stops it.")
                if self.stack.needs_postgres:
                    say(card() + "\n")
                self._watch()
            finally:
                self.take_down()

    def _prepare(self) -> None:
        with step("Starting PostgreSQL and Valkey"):
            self.stack.ensure()
        try:
            done = compile_stale(BASE_DIR)
        except BadCatalogue as error:
            raise RunError(f"A translation cannot be compiled. {error}") from error
        if done:
            say(f"Compiled {len(done)} translations.")
        database = Database(self.stack)
        if database.is_half_made():
            say("The demonstration world was left half made: starting over with an empty database.")
            database.start_over()
        state = code_state()
        if not database.is_at(state):
            with step("Migrating the database"):
                manage("migrate", "--no-input", "-v", "0")
            database.remember(state)
        if self.stack.needs_postgres and database.is_empty():
            with step("Making the demonstration world (first start only)"):
                database.mark_world("half made")
                manage("seed", "-v", "0")
                database.mark_world("made")

    def _web(self) -> Child:
        command = [
            *("-m", "uvicorn", "marketplace.asgi:application", "--host", self.host, "--port", str(self.port)),
            *("--lifespan", "off", "--no-access-log", "--no-server-header", "--log-level", "warning"),
            *("--timeout-graceful-shutdown", "5", "--ws-max-size", "131072"),  # no frame is larger
        ]
        return self._child("web", command, DATABASE_POOL_SIZE="8")

    def _background(self) -> list[Child]:
        celery = ("-m", "celery", "-q", "-A", "marketplace")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        worker = ("worker", "-Q", "default", "-n", "worker@%h", "-c", "2", "-l", "warning", *quiet)
        payouts = ("worker", "-Q", "payouts", "-n", "payouts@%h", "-c", "2", "-l", "warning", *quiet)
        beat = ("beat", "-l", "warning", "--pidfile", "")
        return [
            self._child("worker", [*celery, *worker], DATABASE_POOL_SIZE="0", PYTHONWARNINGS=NOT_AS_ROOT),
            self._child("payouts", [*celery, *payouts], DATABASE_POOL_SIZE="0", PYTHONWARNINGS=NOT_AS_ROOT),
            self._child("beat", [*celery, *beat], DATABASE_POOL_SIZE="0"),
        ]

    def _child(self, name: str, command: list[str], **more: str) -> Child:
        environ = {**os.environ, "PORT": str(self.port), "PYTHONUNBUFFERED": "1", **more}
        return Child(
            name, [sys.executable, *command], environ, self.stack.var / f"log-{self.stack.name}" / f"{name}.log"
        )

    def _start(self, *children: Child) -> None:
        for child in children:
            child.start()
            self.children.append(child)
        self.write_state("starting")

    def _await_web(self) -> None:
        deadline = time.monotonic() + READY_AFTER
        with step("Starting the web process"):
            while time.monotonic() < deadline:
                self._check()
                if answers(f"http://{reachable_host(self.host)}:{self.port}/readyz"):
                    return
                time.sleep(0.05)
        raise RunError(
            f"The web process did not answer within {READY_AFTER:.0f} s. Its log ends:\n{tail(self.children[0].log)}"
        )

    def _watch(self) -> None:
        while True:
            self._check()
            for child in self.children:
                child.show_news()
            time.sleep(0.5)

    def _check(self) -> None:
        for child in self.children:
            if child.process is not None and child.has_ended:
                if child.name in REVIVED and child.revive():
                    self.write_state("serving")
                    continue
                raise RunError(
                    f"The {child.name} process ended with status {child.process.returncode}, so everything is stopped. "
                    f"The end of {child.log}:\n{tail(child.log)}"
                )

    def take_down(self) -> None:
        """Stop the processes, then the servers; processes that do not go in time are killed."""
        self.stopping = True
        self.write_state("stopping")
        if self.children:
            say("Stopping.")
        for child in reversed(self.children):
            if child.process is not None and not child.has_ended:
                child.process.terminate()
        deadline = time.monotonic() + GOODBYE_AFTER
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"The {child.name} process does not stop; killing it.")
                kill_group(child.process.pid)
                child.process.wait()
        self.stack.stop()
        self.state_file.unlink(missing_ok=True)


class Database:
    """The database as the supervisor sees it: does it need migrations, does it hold anybody."""

    def __init__(self, stack: Stack) -> None:
        self.is_embedded = stack.needs_postgres
        self.address = (
            f"host={stack.sockets} dbname=app user=postgres" if self.is_embedded else os.environ["DATABASE_URL"]
        )

    def _ask(self, question: str) -> Any:
        with psycopg.connect(self.address, autocommit=True) as connection:
            row = connection.execute(question).fetchone()
        return row[0] if row else None

    def _mark(self, code: str) -> str | None:
        """Return what the database remembers when its migrations are those of `code`; None without any."""
        if not self._ask("SELECT to_regclass('django_migrations') IS NOT NULL"):
            return None
        applied = self._ask("SELECT md5(string_agg(app || name, ' ' ORDER BY app, name)) FROM django_migrations")
        return f"{code} {applied}"

    def is_at(self, code: str) -> bool:
        """Test whether nothing changed since the last migration, neither the code nor what is applied."""
        if not self.is_embedded:
            return False
        kept = self._ask(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        return kept is not None and kept == self._mark(code)

    def remember(self, code: str) -> None:
        """Note down in the database that it is migrated to this code."""
        if self.is_embedded:
            with psycopg.connect(self.address, autocommit=True) as connection:
                connection.execute(f"COMMENT ON DATABASE app IS '{self._mark(code)}'")

    def mark_world(self, state: str) -> None:
        """Note down in the database how far the demonstration world is."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"COMMENT ON SCHEMA public IS 'demonstration world: {state}'")

    def is_half_made(self) -> bool:
        """Test whether a former start was stopped while it made the demonstration world."""
        if not self.is_embedded:
            return False
        kept = self._ask("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
        return bool(kept == "demonstration world: half made")

    def start_over(self) -> None:
        """Throw the embedded database away and make an empty one."""
        with psycopg.connect(self.address.replace("dbname=app", "dbname=postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE app WITH (FORCE)")
            connection.execute("CREATE DATABASE app")

    def is_empty(self) -> bool:
        """Test whether nobody has an account yet."""
        return not self._ask("SELECT EXISTS (SELECT 1 FROM accounts_user)")


def code_state() -> str:
    """Return what stands for every migration of the project and of the locked packages."""
    state = hashlib.sha256()
    for file in (*sorted(BASE_DIR.glob("*/migrations/*.py")), BASE_DIR / "requirements" / "base.txt"):
        state.update(file.name.encode() + file.read_bytes())
    return state.hexdigest()


def manage(*arguments: str) -> None:
    """Run one management command to its end. Raises RunError when it fails."""
    environ = {**os.environ, "DATABASE_POOL_SIZE": "0"}
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, cwd=BASE_DIR, env=environ, check=False)  # noqa: S603  (our own commands)
    if done.returncode:
        raise RunError(f"`manage.py {' '.join(arguments)}` failed; see above.")


class step:  # noqa: N801  (reads as a statement: with step("…"))
    """Say what takes its time, and how long it took."""

    def __init__(self, text: str) -> None:
        self.text, self.began = text, 0.0

    def __enter__(self) -> None:
        self.began = time.monotonic()
        say(f"{self.text} …")

    def __exit__(self, kind: object, *_rest: object) -> None:
        took = time.monotonic() - self.began
        if kind is None and took > 1:
            say(f"  done in {took:.1f} s")


class alone:  # noqa: N801  (reads as a statement: with alone(site))
    """Hold the lock of this checkout's `make run`, waiting for a former one that is just stopping."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.file: IO[str] | None = None

    def __enter__(self) -> None:
        self.site.stack.var.mkdir(parents=True, exist_ok=True)
        self.file = (self.site.stack.var / f"serve-{self.site.stack.name}.lock").open("w")
        deadline = time.monotonic() + GOODBYE_AFTER + 5
        waiting = False
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            former = read_state(self.site.state_file)
            if former.get("state") == "serving" or time.monotonic() > deadline:
                address = former.get("address", "an address of its own")
                raise RunError(f"Jalon already runs at {address}. `make stop` stops it.")
            if not waiting:
                say("Waiting for a former `make run` …")
                waiting = True
            time.sleep(0.1)

    def __exit__(self, *_what: object) -> None:
        if self.file is not None:
            self.file.close()


def read_state(file: Path) -> dict[str, Any]:
    """Return what the last supervisor noted down; nothing when there is nothing to read."""
    try:
        state = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def is_ours(pid: int) -> bool:
    """Test whether `pid` is a process of the site, not another program that has its number now."""
    line = command_line(pid)
    return "marketplace.run" in line or "uvicorn marketplace.asgi" in line or "celery -q -A marketplace" in line


def stop_leftovers(state_file: Path) -> None:
    """Stop the processes that a killed supervisor left behind."""
    for name, pid in read_state(state_file).get("children", {}).items():
        if not is_ours(pid):
            continue
        say(f"Stopping the {name} process that a former run left behind.")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda pid=pid: not is_ours(pid), 5):  # type: ignore[misc]
            kill_group(pid)
    state_file.unlink(missing_ok=True)


def stop_site(stack: Stack) -> None:
    """Ask a running supervisor to stop and wait for it; then stop whatever is left."""
    state_file = Site(stack, 0, "").state_file
    pid = read_state(state_file).get("pid")
    if isinstance(pid, int) and is_ours(pid):
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: not is_ours(pid), GOODBYE_AFTER + 10):
            raise RunError(f"Process {pid} does not stop.")
    stop_leftovers(state_file)
    stack.stop()


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Wait until `is_so()`, at most so many seconds; return whether it came."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def kill_group(pid: int) -> None:
    """Kill a process and the ones it started."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def die_with_parent() -> None:
    """Ask Linux to stop this process when its parent goes; elsewhere the next start stops it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise RunError when another program listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RunError(
                f"Port {port} of {host} cannot be used ({error.strerror}). Choose another one: PORT={port + 1} make run"
            ) from error


def reachable_host(host: str) -> str:
    """Return the address at which a server bound to `host` answers this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  (translated, not bound)


def answers(address: str) -> bool:
    """Test whether the address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310  (our own address)
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def chosen_port() -> int:
    """Return `$PORT`, 8000 unless set. Raises RunError for what is no port."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise RunError(f"PORT={text} is no port: use a number from 1 to 65535.")
    return int(text)


def stop_on(*signals: signal.Signals) -> None:
    """Turn these signals into SystemExit, once; the way down is not interrupted by a second one."""

    def leave(_number: int, _frame: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(0)

    for each in signals:
        signal.signal(each, leave)


def main(arguments: list[str]) -> int:
    """Serve, stop or reset."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    os.chdir(BASE_DIR)
    stack = current()
    command = arguments[0] if arguments else "serve"
    try:
        if command == "serve":
            if os.environ.get("MAKELEVEL"):
                die_with_parent()
            stop_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            Site(stack, chosen_port(), os.environ.get("HOST") or "127.0.0.1").serve()
        elif command == "stop":
            stop_site(stack)
        elif command == "reset":
            stop_site(stack)
            stack.reset()
            say("The development database is deleted; the next `make run` makes a new one.")
        else:
            raise RunError(f"{command!r} is not known: use serve, stop or reset.")
    except (RunError, EmbeddedError) as error:
        say(f"\nmake run: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
