"""Watching the books: what check_books finds is told to finance staff, once until it changes."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from django.db import transaction

from core.actor import Actor
from events.actions import record
from events.models import Event
from ledger.checks import Difference, run_checks

logger = logging.getLogger("jalon.books")
#: Subject of the events; there is one set of books.
SUBJECT = "books:1"
DIFFER = "payments.books_differ"
RIGHT_AGAIN = "payments.books_right_again"
#: Differences that an event spells out; check_books prints them all.
SPELLED_OUT = 20


def watch_books(*, at: datetime) -> int:
    """Run every check of the books, log what they find and tell finance staff; return 1 if there was news, else 0.

    News is a set of differences other than the one told last, and that there are none any more.
    Event: payments.books_differ, payments.books_right_again.
    """
    found = run_checks()  # outside of the transaction below: it reads one snapshot
    for difference in found[:SPELLED_OUT]:
        logger.error("%s", difference)
    if found:
        logger.error("the books are not right: %s differences", len(found))
    return _tell(found, at=at)


@transaction.atomic
def _tell(found: list[Difference], *, at: datetime) -> int:
    lines = sorted(str(difference) for difference in found)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""
    told = Event.objects.filter(subject=SUBJECT, kind__in=(DIFFER, RIGHT_AGAIN)).order_by("-pk").first()
    if digest == (told.data["digest"] if told else ""):
        return 0
    record(
        kind=DIFFER if lines else RIGHT_AGAIN,
        actor=Actor.system(),
        subject=SUBJECT,
        at=at,
        digest=digest,
        count=len(lines),
        differences=lines[:SPELLED_OUT],
    )
    return 1
