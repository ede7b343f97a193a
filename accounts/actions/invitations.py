"""Inviting people to act for a party, and what they answer."""

from __future__ import annotations

import logging
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import Membership, Party, PartyInvitation, User
from accounts.permissions import ROLES_OF, can_give_role, can_manage_people
from accounts.queries import owns_address
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.mails import claim, send_each
from core.product import rules
from core.sweeps import for_each
from events.actions import record

logger = logging.getLogger("jalon.mails")
Role = Membership.Role
Status = PartyInvitation.Status
#: What makes a link of a seal; nobody who reads the database alone can follow one.
SALT = "accounts.invitation"
#: How soon, and how often, the same invitation may be sent again.
RESEND_AFTER = timedelta(hours=1)
MOST_SENDS = 5
MAIL_ATTEMPTS = 10
MAIL_BATCH = 50


class RoleNotOffered(DomainError):
    """Each kind of party has its own roles, and only agencies have exclusive members."""


class ExclusiveElsewhere(DomainError):
    """A person works through one agency alone, or through none alone."""


class AlreadyMember(DomainError):
    """A person belongs to a party once."""


class AlreadyInvited(DomainError):
    """One invitation to an address is open at a time."""


class TooManyInvitations(DomainError):
    """A party invites so many people a day, and sends the same invitation so often."""

    status_code = 429


class NoSuchInvitation(DomainError):
    """The link belongs to no invitation, or a newer one took its place."""

    status_code = 404


class InvitationForAnother(DomainError):
    """An invitation is answered by whoever proves to own the address it was sent to."""

    status_code = 403


class InvitationEnded(DomainError):
    """An invitation is answered once, while it is open."""


class InvitationTooOld(DomainError):
    """An invitation waits so many days."""


class PartyIsClosed(DomainError):
    """Nobody joins a party that was closed."""


@transaction.atomic
def invite_member(
    *,
    party_id: int,
    email: str,
    role: str,
    is_exclusive: bool = False,
    language: str,
    by: Actor,
    at: datetime,
) -> PartyInvitation:
    """Ask somebody by e-mail to act for a party; the mail goes out a moment later, with a link that is kept nowhere.

    From: no open invitation to this address. To: open, for seven days. Event: accounts.member_invited.

    Raises NotAllowed unless `by` is an owner or administrator (an owner, to invite another one), PartyIsClosed,
    RoleNotOffered for a role that this kind of party lacks, AlreadyMember, AlreadyInvited, TooManyInvitations above the
    number of a day.
    """
    party = Party.objects.locked(party_id)
    check_may_give(by, party, role)
    if is_exclusive and party.kind != Party.Kind.AGENCY:
        raise RoleNotOffered(_("Only agencies have exclusive members."))
    email = email.lower()
    if Membership.objects.live().filter(party=party, user__email__iexact=email).exists():
        raise AlreadyMember(_("The person with this address belongs to %(party)s already.") % {"party": party.name})
    open_one = PartyInvitation.objects.open().filter(party=party, email=email).first()
    if open_one is not None and at < open_one.expires_at:
        raise AlreadyInvited(_("This address has an open invitation. You can send it again or withdraw it."))
    if open_one is not None:
        _end(open_one, Status.EXPIRED, by=Actor.system(), at=at)
    a_day = PartyInvitation.objects.filter(party=party, created_at__gt=at - timedelta(days=1))
    if a_day.count() >= rules().invitations_daily:
        raise TooManyInvitations(
            _("You sent %(count)d invitations within a day. Send more tomorrow.") % {"count": rules().invitations_daily}
        )
    seal = secrets.token_urlsafe(24)
    invitation = PartyInvitation.objects.create(
        party=party,
        email=email,
        language=language,
        role=role,
        is_exclusive=is_exclusive,
        seal=seal,
        token_digest=digest_of(link_token(seal)),
        invited_by_id=by.person_id,
        created_at=at,
        sent_at=at,
        expires_at=at + timedelta(days=rules().invitation_days),
        next_mail_at=at,
    )
    _tell("accounts.member_invited", invitation, by=by, at=at)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation_id: int, by: Actor, at: datetime) -> PartyInvitation:
    """Send an open invitation again with a new link and seven more days; the former link stops working.

    From and to: open. Event: accounts.invitation_resent.

    Raises NotAllowed as `invite_member` does, InvitationEnded in any other state, TooManyInvitations within an hour of
    the last mail or after the fifth.
    """
    invitation = _locked_for_sender(invitation_id, by)
    if at < invitation.sent_at + RESEND_AFTER or invitation.times_sent >= MOST_SENDS:
        raise TooManyInvitations(
            _("This invitation was sent a moment ago. Ask the person to look in spam too.")
            if invitation.times_sent < MOST_SENDS
            else _("This invitation was sent often enough. Check the address, or withdraw it.")
        )
    invitation.seal = secrets.token_urlsafe(24)
    invitation.token_digest = digest_of(link_token(invitation.seal))
    invitation.sent_at, invitation.expires_at = at, at + timedelta(days=rules().invitation_days)
    invitation.times_sent += 1
    invitation.next_mail_at, invitation.mail_attempts = at, 0
    invitation.save(
        update_fields=[
            "seal",
            "token_digest",
            "sent_at",
            "expires_at",
            "times_sent",
            "next_mail_at",
            "mail_attempts",
        ]
    )
    _tell("accounts.invitation_resent", invitation, by=by, at=at)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation_id: int, by: Actor, at: datetime) -> PartyInvitation:
    """Take an invitation back before it is answered; its link stops working.

    From: open. To: withdrawn. Event: accounts.invitation_withdrawn.

    Raises NotAllowed as `invite_member` does, InvitationEnded in any other state.
    """
    invitation = _locked_for_sender(invitation_id, by)
    return _end(invitation, Status.WITHDRAWN, by=by, at=at)


