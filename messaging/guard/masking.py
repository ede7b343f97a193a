"""Masking what leads away in a text, for the side that did not write it."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

from core.text import message_html
from messaging.guard.detecting import find_contacts
from messaging.guard.findings import Finding

#: What stands in place of something masked; its length says nothing of what was there.
MASK = "••••••"
#: How often what is left is read again: taking one thing out may bring two others together.
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with what leads away taken out, and what was found in it."""

    text: str
    findings: tuple[Finding, ...]

    @property
    def kinds(self) -> str:
        """Return the kinds of what was found, parted by spaces."""
        return " ".join(sorted({found.kind.value for found in self.findings}))


def find_in_message(text: str) -> tuple[Finding, ...]:
    """Return what leads away in a message: as it was typed, else as it is read once its Markdown is shown.

    Markdown can put together what its source keeps apart, such as `bob&#64;rivage.example` or an address half in bold.
    """
    return find_contacts(text) or find_contacts(_read_aloud(text))


def mask(text: str) -> Masked | None:
    """Return a message with what leads away masked; None where there is nothing to mask.

    What can only be found in the text as it is shown has no place in the source: then all of it is masked.
    """
    findings = find_contacts(text)
    if not findings:
        shown = find_contacts(_read_aloud(text))
        return Masked(MASK, shown) if shown else None
    masked, left = text, findings
    for _round in range(ROUNDS):
        masked = _without(masked, left)
        left = find_contacts(masked)
        if not left:
            break
    if left or find_contacts(_read_aloud(masked)):
        masked = MASK
    return Masked(masked, findings)


def _without(text: str, findings: tuple[Finding, ...]) -> str:
    for found in reversed(findings):
        text = text[: found.start] + MASK + text[found.end :]
    return text


def _read_aloud(text: str) -> str:
    """Return the words of a message as its reader sees them, and where its links lead."""
    words = _Words()
    words.feed(message_html(text))
    words.close()
    return "".join(words.parts)


class _Words(HTMLParser):
    """Collects the words of HTML and the addresses in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take where a link leads, and begin a line where a block begins."""
        if tag == "a":
            self.parts.append(f" {dict(attrs).get('href') or ''} ")
        elif tag in {"p", "br", "li", "blockquote", "pre"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Take what is read."""
        self.parts.append(data)
