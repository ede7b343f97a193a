"""What the apps above say of a party: what is assigned to one of its people, and which texts about it must not stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


#: Returns what must be taken out of texts that everybody reads, by their names; nothing for those that may stay.
Problems = Callable[[Mapping[str, str]], dict[str, list[str]]]
_checks: list[Problems] = []


def register_text_check(check: Problems) -> None:
    """Have texts about a party read before they are saved; a check that is registered twice is asked once."""
    if check not in _checks:
        _checks.append(check)


def text_problems(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what is wrong with texts that everybody reads, by their names."""
    problems: dict[str, list[str]] = {}
    for check in _checks:
        for name, found in check(texts).items():
            problems.setdefault(name, []).extend(found)
    return problems
