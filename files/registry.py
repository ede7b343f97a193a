"""What files may belong to: the app that owns a kind of thing says who may read its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.actor import Actor

#: Takes who asks and the thing's reference.
CanRead = Callable[[Actor, str], bool]


@dataclass(frozen=True, slots=True)
class Owner:
    """A kind of thing that holds files."""

    kind: str
    can_read: CanRead


_owners: dict[str, Owner] = {}


def register_owner(kind: str, *, can_read: CanRead) -> None:
    """Let things of this kind hold files; an app calls this once in its AppConfig.ready().

    `can_read(actor, ref)` is asked each time a file is opened. For public pictures it answers yes to anyone.
    """
    _owners[kind] = Owner(kind, can_read)


def owner_of(kind: str) -> Owner:
    """Return a registered kind. Raises KeyError for another one."""
    return _owners[kind]
