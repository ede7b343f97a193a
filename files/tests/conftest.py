"""What the tests of the file store share: people, things that hold files, and scanners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.conf import settings

from core.actor import Actor
from files import registry
from files.gateway import ScannerFailed
from files.tests.corpus import EICAR

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ALICE = Actor(user_id=1, party_id=11, role="owner")
BOB = Actor(user_id=2, party_id=12, role="owner")
CHLOE = Actor(user_id=3, party_id=13, role="owner")
KIND = "tests.letter"
PUBLIC = "tests.portrait"
#: Who may read the letters of these tests: reference to users.
READERS: dict[str, set[int | None]] = {}


def can_read_letter(actor: Actor, ref: str) -> bool:
    return actor.user_id in READERS.get(ref, set())


def can_read_portrait(actor: Actor, ref: str) -> bool:
    return ref.startswith("approved")


@pytest.fixture(autouse=True)
def owners(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register two kinds of things, which are gone after the test."""
    monkeypatch.setattr(registry, "_owners", dict(registry._owners))
    registry.register_owner(KIND, can_read=can_read_letter)
    registry.register_owner(PUBLIC, can_read=can_read_portrait)
    READERS.clear()
    yield
    READERS.clear()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """Give each test a private folder of its own."""
    options = {"location": str(tmp_path / "private")}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    return tmp_path / "private"


def kept_files(folder: Path) -> list[Path]:
    """Return every file in the private folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


class EicarScanner:
    """Finds the test text."""

    def scan(self, file: BinaryIO) -> str:
        return "EICAR" if EICAR in file.read() else ""


class BrokenScanner:
    """Does not answer."""

    def scan(self, file: BinaryIO) -> str:
        raise ScannerFailed


class CrashingScanner:
    """Fails in a way nobody thought of."""

    def scan(self, file: BinaryIO) -> str:
        raise RuntimeError("socket closed")


def use_scanner(name: str) -> None:
    """Set up one of the scanners above; an empty name takes it away."""
    settings.FILES_SCANNER = f"files.tests.conftest.{name}" if name else ""


@pytest.fixture(autouse=True)
def no_scanner(settings: Any) -> None:
    """Begin without a scanner."""
    settings.FILES_SCANNER = ""
