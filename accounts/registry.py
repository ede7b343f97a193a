"""What is assigned to one person of a party: the apps that own such things say which, and move them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Assigned:
    """One thing that a person was added to, with the page where it is."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A kind of thing that people are added to."""

    #: What it is called in a list, such as “Jobs”.
    words: str | Promise
    #: Takes the party and the person; returns what they were added to.
    of: Callable[[int, int], list[Assigned]]
    #: Takes the party, the person, who follows them or None, and the moment; called in the verb's transaction.
    hand_over: Callable[[int, int, int | None, datetime], None]


_assignments: dict[str, Assignment] = {}


def register_assignment(
    name: str,
    *,
    words: str | Promise,
    of: Callable[[int, int], list[Assigned]],
    hand_over: Callable[[int, int, int | None, datetime], None],
) -> None:
    """Add a kind of assignment; an app calls this once in its AppConfig.ready()."""
    _assignments[name] = Assignment(words, of, hand_over)


def assignments() -> list[Assignment]:
    """Return every kind, in the order in which apps were made ready: lower ones first, as locks are taken."""
    return list(_assignments.values())
