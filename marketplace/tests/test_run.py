"""The supervisor of `make run`: what it refuses, what it stops, what it survives."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from marketplace.embedded import BASE_DIR, Stack
from marketplace.run import (
    MOST_FALLS,
    Child,
    Database,
    RunError,
    Site,
    answers,
    chosen_port,
    is_ours,
    main,
    reachable_host,
    read_state,
    refuse_taken_port,
    stop_leftovers,
    wait_until,
)

SLEEPER = "import time; time.sleep(60)  # uvicorn marketplace.asgi"


def site_of(tmp_path: Path) -> Site:
    return Site(Stack("dev", base=tmp_path, tell=lambda _text: None, environ={}), 8000, "127.0.0.1")


def child_of(tmp_path: Path, code: str, name: str = "web") -> Child:
    return Child(name, [sys.executable, "-u", "-c", code], dict(os.environ), tmp_path / f"{name}.log")


@pytest.mark.parametrize(("text", "port"), [("9000", 9000), ("", 8000)])
def test_the_port_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, port: int) -> None:
    monkeypatch.setenv("PORT", text)
    assert chosen_port() == port


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(RunError, match=f"PORT={text} is no port"):
        chosen_port()


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RunError, match=f"Port {port} .* PORT={port + 1} make run"):
            refuse_taken_port("127.0.0.1", port)
    refuse_taken_port("127.0.0.1", port)


def test_a_process_that_falls_over_stops_the_site_with_the_end_of_its_log(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    child = child_of(tmp_path, "print('the reason'); raise SystemExit(3)")
    child.start()
    site.children.append(child)
    assert child.process is not None
    child.process.wait(10)
    with pytest.raises(RunError, match=r"(?s)The web process ended with status 3.*the reason"):
        site._check()


def test_a_worker_that_falls_over_is_started_again_until_it_does_nothing_else(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    site.stack.var.mkdir()
    child = child_of(tmp_path, "print('the broker is gone'); raise SystemExit(1)", "payouts")
    child.start()
    site.children.append(child)
    pids = set()
    for _fall in range(MOST_FALLS):
        assert child.process is not None
        child.process.wait(10)
        site._check()
        pids.add(child.process.pid)
        assert read_state(site.state_file)["children"] == {"payouts": child.process.pid}
    assert len(pids) == MOST_FALLS
    assert child.process is not None
    child.process.wait(10)
    with pytest.raises(RunError, match=r"(?s)The payouts process ended with status 1.*the broker is gone"):
        site._check()


def test_new_lines_of_a_log_are_shown_once_and_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    child = child_of(tmp_path, "")
    child.log.write_text("first\nsec")
    child.show_news()
    child.log.write_text("first\nsecond\n")
    child.show_news()
    child.show_news()
    assert capsys.readouterr().err == "    web | first\n    web | second\n"


def test_processes_of_a_killed_run_are_stopped(tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True)
    state = tmp_path / "serve.json"
    state.write_text(json.dumps({"pid": 1, "children": {"web": left.pid}}))
    assert wait_until(lambda: is_ours(left.pid), 5)
    stop_leftovers(state)
    assert left.wait(5) == -signal.SIGTERM
    assert not state.exists()


def test_another_program_that_has_the_number_now_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        state = tmp_path / "serve.json"
        state.write_text(json.dumps({"pid": 1, "children": {"web": stranger.pid}}))
        stop_leftovers(state)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_an_unreadable_state_is_no_state(tmp_path: Path, text: str) -> None:
    file = tmp_path / "serve.json"
    file.write_text(text)
    assert read_state(file) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux ties processes to their parents")
def test_processes_go_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from marketplace.run import Child
child = Child("web", [sys.executable, "-c", {SLEEPER!r}], dict(os.environ), Path({str(tmp_path)!r}) / "web.log")
child.start()
print(child.process.pid, flush=True)
time.sleep(60)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=BASE_DIR, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.communicate()
    assert wait_until(lambda: not is_ours(pid), 5)


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 1
    assert "'dance' is not known: use serve, stop or reset." in capsys.readouterr().err


def test_a_server_on_every_address_is_asked_on_this_machine() -> None:
    assert reachable_host("0.0.0.0") == "127.0.0.1"
    assert reachable_host("127.0.0.1") == "127.0.0.1"


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def environ(port: int, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return the environment of a `make run` with servers of its own, which are deleted afterwards."""
    ours = {"JALON_STACK", "JALON_KEY_PREFIX", "DEMO_CLOCK", "BASE_URL", "DATABASE_POOL_SIZE", "MAKELEVEL", "PGOPTIONS"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    environ = {**kept, "JALON_STACK": "serve", "PORT": str(port), "PRIVATE_FILES_ROOT": str(tmp_path)}
    yield environ
    subprocess.run([sys.executable, "-m", "marketplace.run", "reset"], cwd=BASE_DIR, env=environ, check=True)


def serve(environ: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "marketplace.run"], cwd=BASE_DIR, env=environ)
    state = BASE_DIR / "var" / "serve-serve.json"
    mine = {"pid": process.pid, "state": "serving"}
    assert wait_until(lambda: process.poll() is not None or mine.items() <= read_state(state).items(), 400)
    assert process.poll() is None
    assert answers(f"http://127.0.0.1:{port}/readyz")
    return process


@pytest.mark.full
def test_the_site_serves_survives_a_kill_and_stops_when_asked(environ: dict[str, str], port: int) -> None:
    state = BASE_DIR / "var" / "serve-serve.json"
    first = serve(environ, port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as page:
        assert page.status == 200
    children = set(read_state(state)["children"].values())
    assert len(children) == 4
    first.kill()
    first.wait()

    began = time.monotonic()
    second = serve(environ, port)
    assert time.monotonic() - began < 20
    assert children.isdisjoint(read_state(state)["children"].values())
    assert not any(is_ours(pid) for pid in children)

    children = set(read_state(state)["children"].values())
    second.send_signal(signal.SIGTERM)
    assert second.wait(40) == 0
    assert not any(is_ours(pid) for pid in children)
    assert not state.exists()
    assert not answers(f"http://127.0.0.1:{port}/healthz")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    directory = Path(tempfile.mkdtemp(prefix="jalon-", dir="/tmp"))
    directory.chmod(0o755)
    stack = Stack("run", fast=True, base=directory, tell=lambda _text: None, environ={}).ensure()
    yield Database(stack)
    stack.stop()
    shutil.rmtree(directory, ignore_errors=True)


def test_a_database_knows_what_it_is_migrated_to(database: Database) -> None:
    assert not database.is_at("code")
    with psycopg.connect(database.address, autocommit=True) as connection:
        connection.execute("CREATE TABLE django_migrations (app text, name text)")
        connection.execute("INSERT INTO django_migrations VALUES ('jobs', '0001_initial')")
        database.remember("code")
        assert database.is_at("code")
        assert not database.is_at("other code")
        connection.execute("DELETE FROM django_migrations")
        assert not database.is_at("code")


def test_a_world_left_half_made_is_begun_anew(database: Database) -> None:
    with psycopg.connect(database.address, autocommit=True) as connection:
        connection.execute("CREATE TABLE accounts_user (id int)")
        connection.execute("INSERT INTO accounts_user VALUES (1)")
    assert not database.is_empty()
    assert not database.is_half_made()
    database.mark_world("half made")
    assert database.is_half_made()
    database.start_over()
    assert not database.is_half_made()
    with psycopg.connect(database.address) as connection:
        assert connection.execute("SELECT to_regclass('accounts_user')").fetchone() == (None,)
