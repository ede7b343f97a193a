"""Which handler hears which events; filled when the apps' `handlers` modules are imported at start-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from events.models import Event

Handle = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that hears events; its name stands on the deliveries, so renaming it strands those under way."""

    name: str
    patterns: tuple[str, ...]
    handle: Handle

    def hears(self, kind: str) -> bool:
        """Test whether events of this kind are delivered to it."""
        return any(fnmatchcase(kind, pattern) for pattern in self.patterns)


_handlers: dict[str, Handler] = {}


def handles(*patterns: str) -> Callable[[Handle], Handle]:
    """Register the function for events whose kind fits: "jobs.closed", all of an app with "jobs.*", or all with "*"."""

    def register(function: Handle) -> Handle:
        name = f"{function.__module__}.{function.__qualname__}"
        known = _handlers.get(name)
        if known is not None and known.handle.__code__ is not function.__code__:
            raise ValueError(f"two handlers are called {name}")
        _handlers[name] = Handler(name, patterns, function)
        return function

    return register


def handlers_of(kind: str) -> list[Handler]:
    """Return the handlers that hear events of this kind, in the order of their names."""
    return sorted(
        (handler for handler in _handlers.values() if handler.hears(kind)),
        key=lambda handler: handler.name,
    )


def handler_named(name: str) -> Handler | None:
    """Return the handler of a delivery, or None if the code no longer has it."""
    return _handlers.get(name)
