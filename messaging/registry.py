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


_member_rooms: dict[str, Callable[[int, int], list[str]]] = {}


def register_member_rooms(kind: str, owners: Callable[[int, int], list[str]]) -> None:
    """Say which rooms of a kind are open to a member, who reads what they were added to.

    `owners` takes the party and the user, and returns what the rooms are about.
    """
    _member_rooms[kind] = owners


def member_rooms(party_id: int, user_id: int) -> list[str]:
    """Return what the rooms are about that are open to a member of a party."""
    return [owner for owners in _member_rooms.values() for owner in owners(party_id, user_id)]
