"""Forms that make something: sent twice, by a second click or from a page gone back to, they make it once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, FormSentBefore
from core.forms import new_token
from core.models import SentForm

KEPT_FOR = timedelta(days=1)
_TOKEN = re.compile(r"[\w-]{16,40}", re.ASCII)


def token_again(token: str, error: DomainError | None = None) -> str:
    """Return the token of a form that is shown once more: its own, and a new one when that has been used."""
    return new_token() if not token or isinstance(error, FormSentBefore) else token


@transaction.atomic
def once(*, token: str, user_id: int, content: object, at: datetime, make: Callable[[], int]) -> int:
    """Call a verb and return the number of what it made; of what it made then, where the form was sent before.

    `content` is what the form says, as a value whose `repr` tells all of it. A second request at the same moment waits
    for the first. What is refused leaves the form as new. A form without a token, such as that of a program, is done
    each time.

    Raises FormSentBefore where the form made something of other content: nothing is made, and what was typed stays.
    """
    if not _TOKEN.fullmatch(token):
        return make()
    SentForm.objects.filter(user_id=user_id, at__lt=at - KEPT_FOR).delete()
    digest = hashlib.sha256(repr(content).encode()).hexdigest()
    form, is_new = SentForm.objects.get_or_create(user_id=user_id, token=token, defaults={"at": at, "content": digest})
    if form.content != digest:
        raise FormSentBefore(
            _("You sent this form before, and it was saved then. Send it once more to save this as another one.")
        )
    if is_new:
        form.made = make()
        form.save(update_fields=["made"])
    return form.made