def withdraw_invitations_of(membership: Membership, *, by: Actor, at: datetime) -> None:
    """Take back what a person invited others to and may not give any more (inner; the party is locked)."""
    left = Actor(
        user_id=membership.user_id,
        party_id=membership.party_id,
        party_kind=membership.party.kind,
        role=membership.role if membership.ended_at is None else "",
    )
    waiting = PartyInvitation.objects.open().filter(party_id=membership.party_id, invited_by_id=membership.user_id)
    for invitation in waiting.order_by("pk"):
        if not can_give_role(left, membership.party_id, invitation.role):
            _end(invitation, Status.WITHDRAWN, by=by, at=at)


@transaction.atomic
def accept_invitation(*, token: str, by: Actor, at: datetime) -> Membership:
    """Join the party in the role that was offered.

    From: open. To: accepted, and a live membership. Event: accounts.invitation_accepted.

    Raises NoSuchInvitation for an unknown link, InvitationForAnother unless `by` is a person who has verified the
    address it was sent to, PartyIsClosed, InvitationEnded in any other state, InvitationTooOld after its last day,
    AlreadyMember if they joined another way, ExclusiveElsewhere if another agency has them to itself, NotAllowed for an
    account that was closed meanwhile.
    """
    invitation = _locked_for_invitee(token, by, at)
    if by.user_id is None:
        raise InvitationForAnother(_("Log in to answer this invitation."))
    person = User.objects.select_for_update(no_key=True).get(pk=by.user_id)  # they may be leaving at this moment
    if not person.is_active:
        raise NotAllowed(_("This account is closed."))
    if invitation.is_exclusive and Membership.objects.live().filter(user=person, is_exclusive=True).exists():
        raise ExclusiveElsewhere(_("You work only through another agency. Leave it first, or ask for an open place."))
    if Membership.objects.live().filter(party_id=invitation.party_id, user_id=by.user_id).exists():
        raise AlreadyMember(_("You belong to %(party)s already.") % {"party": invitation.party.name})
    membership = Membership.objects.create(
        user_id=by.user_id,
        party_id=invitation.party_id,
        role=invitation.role,
        is_exclusive=invitation.is_exclusive,
        created_at=at,
    )
    _end(invitation, Status.ACCEPTED, by=by, at=at)
    return membership


@transaction.atomic
def decline_invitation(*, token: str, by: Actor, at: datetime) -> PartyInvitation:
    """Say no; whoever holds the link may, with an account or without one.

    From: open. To: declined. Event: accounts.invitation_declined.

    Raises as `accept_invitation` does, where somebody else is signed in.
    """
    invitation = _locked_for_invitee(token, by, at)
    return _end(invitation, Status.DECLINED, by=by, at=at)


@transaction.atomic
def expire_invitation(*, invitation_id: int, at: datetime) -> int:
    """End an invitation that nobody answered in time; return 0 where it is not due.

    From: open. To: expired. Event: accounts.invitation_expired.
    """
    party_id = PartyInvitation.objects.values_list("party_id", flat=True).get(pk=invitation_id)
    Party.objects.locked(party_id)
    invitation = PartyInvitation.objects.locked(invitation_id)
    if invitation.status != Status.OPEN or at < invitation.expires_at:
        return 0
    _end(invitation, Status.EXPIRED, by=Actor.system(), at=at)
    return 1


def expire_invitations(*, at: datetime) -> int:
    """Expire every invitation whose days are over; return how many."""
    due = PartyInvitation.objects.open().filter(expires_at__lte=at).order_by("expires_at", "pk")
    return for_each(due, lambda pk: expire_invitation(invitation_id=pk, at=at))


