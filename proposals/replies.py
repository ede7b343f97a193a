"""The polite texts with which a client can say no, kept as data in both languages."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data" / "replies.toml"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text to start from: its category of reason, and by language what it is called and what it says."""

    key: str
    reason: str
    titles: dict[str, str]
    texts: dict[str, str]

    def title(self, language: str) -> str:
        """Return what the text is called in a reader's language."""
        return self.titles.get(language) or self.titles["en"]


@functools.cache
def replies() -> tuple[Reply, ...]:
    """Return the texts in the order in which they are offered."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["reply"]
    languages = ("en", "fr")
    return tuple(
        Reply(
            row["key"],
            row["reason"],
            {language: row[language]["title"] for language in languages},
            {language: row[language]["text"] for language in languages},
        )
        for row in rows
    )


def reply_named(key: str) -> Reply | None:
    """Return one of the texts; None for a name that none has."""
    return next((reply for reply in replies() if reply.key == key), None)


def filled(text: str, *, name: str, job: str) -> str:
    """Return a text with its blanks filled in; any other brace stays as it was written."""
    return text.replace("{name}", name).replace("{job}", job).strip()
