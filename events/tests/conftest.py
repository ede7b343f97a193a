"""Handlers of the tests' own, heard by nobody else."""

from __future__ import annotations

import pytest

from events import registry
from events.models import Event
from events.registry import Handle, Handler


class Hearing:
    """The handlers of one test and what each was told, by handler name."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._handlers = handlers
        self.told: dict[str, list[int]] = {}

    def add(self, name: str, *patterns: str, handle: Handle | None = None) -> str:
        """Add a handler that notes each event it is told, after `handle` has run without an error."""
        self.told[name] = []

        def note(event: Event) -> None:
            if handle is not None:
                handle(event)
            self.told[name].append(event.pk)

        self._handlers[name] = Handler(name, patterns or ("*",), note)
        return name

    def remove(self, name: str) -> None:
        """Take a handler away, as a newer version of the code may."""
        del self._handlers[name]


@pytest.fixture
def hearing(monkeypatch: pytest.MonkeyPatch) -> Hearing:
    handlers: dict[str, Handler] = {}
    monkeypatch.setattr(registry, "_handlers", handlers)
    return Hearing(handlers)
