"""The record of every call that reached the server."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.stripe_server.errors import Json

MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call and its answer; `status` is 0 where the connection was closed instead."""

    method: str
    path: str
    key: str | None
    account: str | None
    params: Json
    fingerprint: str
    status: int
    answer: Json
    is_replay: bool
    fault: str | None
    request_id: str
    at: float


class Calls:
    """All calls, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Call] = []

    def add(self, call: Call) -> None:
        with self._lock:
            self._all.append(call)

    def all(self) -> list[Call]:
        with self._lock:
            return list(self._all)

    def of(self, method: str, path: str) -> list[Call]:
        """Return the calls to an address; `path` may hold * for anything."""
        return [call for call in self.all() if call.method == method and fnmatchcase(call.path, path)]

    def bodies_by_key(self) -> dict[tuple[str, str | None], set[str]]:
        """Return for each key (and account) the hashes of the calls that it was sent with."""
        found: dict[tuple[str, str | None], set[str]] = {}
        for call in self.all():
            if call.key is not None and call.method == "POST":
                found.setdefault((call.key, call.account), set()).add(call.fingerprint)
        return found

    def assert_one_body_per_key(self) -> None:
        """Fail if any key was sent with two different calls."""
        broken = sorted(key for (key, _), bodies in self.bodies_by_key().items() if len(bodies) > 1)
        assert broken == [], f"keys sent with more than one body: {broken}"

    def assert_every_write_has_own_key(self) -> None:
        """Fail if any write came without a key, or with one that the SDK made up for lack of another."""
        bare = [f"{call.method} {call.path}" for call in self.all() if call.method == "POST" and not is_own(call.key)]
        assert bare == [], f"writes without a key of their own: {bare}"


def is_own(key: str | None) -> bool:
    """Test whether the caller chose the key; the SDK's own are random UUIDs."""
    return bool(key) and not MADE_UP.fullmatch(key or "")
