"""Forms that make something: sent twice, by a second click or from a page gone back to, they make it once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from core.models import SentForm

KEPT_FOR = timedelta(days=1)
_TOKEN = re.compile(r"[\w-]{16,40}", re.ASCII)


def new_token() -> str:
    """Return what a page puts into a form so that it is known when it comes again."""
    return secrets.token_urlsafe(16)


@transaction.atomic
def once(*, token: str, user_id: int, at: datetime, make: Callable[[], int]) -> int:
    """Call a verb and return the number of what it made; of what it made then, where the form was sent before.

    A second request at the same moment waits for the first. What is refused leaves the form as new. A form without a
    token, such as that of a program, is done each time.
    """
    if not _TOKEN.fullmatch(token):
        return make()
    SentForm.objects.filter(user_id=user_id, at__lt=at - KEPT_FOR).delete()
    form, is_new = SentForm.objects.get_or_create(user_id=user_id, token=token, defaults={"at": at})
    if is_new:
        form.made = make()
        form.save(update_fields=["made"])
    return form.made
