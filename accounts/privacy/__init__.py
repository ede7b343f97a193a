"""What the apps know about people: what each hands out, takes away and keeps, and what keeps an account from going.

Each app registers in its AppConfig.ready(). What it says of its models (`Datum`) is written into the operator's guide
by `manage.py privacy_table`, and a test demands a word on every model of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from core.actor import Actor

#: Rows that are read at once while an archive is written.
CHUNK = 500
#: What becomes of rows when an account is deleted: deleted; kept under a made-up name or none; kept as they are.
Fate = Literal["deleted", "nameless", "kept"]


@dataclass(frozen=True, slots=True)
class Datum:
    """What becomes of some models: the file of the archive that has them (or why none has), their fate, and why."""

    models: tuple[str, ...]
    exported: str
    fate: Fate
    why: str


def datum(models: str, exported: str, fate: Fate, why: str) -> Datum:
    """Return what becomes of some models, written as one text of names parted by spaces."""
    return Datum(tuple(models.split()), exported, fate, why)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whose data is put together: themselves, and as whom they act for each of their parties."""

    user_id: int
    actors: tuple[Actor, ...]

    def party_ids(self, may: Callable[[Actor], bool] | None = None) -> list[int]:
        """Return the parties of the person, or those for which they may do something."""
        return [each.party_id for each in self.actors if each.party_id is not None and (may is None or may(each))]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one kind, written as `<name>.json`; they are read while they are written."""

    name: str
    rows: Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who leaves: for which parties they alone act, the name until now, and the made-up one.

    `names` is every name of theirs that other people's rows may hold.
    """

    user_id: int
    actors: tuple[Actor, ...]
    name: str
    names: frozenset[str]
    former_name: str
    by: Actor

    @property
    def party_ids(self) -> tuple[int, ...]:
        """Return the parties that close, in the order in which they are locked."""
        return tuple(sorted(actor.party_id for actor in self.actors if actor.party_id is not None))


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that has to end first, in the reader's words, and where it is ended."""

    text: str
    url: str


class Erase(Protocol):
    """Takes away what an app knows, inside the transaction that deletes the account."""

    def __call__(self, leaver: Leaver, *, at: datetime) -> None:
        """Take it away."""
        ...


@dataclass(frozen=True, slots=True)
class Keeper:
    """One app that knows something about people."""

    app: str
    data: tuple[Datum, ...]
    export: Callable[[Reader], Iterator[Sheet]] | None
    lock: Callable[[Leaver], None] | None
    blockers: Callable[[Leaver], Iterator[Blocker]] | None
    erase: Erase | None


_keepers: dict[str, Keeper] = {}


def register(
    app: str,
    *,
    data: Sequence[Datum],
    export: Callable[[Reader], Iterator[Sheet]] | None = None,
    lock: Callable[[Leaver], None] | None = None,
    blockers: Callable[[Leaver], Iterator[Blocker]] | None = None,
    erase: Erase | None = None,
) -> None:
    """Add an app; lower apps come first, as they are loaded.

    `export` yields what the reader may see and nothing of anybody else's; `lock` takes the rows that `blockers` reads
    and `erase` changes, in the one order of the house; blockers are asked after all locks are taken. Erasing begins
    with the highest app, so that each still finds what it stands on.
    """
    _keepers[app] = Keeper(app, tuple(data), export, lock, blockers, erase)


def keepers() -> tuple[Keeper, ...]:
    """Return the apps, lower ones first."""
    return tuple(_keepers.values())


def blockers_of(leaver: Leaver) -> list[Blocker]:
    """Return all that has to end before this account can be deleted."""
    return [found for keeper in keepers() if keeper.blockers for found in keeper.blockers(leaver)]


def seen_by(actor: Actor, names: Sequence[str], sums: Iterable[str]) -> list[str]:
    """Return the names of fields without those of `sums`, where the actor's party does not show them its sums."""
    hidden = set() if actor.sees_sums else set(sums)
    return [name for name in names if name not in hidden]


def fields_of(rows: Any, *names: str) -> Iterator[dict[str, Any]]:
    """Yield these fields of a queryset's rows, a few at a time."""
    yield from rows.values(*names).iterator(chunk_size=CHUNK)
