"""Mails that wait in rows: claimed one by one, tried again with a growing pause; and the links that stop them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core import signing
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.models import LockedQuerySet

logger = logging.getLogger("jalon.mails")
#: Mails that one run of a clock sends.
BATCH = 50
Row = TypeVar("Row", bound=models.Model)


def next_try(attempts: int, at: datetime) -> datetime:
    """Return when a mail is tried again: two minutes after the first attempt, twice as long each time, 512 at most."""
    return at + timedelta(minutes=2 ** min(attempts, 9))


@transaction.atomic
def claim(
    due: LockedQuerySet[Row], *, at: datetime, attempts: str = "attempts", next_at: str = "next_at"
) -> Row | None:
    """Take the row that has waited longest, and say when it is tried again if nothing is heard of this attempt.

    `attempts` and `next_at` are the names of its fields; the attempt is counted before it is made.
    """
    row = due.filter(**{f"{next_at}__lte": at}).order_by(next_at, "pk").free().first()
    if row is not None:
        tried = getattr(row, attempts) + 1
        setattr(row, attempts, tried)
        setattr(row, next_at, next_try(tried, at))
        row.save(update_fields=[attempts, next_at])
    return row


def send_each(
    claim_one: Callable[[], Row | None],
    *,
    compose: Callable[[Row], EmailMessage | None],
    sent: Callable[[Row], object],
    failed: Callable[[Row], object],
    limit: int = BATCH,
) -> int:
    """Send one claimed mail after the other and return how many went out; never inside of a transaction.

    No lock is held while the mail server thinks, and one that cannot be written or sent, for whatever reason, holds up
    no other: `failed` decides whether it is given up. `compose` returns None for a row that needs no mail any more. A
    worker killed between sending and noting it sends the mail again: give it a Message-ID of its own.
    """
    count = 0
    for _number in range(limit):
        row = claim_one()
        if row is None:
            break
        try:
            mail = compose(row)
            if mail is not None:
                mail.send()
        except Exception:
            logger.exception("%s %s could not be sent", type(row).__name__, row.pk)
            failed(row)
            continue
        if mail is not None:
            sent(row)
            count += 1
    return count


def one_click(link: str) -> dict[str, str]:
    """Return the headers by which mail programs offer a button that ends such mails: it posts to `link` (RFC 8058)."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def stop_token(salt: str, *parts: object) -> str:
    """Return the signed part of a link that ends mails; it does not grow old, and is good for these parts only."""
    return signing.Signer(salt=salt).sign(".".join(map(str, parts)))


def parts_of(salt: str, token: str) -> list[str]:
    """Return what such a token was made of. Raises NotFound for one that was not made here, or for something else."""
    try:
        return signing.Signer(salt=salt).unsign(token).split(".")
    except signing.BadSignature:
        raise NotFound(_("This link is not complete.")) from None
