"""What other apps say of rooms and sockets: where a room's page is, who of a party enters, who takes frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.actor import Actor

_pages: dict[str, Callable[[int], str]] = {}
_workers: dict[str, Callable[[int, int], bool]] = {}
_staff: dict[str, Callable[[Actor, int], bool]] = {}
_worker_rooms: dict[str, Callable[[int, int], list[str]]] = {}


class Reads(Protocol):
    """Is told when a person has read a room up to a message."""

    def __call__(self, *, room_id: int, user_id: int, message_id: int, at: datetime) -> None:
        """Do what follows from it; in the transaction of the mark."""
        ...


_readers: list[Reads] = []


def register_reader(reads: Reads) -> None:
    """Hear of how far people read; an app calls this once in its AppConfig.ready()."""
    _readers.append(reads)


def tell_readers(*, room_id: int, user_id: int, message_id: int, at: datetime) -> None:
    """Tell who wants to hear that a person has read a room up to a message."""
    for reads in _readers:
        reads(room_id=room_id, user_id=user_id, message_id=message_id, at=at)


def register_room_page(kind: str, url: Callable[[int], str]) -> None:
    """Say which page shows the rooms of a kind; `url` takes the id in the room's owner."""
    _pages[kind] = url


def has_page(kind: str) -> bool:
    """Test whether the rooms of a kind stand in the page of what they are about."""
    return kind in _pages


def page_of(kind: str, owner: str) -> str:
    """Return the address of the page that shows a room. Raises KeyError for a kind nobody registered."""
    return _pages[kind](int(owner.rpartition(":")[2]))


def register_worker_check(
    kind: str, works_on: Callable[[int, int], bool], *, owners: Callable[[int, int], list[str]] | None = None
) -> None:
    """Say which named workers of a party enter the rooms of a kind: `works_on` takes the user and the owner's id.

    `owners` takes the party and the user, and returns what the rooms are about that they enter: without it a list of
    rooms asks `works_on` about each.
    """
    _workers[kind] = works_on
    if owners is not None:
        _worker_rooms[kind] = owners


def register_staff_check(kind: str, may_read: Callable[[Actor, int], bool]) -> None:
    """Say which staff read the rooms of a kind, and while what: `may_read` takes who asks and the owner's id."""
    _staff[kind] = may_read


def lets_staff_in(kind: str, owner: str, by: Actor) -> bool:
    """Test whether somebody of staff reads a room at this moment; where nobody said who may, nobody."""
    may_read = _staff.get(kind)
    return by.is_staff and may_read is not None and may_read(by, int(owner.rpartition(":")[2]))


def kinds_of_some_workers() -> list[str]:
    """Return the kinds of rooms that are not open to every named worker of their parties."""
    return [*_workers]


def worker_rooms(kind: str, party_id: int, user_id: int, asked: Iterable[str]) -> list[str]:
    """Return what the rooms of a kind are about that a named worker enters; of those `asked`, if nobody lists them."""
    owners = _worker_rooms.get(kind)
    if owners is not None:
        return owners(party_id, user_id)
    return [owner for owner in asked if lets_worker_in(kind, owner, user_id)]


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


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of frame that a page sends over its socket, and its limits: bytes, and how many a minute."""

    handle: Callable[[int, str, dict[str, Any]], None] | None
    size: int
    a_minute: int


_frames: dict[str, Frame] = {}


def register_frame(
    kind: str, handle: Callable[[int, str, dict[str, Any]], None], *, size: int = 1024, a_minute: int = 60
) -> None:
    """Say who takes the frames of a kind; `handle` takes the user, their session's key and the frame.

    It runs in a thread, checks who may by itself, and raises a DomainError to be answered with a refusal. The socket
    has made sure that the person's log-in still stands.
    """
    _frames[kind] = Frame(handle, size, a_minute)


def frame_of(kind: str) -> Frame | None:
    """Return who takes the frames of a kind, if anybody does."""
    return _frames.get(kind)


def largest_frame(*, least: int) -> int:
    """Return the bytes of the largest frame that anybody takes, `least` or more: a larger one is not even read."""
    return max(least, *(frame.size for frame in _frames.values())) if _frames else least
