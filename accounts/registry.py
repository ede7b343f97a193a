"""What the apps above say of texts that people write about their party."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
