"""Where the page of a room is: the app that owns the thing a room is about says so."""

from __future__ import annotations

from collections.abc import Callable

_pages: dict[str, Callable[[int], str]] = {}


def register_room_page(kind: str, url: Callable[[int], str]) -> None:
    """Say which page shows the rooms of a kind; `url` takes the id in the room's owner."""
    _pages[kind] = url


def page_of(kind: str, owner: str) -> str:
    """Return the address of the page that shows a room. Raises KeyError for a kind nobody registered."""
    return _pages[kind](int(owner.rpartition(":")[2]))
