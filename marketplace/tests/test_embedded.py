"""The embedded servers: started once, found again, recovered after anything."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from marketplace.embedded import BASE_DIR, EmbeddedError, Stack, command_line, is_reachable


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="jalon-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(base: Path) -> Iterator[Stack]:
    made = Stack("one", fast=True, base=base, tell=lambda _text: None, environ={})
    yield made.ensure()
    made.stop()


def ask(stack: Stack, question: str) -> object:
    with psycopg.connect(f"host={stack.sockets} dbname=app user=postgres", autocommit=True) as connection:
        cursor = connection.execute(question)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def postmaster(stack: Stack) -> int:
    return int((stack.data / "postmaster.pid").read_text().split("\n")[0])


def test_starting_twice_keeps_the_same_server(stack: Stack) -> None:
    before = postmaster(stack)
    stack.ensure()
    assert postmaster(stack) == before
    assert stack.valkey("PING") == b"+PONG\r\n"


def test_the_database_compares_letters_as_people_do(stack: Stack) -> None:
    assert ask(stack, "SELECT lower('ÀÉÎ')") == "àéî"
    assert ask(stack, "SHOW timezone") == "UTC"


def test_nobody_but_the_owner_can_reach_the_servers(stack: Stack) -> None:
    assert stack.sockets.stat().st_mode & 0o066 == 0
    assert ask(stack, "SHOW listen_addresses") == ""
    assert stack.valkey_socket.stat().st_mode & 0o077 == 0


def test_rows_survive_a_stop_and_a_kill(stack: Stack) -> None:
    ask(stack, "CREATE TABLE IF NOT EXISTS kept (n int)")
    ask(stack, "TRUNCATE kept")
    ask(stack, "INSERT INTO kept VALUES (7)")
    stack.stop()
    assert not stack.is_postgres_ready()
    assert stack.valkey("PING") is None
    stack.ensure()
    os.kill(postmaster(stack), signal.SIGKILL)
    stack.ensure()
    assert ask(stack, "SELECT sum(n) FROM kept") == 7


def test_a_process_number_that_another_program_has_now_is_no_server(stack: Stack) -> None:
    stack.stop()
    (stack.data / "postmaster.pid").write_text(f"{os.getpid()}\n{stack.data}\n")
    stack.ensure()
    assert postmaster(stack) != os.getpid()
    assert stack.is_postgres_ready()


def test_valkey_comes_back_after_a_kill(stack: Stack) -> None:
    answer = stack.valkey("INFO server") or b""
    assert answer
    stack.valkey("SHUTDOWN NOSAVE")
    stack.valkey_socket.touch()
    stack.ensure()
    assert stack.valkey("PING") == b"+PONG\r\n"


def test_data_of_another_version_is_moved_aside_and_said(base: Path) -> None:
    told: list[str] = []
    stack = Stack("old", fast=True, base=base, tell=told.append, environ={})
    stack.data.mkdir(parents=True)
    (stack.data / "PG_VERSION").write_text("9.6\n")
    try:
        stack.ensure()
        assert (stack.data / "PG_VERSION").read_text().strip() == str(stack.postgres_major())
    finally:
        stack.stop()
    (aside,) = stack.home.glob("old-pg-old-*")
    assert (aside / "PG_VERSION").read_text() == "9.6\n"
    assert [text for text in told if "9.6" in text and str(aside) in text]


def test_a_creation_that_was_killed_half_way_is_begun_anew(base: Path) -> None:
    stack = Stack("half", fast=True, base=base, tell=lambda _text: None, environ={})
    half = stack.data.with_name("pg-half.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    try:
        stack.ensure()
        assert ask(stack, "SELECT current_database()") == "app"
    finally:
        stack.stop()
    assert not half.exists()


def test_two_cold_starts_at_once_make_one_server(base: Path) -> None:
    stacks = [Stack("race", fast=True, base=base, tell=lambda _text: None, environ={}) for _ in range(2)]
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Stack.ensure, stacks))
        assert {postmaster(stack) for stack in stacks} == {postmaster(stacks[0])}
    finally:
        stacks[0].stop()


def test_servers_of_ones_own_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgres://elsewhere/x", "REDIS_URL": "redis://elsewhere"}
    Stack("none", base=tmp_path, environ=environ).ensure()
    assert list(tmp_path.iterdir()) == []


def test_importing_and_naming_paths_touches_nothing(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from marketplace.embedded import Stack; Stack('x', base=Path({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_somebody_else_laid_down_is_refused(base: Path) -> None:
    stack = Stack("bait", base=base, environ={})
    stack.home.mkdir(parents=True, exist_ok=True)
    stack.sockets.symlink_to("/tmp")
    with pytest.raises(EmbeddedError, match="belongs to another user"):
        stack.ensure()


def test_a_wrong_place_for_the_binaries_is_named(base: Path) -> None:
    stack = Stack("bin", base=base, environ={"PG_BIN": "/nowhere"})
    with pytest.raises(EmbeddedError, match="PG_BIN=/nowhere holds no `postgres`"):
        stack.ensure()


def test_long_paths_get_a_socket_directory_that_fits(tmp_path: Path) -> None:
    stack = Stack("long", base=tmp_path / ("d" * 90), environ={})
    assert len(str(stack.sockets / ".s.PGSQL.5432.lock")) < 104


@pytest.mark.skipif(os.getuid() != 0, reason="only root must give its servers to somebody else")
def test_root_serves_from_a_checkout_that_nobody_else_can_enter() -> None:
    closed = Path(tempfile.mkdtemp(prefix="jalon-closed-", dir="/tmp"))
    assert not is_reachable(closed)
    told: list[str] = []
    stack = Stack("dev", fast=True, base=closed, tell=told.append, environ={})
    try:
        stack.ensure()
        ask(stack, "CREATE TABLE kept (n int)")
        assert Path(f"/proc/{postmaster(stack)}").stat().st_uid == 65534
        stack.stop()
        shutil.rmtree(closed / "var")  # the checkout is deleted and made again
        stack.ensure()
        assert ask(stack, "SELECT to_regclass('kept')") is None
        assert [text for text in told if "former checkout" in text]
    finally:
        stack.stop()
        shutil.rmtree(stack.home, ignore_errors=True)
        shutil.rmtree(closed, ignore_errors=True)


def test_the_command_line_of_a_process_is_read() -> None:
    assert sys.orig_argv[0] in command_line(os.getpid())
    assert command_line(2**22 - 1) == ""
