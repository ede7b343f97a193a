"""Deleting an account: what goes, what keeps it from going, and the last mail."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Farewell, Party, User
from accounts.permissions import can_edit_user
from accounts.privacy import Blocker, blockers_of, keepers
from accounts.queries import leaver_of, parties_to_lock
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.mails import claim, send_each
from core.product import rules
from events.actions import record

logger = logging.getLogger("jalon.privacy")
#: Letters of a made-up name: those that are not taken for others, and make no words.
LETTERS, LENGTH = "BCDFGHJKMNPQRSTVWXZ", 4
#: Attempts before a last mail is given up, with a growing pause between them: about two days.
MOST_ATTEMPTS = 12


class AccountNotDeletable(DomainError):
    """Something has to end first: money, contracts, offers, disputes, debts, posts that others bid on."""

    def __init__(self, message: str, blockers: list[Blocker]) -> None:
        super().__init__(message)
        self.blockers = blockers


class AddressMistyped(DomainError):
    """Whoever deletes an account types its address, so that nobody does it by a slip."""


class AccountGone(DomainError):
    """The account was deleted before."""


@transaction.atomic
def erase_account(*, user_id: int, typed_email: str, by: Actor, at: datetime) -> None:
    """Delete an account for good. The edge has re-authenticated `by`.

    Parties that nobody else belongs to are closed. Profile, drafts, saved things, files, methods, notices, log-ins and
    address go; rooms, contracts and invoices stay, under “Former member” and four letters. Every app that knows
    something takes it away in this transaction, the highest first, after all have locked what they read, from the party
    down.

    From: an active user. To: one who cannot log in and whose name is made up. Money: none.
    Event: accounts.user_erased, without a word about the person. The old address gets a last mail.

    Raises NotAllowed unless `by` is that person, AddressMistyped, AccountGone, AccountNotDeletable, which says what has
    to end first.
    """
    party_ids = parties_to_lock(user_id)
    list(Party.objects.filter(pk__in=party_ids).order_by("pk").select_for_update(of=("self",), no_key=True))
    person = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_edit_user(by, user_id):
        raise NotAllowed(_("You can only delete your own account."))
    if person.erased_at is not None:
        raise AccountGone(_("This account is deleted already."))
    if typed_email.strip().lower() != person.email.lower():
        raise AddressMistyped(_("Type the address of your account: %(email)s.") % {"email": person.email})
    leaver = leaver_of(person, former_name=made_up_name(), by=by)
    for keeper in keepers():
        if keeper.lock:
            keeper.lock(leaver)
    found = blockers_of(leaver)
    if found:
        raise AccountNotDeletable(_("Some things have to end first. Nothing was deleted."), found)

    Farewell.objects.create(email=person.email, language=person.language, next_at=at)
    for keeper in reversed(keepers()):
        if keeper.erase:
            keeper.erase(leaver, at=at)
    record(kind="accounts.user_erased", actor=Actor.system(), subject=f"user:{user_id}", at=at)


def made_up_name() -> str:
    """Return the name under which a former member stays known: the same words and four letters by chance."""
    return f"Former member {''.join(secrets.choice(LETTERS) for _letter in range(LENGTH))}"


def send_farewells(*, at: datetime, limit: int = 50) -> int:
    """Send the last mails that are due and forget their addresses; return how many went out. Not one transaction."""
    return send_each(
        lambda: claim(Farewell.objects.all(), at=at),
        compose=_compose,
        sent=lambda mail: mail.delete(),
        failed=lambda mail: mail.delete() if mail.attempts >= MOST_ATTEMPTS else None,
        limit=limit,
    )


def _compose(mail: Farewell) -> EmailMultiAlternatives:
    with translation.override(mail.language):
        context = {
            "language": mail.language,
            "brand_name": rules().brand_name,
            "name_days": rules().former_name_days,
            "invoice_years": rules().invoice_name_years,
        }
        message = EmailMultiAlternatives(
            subject=_("Your account at %(brand)s is deleted") % {"brand": rules().brand_name},
            body=render_to_string("accounts/email/erased.txt", context),
            to=[mail.email],
        )
        message.attach_alternative(render_to_string("accounts/email/erased.html", context), "text/html")
    return message
