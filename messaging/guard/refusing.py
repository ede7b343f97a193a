"""Refusing texts that others will read before there is a contract."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import DomainError
from messaging.guard.detecting import find_contacts
from messaging.guard.explaining import explain


class LeadsAway(DomainError):
    """A text that others read before a contract gives contact data, or asks to talk or to pay elsewhere.

    `problems` says what was found, by the name of the text.
    """

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(next(iter(problems.values()))[0])
        self.problems = problems


def guard_problems(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what must be taken out of these texts, by their names; nothing for those that may stay."""
    found = {name: find_contacts(text) for name, text in texts.items()}
    return {name: [explain(several)] for name, several in found.items() if several}


def check_texts(texts: Mapping[str, str]) -> None:
    """Raise LeadsAway for texts that lead away from the platform."""
    problems = guard_problems(texts)
    if problems:
        raise LeadsAway(problems)
