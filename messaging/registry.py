"""What the app that owns the thing a room is about says of the room: where its page is, who of a party works there."""

from __future__ import annotations

from collections.abc import Callable

_pages: dict[str, Callable[[int], str]] = {}
_workers: dict[str, Callable[[int, int], bool]] = {}


def register_room_page(kind: str, url: Callable[[int], str]) -> None:
    """Say which page shows the rooms of a kind; `url` takes the id in the room's owner."""
    _pages[kind] = url


def page_of(kind: str, owner: str) -> str:
    """Return the address of the page that shows a room. Raises KeyError for a kind nobody registered."""
    return _pages[kind](int(owner.rpartition(":")[2]))


def register_worker_check(kind: str, works_on: Callable[[int, int], bool]) -> None:
    """Say which named workers of a party enter the rooms of a kind: `works_on` takes the user and the owner's id."""
    _workers[kind] = works_on


def lets_worker_in(kind: str, owner: str, user_id: int) -> bool:
    """Test whether a named worker enters a room of their party; where nobody said who may, all of them."""
    works_on = _workers.get(kind)
    return works_on is None or works_on(user_id, int(owner.rpartition(":")[2]))


_member_rooms: dict[str, Callable[[int, int], list[str]]] = {}


def register_member_rooms(kind: str, owners: Callable[[int, int], list[str]]) -> None:
    """Say which rooms of a kind are open to a member, who reads what they were added to.

    `owners` takes the party and the user, and returns what the rooms are about.
    """
    _member_rooms[kind] = owners


def member_rooms(party_id: int, user_id: int) -> list[str]:
    """Return what the rooms are about that are open to a member of a party."""
    return [owner for owners in _member_rooms.values() for owner in owners(party_id, user_id)]
