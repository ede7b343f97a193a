"""New people and the address they are reached at, until it is verified."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions.people import Hat, sign_up, sign_up_to_join
from accounts.models import User
from accounts.models.people import NOWHERE
from accounts.permissions import can_edit_user
from accounts.queries import open_invitation
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record


class AddressTaken(DomainError):
    """An address belongs to one account. The person who typed it is never told."""


class AddressVerified(DomainError):
    """An address that has been verified is changed in the settings, after signing in."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody wrote on the sign-up form; the password is a hash already."""

    email: str
    password: str
    first_name: str
    last_name: str
    country: str
    language: str
    time_zone: str
    hat: Hat | Literal["join"]
    company_name: str = ""
    #: The invitation whose link led here: it was sent to its address, and so proves it.
    invitation_id: int | None = None

    def at_address(self, email: str) -> Newcomer:
        """Return the same person at another address."""
        return replace(self, email=email)

    def packed(self) -> dict[str, Any]:
        """Return plain values, as a session keeps them."""
        return asdict(self)


@transaction.atomic
def register_user(*, newcomer: Newcomer, at: datetime) -> User:
    """Make an account with its first party from what a visitor wrote; the address is still to be verified.

    Who follows the link of an open invitation and signs up with the address it was sent to has verified it by that, and
    may come to join alone, without a party of their own.

    To: an active user whose address is not verified. Event: accounts.user_signed_up.

    Raises AddressTaken if another account has the address.
    """
    user = User(
        email=newcomer.email.lower(),
        password=newcomer.password,
        first_name=newcomer.first_name,
        last_name=newcomer.last_name,
        country=newcomer.country,
        language=newcomer.language,
        time_zone=newcomer.time_zone,
        created_at=at,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AddressTaken(_("This address belongs to another account.")) from error
    invitation = open_invitation(newcomer.invitation_id, at)
    is_proved = invitation is not None and invitation.email == user.email
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_proved)
    by = Actor(user_id=user.pk)
    if newcomer.hat == "join":
        sign_up_to_join(user=user, by=by, at=at)
    else:
        sign_up(user=user, hat=newcomer.hat, company_name=newcomer.company_name, by=by, at=at)
    return user


@transaction.atomic
def correct_address(*, user_id: int, email: str, by: Actor, at: datetime) -> EmailAddress:
    """Put another address in place of one that was never verified; links sent to the old one stop working.

    From, to: an address not verified. Event: accounts.address_corrected.

    Raises NotAllowed unless `by` is that person, AddressVerified once any address of theirs is verified,
    AddressTaken if another account has the new one.
    """
    user = _lock_unverified(user_id, by)
    user.email = email.lower()
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise AddressTaken(_("This address belongs to another account.")) from error
    EmailAddress.objects.filter(user=user).delete()
    address: EmailAddress = EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    record(kind="accounts.address_corrected", actor=by, subject=f"user:{user_id}", at=at)
    return address


@transaction.atomic
def vacate_address(*, user_id: int, by: Actor, at: datetime) -> User:
    """Take an address that was never verified from its account, which waits for the right one in its session.

    What a correction leaves behind where the address it was to has an account already: the first address is free for
    another sign-up and its links are dead, just as after a correction that could be made.

    From: an address not verified. To: none that mail can reach. Event: accounts.address_vacated.

    Raises NotAllowed unless `by` is that person, AddressVerified once any address of theirs is verified.
    """
    user = _lock_unverified(user_id, by)
    user.email = f"user-{user.pk}@{NOWHERE}"
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    record(kind="accounts.address_vacated", actor=by, subject=f"user:{user_id}", at=at)
    return user


def _lock_unverified(user_id: int, by: Actor) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_edit_user(by, user_id):
        raise NotAllowed(_("You can only change your own address."))
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        raise AddressVerified(_("Your address has been verified. Log in, and change it in the settings."))
    return user
