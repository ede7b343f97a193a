"""Finding what leads away from the platform in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from messaging.guard.asks import find_asks
from messaging.guard.emails import find_emails
from messaging.guard.findings import Finding, Span, finding, in_order
from messaging.guard.handles import find_handles
from messaging.guard.phones import find_phones
from messaging.guard.reading import Reading, joined, read

#: Each finds one family and looks at a bounded number of tokens around each token.
FINDERS: tuple[Callable[[Reading], Iterator[Span]], ...] = (find_emails, find_phones, find_handles, find_asks)


def find_contacts(text: str) -> tuple[Finding, ...]:
    """Return what leads away from the platform in a text, in its order; nothing in most texts.

    The time grows with the length of the text and with nothing else.
    """
    reading = read(text)
    readings = [reading]
    if (letters := joined(reading)) is not None:
        readings.append(letters)
    return in_order(finding(each, span) for each in readings for find in FINDERS for span in find(each))
