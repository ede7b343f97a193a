"""State machines as data: one row for each transition a verb may make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

CLIENT, FREELANCER, STAFF, SYSTEM = "client", "freelancer", "staff", "system"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a machine: from a state (None when the row creates), by a verb, for these actors, to a state."""

    frm: str | None
    verb: str
    actors: frozenset[str]
    to: str


def transition(frm: str | Iterable[str] | None, verb: str, actors: str, to: str) -> tuple[Transition, ...]:
    """Return one row per state in `frm`; `actors` is a comma-separated list such as "client, system"."""
    sources = [frm] if frm is None or isinstance(frm, str) else list(frm)
    who = frozenset(name.strip() for name in actors.split(","))
    return tuple(Transition(source, verb, who, to) for source in sources)


def table(*rows: tuple[Transition, ...]) -> tuple[Transition, ...]:
    """Join the rows of a machine into one table."""
    return tuple(row for group in rows for row in group)


def sources_of(machine: Iterable[Transition], verb: str) -> frozenset[str]:
    """Return the states from which `verb` may start."""
    return frozenset(row.frm for row in machine if row.verb == verb and row.frm is not None)
