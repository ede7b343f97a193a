"""What files may belong to: the app that owns a kind of thing says who may read its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.actor import Actor

#: Takes who asks and the thing's reference.
CanRead = Callable[[Actor, str], bool]
#: What a kind of thing may take, by media type; nothing named means whatever the store keeps.
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PROOFS = PICTURES | {"application/pdf"}


@dataclass(frozen=True, slots=True)
class Owner:
    """A kind of thing that holds files."""

    kind: str
    can_read: CanRead
    takes: frozenset[str] = frozenset()


_owners: dict[str, Owner] = {}


def register_owner(kind: str, *, can_read: CanRead, takes: frozenset[str] = frozenset()) -> None:
    """Let things of this kind hold files; an app calls this once in its AppConfig.ready().

    `can_read(actor, ref)` is asked each time a file is opened. For public pictures it answers yes to anyone. `takes`
    are the media types of files that it may hold; none means any that the store keeps.
    """
    _owners[kind] = Owner(kind, can_read, takes)


def owners() -> list[Owner]:
    """Return every registered kind."""
    return list(_owners.values())


def owner_of(kind: str) -> Owner:
    """Return a registered kind. Raises KeyError for another one."""
    return _owners[kind]