def link_token(seal: str) -> str:
    """Return what stands in the link of an invitation: 43 letters and digits that only this installation can make."""
    made = salted_hmac(SALT, seal, secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def digest_of(token: str) -> str:
    """Return what is kept of a link."""
    return sha256(token.encode()).hexdigest()


def check_may_give(by: Actor, party: Party, role: str) -> None:
    """Refuse unless the actor may put somebody into this role of the party.

    Raises NotAllowed, PartyIsClosed, RoleNotOffered.
    """
    if not can_manage_people(by, party.pk):
        raise NotAllowed(_("Only owners and administrators choose the people of an account."))
    if party.closed_at is not None:
        raise PartyIsClosed(_("This account was closed."))
    if role not in ROLES_OF.get(party.kind, ()):
        raise RoleNotOffered(_("This account has no such role."))
    if not can_give_role(by, party.pk, role):
        raise NotAllowed(_("Only owners choose owners."))


def _locked_for_sender(invitation_id: int, by: Actor) -> PartyInvitation:
    party_id = PartyInvitation.objects.values_list("party_id", flat=True).get(pk=invitation_id)
    Party.objects.locked(party_id)
    invitation = PartyInvitation.objects.locked(invitation_id)
    if not can_give_role(by, party_id, invitation.role):
        raise NotAllowed(_("Only owners choose owners, and only owners and administrators other people."))
    if invitation.status != Status.OPEN:
        raise InvitationEnded(_("This invitation was answered, withdrawn or has expired."))
    return invitation


def _locked_for_invitee(token: str, by: Actor, at: datetime) -> PartyInvitation:
    known = PartyInvitation.objects.filter(token_digest=digest_of(token)).values_list("pk", "party_id").first()
    if known is None:
        raise NoSuchInvitation(_("This link belongs to no invitation, or a newer mail replaced it."))
    party = Party.objects.locked(known[1])
    invitation = PartyInvitation.objects.select_related("party").locked(known[0])
    if invitation.token_digest != digest_of(token):
        raise NoSuchInvitation(_("This link belongs to no invitation, or a newer mail replaced it."))
    if by.impersonator_id is not None or (by.user_id is not None and not owns_address(by.user_id, invitation.email)):
        raise InvitationForAnother(_("This invitation was sent to another address than yours."))
    if invitation.status != Status.OPEN:
        raise InvitationEnded(_("This invitation was answered, withdrawn or has expired."))
    if party.closed_at is not None:
        raise PartyIsClosed(_("This account was closed."))
    if at >= invitation.expires_at:
        raise InvitationTooOld(_("This invitation has expired. Ask for a new one."))
    return invitation


def _end(invitation: PartyInvitation, status: str, *, by: Actor, at: datetime) -> PartyInvitation:
    invitation.status, invitation.ended_at, invitation.ended_by_id = status, at, by.user_id
    invitation.next_mail_at = None
    invitation.save(update_fields=["status", "ended_at", "ended_by", "next_mail_at"])
    _tell(f"accounts.invitation_{status}", invitation, by=by, at=at)
    return invitation


def _tell(kind: str, invitation: PartyInvitation, *, by: Actor, at: datetime) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"party_invitation:{invitation.pk}",
        scope=f"party:{invitation.party_id}",
        at=at,
        role=invitation.role,
    )


# Mails


def send_invitation_mails(*, at: datetime) -> int:
    """Send the mails of invitations that are due and return how many went out; not one transaction.

    Each is claimed first, so that no lock is held while the mail server thinks, and one that cannot be sent waits
    longer each time. Whoever invited sees it on the page of people, and can withdraw it.
    """
    due = PartyInvitation.objects.open().filter(party__closed_at=None).select_related("party", "invited_by")

    def end(invitation: PartyInvitation) -> None:
        _same(invitation).update(next_mail_at=None)

    return send_each(
        lambda: claim(due, at=at, attempts="mail_attempts", next_at="next_mail_at"),
        compose=compose_invitation,
        sent=end,
        failed=lambda invitation: end(invitation) if invitation.mail_attempts >= MAIL_ATTEMPTS else None,
        limit=MAIL_BATCH,
    )


def _same(invitation: PartyInvitation) -> QuerySet[PartyInvitation]:
    """Return the invitation, unless it was sent again meanwhile."""
    return PartyInvitation.objects.filter(pk=invitation.pk, token_digest=invitation.token_digest)


def compose_invitation(invitation: PartyInvitation) -> EmailMultiAlternatives:
    """Return the mail of an invitation: in the language of the account at its address, else in the inviter's."""
    reader = User.objects.filter(email__iexact=invitation.email).first()
    with translation.override(reader.language if reader else invitation.language):
        path = reverse("accounts:join", kwargs={"token": link_token(invitation.seal)})
        context = {
            "party": invitation.party.name,
            "inviter": invitation.invited_by.get_full_name(),
            "role": invitation.get_role_display(),
            "is_exclusive": invitation.is_exclusive,
            "link": settings.BASE_URL.rstrip("/") + path,
            "expires_at": invitation.expires_at,
            "language": translation.get_language(),
            "brand_name": rules().brand_name,
        }
        subject = _("%(inviter)s invites you to %(party)s") % context
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string("accounts/mail/invitation.txt", context),
            to=[invitation.email],
            headers={
                "Message-ID": f"<invitation-{invitation.pk}-{invitation.times_sent}@{settings.HOST or 'localhost'}>"
            },
        )
        mail.attach_alternative(render_to_string("accounts/mail/invitation.html", context), "text/html")
    return mail
