"""How long a request may be: an announced length is refused unread, an unannounced one as soon as it is too long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler

from marketplace import bodies
from marketplace.bodies import BodyLimit, longest

pytestmark = pytest.mark.django_db(transaction=True)
TEN_GB = 10 * 1024**3


class Line:
    """A connection: pieces that come in, how many were taken, and what was answered."""

    def __init__(self, *pieces: bytes, is_endless: bool = False) -> None:
        self.pieces, self.is_endless = list(pieces), is_endless
        self.taken = 0
        self.answers: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self.pieces:
            piece = self.pieces.pop(0)
            self.taken += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or self.is_endless}
        if not self.is_endless:
            await asyncio.sleep(30)
        await asyncio.sleep(0)
        self.taken += 65_536
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def send(self, message: Any) -> None:
        self.answers.append({**message, "taken": self.taken})

    @property
    def status(self) -> int:
        return int(self.answers[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.answers[0]["headers"]}

    @property
    def page(self) -> str:
        return b"".join(each.get("body", b"") for each in self.answers).decode()


def post(line: Line, path: str = "/accounts/login/", **headers: str) -> None:
    sent = {"host": "testserver", "content-type": "application/x-www-form-urlencoded", **headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 5),
        "server": ("testserver", 80),
    }
    asyncio.run(asyncio.wait_for(BodyLimit(ASGIHandler())(scope, line.receive, line.send), 20))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LINGER", 0.05)


def test_ten_gigabytes_are_refused_before_a_byte_is_read_with_a_page_that_says_the_limits() -> None:
    line = Line(is_endless=True)
    post(line, content_length=str(TEN_GB))
    assert (line.status, line.answers[0]["taken"]) == (413, 0)
    assert line.answers[1]["taken"] == 0  # the page is out before anything of the rest is taken
    assert line.headers["connection"] == "close"
    assert "content-security-policy" in line.headers
    assert "25 MB each" in line.page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_is_french_under_french_addresses() -> None:
    line = Line(is_endless=True)
    post(line, "/fr/accounts/login/", content_length=str(TEN_GB))
    assert line.status == 413
    assert 'lang="fr"' in line.page


def test_a_body_without_a_length_is_counted_and_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "longest", lambda: 1_000_000)
    line = Line(is_endless=True)
    post(line, transfer_encoding="chunked")
    assert line.status == 413
    assert line.answers[0]["taken"] <= 1_000_000 + 65_536


@pytest.mark.parametrize("length", ["11", "nonsense", str(2**31 - 1)[:1] + "0"])
def test_everything_else_goes_on_untouched(length: str) -> None:
    line = Line(b"login=a%40b.c")
    post(line, content_length=length)
    assert line.status in {400, 403, 200}
    assert line.headers.get("connection") != "close"


def test_the_limit_is_every_file_at_its_largest_and_the_text() -> None:
    assert longest() == 10 * 25 * 1024**2 + 4 * 1024**2
