"""What the guard finds in a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from messaging.guard.reading import Reading

#: Most characters of an excerpt.
LONGEST_EXCERPT = 60


class Kind(TextChoices):
    """What leads away from the platform; the labels are put into sentences."""

    EMAIL = "email", _("an e-mail address")
    PHONE = "phone", _("a phone number")
    HANDLE = "handle", _("an account or a link of a messenger or network")
    TALK = "talk", _("a request to talk elsewhere")
    PAYMENT = "payment", _("a request to pay elsewhere")


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text; `start` and `end` count its characters, `excerpt` is what stands there."""

    kind: Kind
    start: int
    end: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Span:
    """A finding in tokens: from `first` up to, not including, `end`."""

    kind: Kind
    first: int
    end: int


def finding(reading: Reading, span: Span) -> Finding:
    """Return a finding in the characters of the text as it was written."""
    start, end = reading.starts[max(0, span.first)], reading.ends[min(span.end, len(reading.ends)) - 1]
    excerpt = " ".join(reading.source[start:end].split())
    if len(excerpt) > LONGEST_EXCERPT:
        excerpt = excerpt[: LONGEST_EXCERPT - 1] + "…"
    return Finding(span.kind, start, end, excerpt)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of the text; of two that overlap, the longer one."""
    kept: list[Finding] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if kept and each.start < kept[-1].end:
            if each.end - each.start > kept[-1].end - kept[-1].start:
                kept[-1] = each
            continue
        kept.append(each)
    return tuple(kept)
