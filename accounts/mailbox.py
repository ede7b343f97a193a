"""The mail backend of the set-up without a mail server: mails are rows, read on the mailbox page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from accounts.models import SentMail
from core.clock import real_now

#: How many mails are kept; older ones go when new ones come.
KEPT = 500


class MailboxBackend(BaseEmailBackend):
    """Keeps mails instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store each mail and return how many there were."""
        for message in email_messages:
            SentMail.objects.create(
                sent_at=real_now(),
                sender=message.from_email,
                recipients=list(message.recipients()),
                subject=str(message.subject)[:998],
                text=_clean(message.body),
                html=_clean(_html_of(message)),
            )
        newest = SentMail.objects.order_by("-pk").values("pk")[:KEPT]
        SentMail.objects.exclude(pk__in=newest).delete()
        return len(email_messages)


def _html_of(message: EmailMessage) -> str:
    alternatives: Sequence[Any] = getattr(message, "alternatives", None) or ()
    return next((str(content) for content, mimetype in alternatives if mimetype == "text/html"), "")


def _clean(text: object) -> str:
    return str(text).replace("\x00", "")
