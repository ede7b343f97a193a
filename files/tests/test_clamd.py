"""The scanner ClamAV, against a server of this test that speaks its protocol, well and badly."""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from files import clamd
from files.actions import FileInfected, rescan_quarantined, store_file
from files.clamd import ClamdScanner
from files.gateway import ScannerFailed
from files.models import StoredFile
from files.tests.conftest import ALICE, AT, KIND, kept_files
from files.tests.corpus import EICAR, upload
from marketplace.files_settings import clamd_problems

Answer = Callable[[bytes], list[bytes]]


def as_clamd(content: bytes) -> list[bytes]:
    return [b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"]


def _serve(line: socket.socket, answer: Answer, most: int) -> None:
    with line:
        stream = line.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            content += stream.read(length)
            if len(content) > most:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        for part in answer(content):
            line.sendall(part)


@contextmanager
def daemon(
    settings: Any, answer: Answer = as_clamd, *, most: int = 1_000_000, path: Path | None = None
) -> Iterator[None]:
    """Run a daemon that reads a file as clamd does and answers with these parts, then hangs up."""
    if path:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        settings.CLAMD_URL = f"unix://{path}"
    else:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        settings.CLAMD_URL = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    settings.FILES_SCANNER = "files.clamd.ClamdScanner"
    listener.listen()
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            try:
                line, _address = listener.accept()
            except OSError:
                return
            try:
                _serve(line, answer, most)
            except (OSError, struct.error, AssertionError):
                continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def scan(content: bytes) -> str:
    return ClamdScanner().scan(io.BytesIO(content))


@pytest.mark.parametrize("size", [0, 1, clamd.PIECE, clamd.PIECE + 1, 5 * clamd.PIECE - 1])
def test_a_clean_file_of_any_length_arrives_whole_and_is_clean(settings: Any, size: int) -> None:
    seen: list[bytes] = []

    def keep(content: bytes) -> list[bytes]:
        seen.append(content)
        return [b"stream: OK\0"]

    with daemon(settings, keep):
        assert scan(b"x" * size) == ""
    assert seen == [b"x" * size]


def test_malware_is_named_over_a_port_and_over_a_socket_file(settings: Any, tmp_path: Path) -> None:
    with daemon(settings):
        assert scan(b"before " + EICAR + b" after") == "Eicar-Test-Signature"
    with daemon(settings, path=tmp_path / "c"):
        assert scan(EICAR) == "Eicar-Test-Signature"
        assert scan(b"text") == ""


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"stream: O"],
        [b"stream: OK"],
        [b"stream: ERROR\0"],
        [b"\0"],
        [b"OK?\0"],
        [b"x" * 5000],
        [b"\xff\xfe\0"],
    ],
    ids=["hangs up", "half", "no end", "error", "empty", "nonsense", "endless", "bytes"],
)
def test_any_other_answer_is_no_answer(settings: Any, parts: list[bytes]) -> None:
    with daemon(settings, lambda _content: parts), pytest.raises(ScannerFailed):
        scan(b"text")


def test_an_answer_in_pieces_is_read_to_its_end(settings: Any) -> None:
    with daemon(settings, lambda _content: [b"stream: Ei", b"car FO", b"UND", b"\0"]):
        assert scan(b"text") == "Eicar"


def test_silence_and_a_closed_door_are_no_answer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamd, "STEP", 0.1)
    quiet = threading.Event()

    def wait(_content: bytes) -> list[bytes]:
        quiet.wait(1)
        return []

    with daemon(settings, wait):
        with pytest.raises(ScannerFailed):
            scan(b"text")
        quiet.set()
    with pytest.raises(ScannerFailed):  # nobody listens there any more
        scan(b"text")
    settings.CLAMD_URL = "unix:///nowhere/clamd.ctl"
    with pytest.raises(ScannerFailed):
        scan(b"text")


def test_a_file_that_is_longer_than_the_daemon_takes_is_not_called_clean(settings: Any) -> None:
    with daemon(settings, most=100_000), pytest.raises(ScannerFailed):
        scan(b"x" * 3_000_000)


@pytest.mark.django_db
def test_an_upload_waits_while_the_daemon_is_away_and_is_judged_once_it_is_back(settings: Any, folder: Path) -> None:
    with daemon(settings):
        with pytest.raises(FileInfected):
            store_file(upload=upload("a.txt", EICAR), kind=KIND, by=ALICE, at=AT)
        assert kept_files(folder) == []
        assert store_file(upload=upload("b.txt", b"text"), kind=KIND, by=ALICE, at=AT).state == "ready"
    files = [store_file(upload=upload("c.txt", text), kind=KIND, by=ALICE, at=AT) for text in (b"text", EICAR)]
    assert {file.state for file in files} == {"quarantined"}
    assert rescan_quarantined(at=AT + timedelta(minutes=11)) == 0
    with daemon(settings):
        assert rescan_quarantined(at=AT + timedelta(minutes=11)) == 2
    assert list(StoredFile.objects.order_by("name").values_list("name", "state")) == [
        ("b.txt", "ready"),
        ("c.txt", "ready"),
    ]


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("", True),
        ("tcp://clamav:3310", True),
        ("tcp://127.0.0.1", True),
        ("unix:///run/clamav/clamd.ctl", True),
        ("clamav:3310", False),
        ("http://clamav:3310", False),
        ("unix://run/clamd.ctl", False),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_at_start(url: str, is_good: bool) -> None:
    assert (clamd_problems(url) == []) is is_good
