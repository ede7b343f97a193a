"""What this app knows about people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import (
    Consent,
    DataExport,
    LegalProfile,
    MandateAcceptance,
    Membership,
    Party,
    PartyInvitation,
    SentMail,
    User,
)
from accounts.models.people import NOWHERE
from accounts.permissions import can_edit_party
from accounts.privacy import Blocker, Leaver, Reader, Sheet, datum, fields_of
from accounts.registry import assignments
from core.actor import Actor
from events.actions import record

ACCOUNT = "account.json"
DATA = (
    datum(
        "accounts.User",
        ACCOUNT,
        "nameless",
        "The row stays for what others have with it: “Former member” and 4 letters, no address, password or country.",
    ),
    datum(
        "accounts.Party",
        "parties.json",
        "nameless",
        "Closed; contracts, invoices and the books hang on it. Its country stays: VAT of credit notes follows from it.",
    ),
    datum("accounts.Membership", "memberships.json", "nameless", "Ended; who acted for whom stays, by number."),
    datum(
        "accounts.PartyInvitation",
        "party-invitations.json",
        "nameless",
        "Those that wait for the person, or of a party that closes, end; their address is taken out of all of them.",
    ),
    datum(
        "accounts.Consent accounts.MandateAcceptance",
        "consents.json, mandates.json",
        "nameless",
        "Proof of what was agreed to, by number.",
    ),
    datum(
        "accounts.LegalProfile",
        "legal-status.json",
        "kept",
        "Of parties with invoices, until the last of them is as old as tax law asks (JALON_INVOICE_NAME_YEARS), for "
        "finance staff only. Without an invoice it is deleted at once.",
    ),
    datum("accounts.LegalDocument", "no personal data", "kept", "The operator's texts."),
    datum("accounts.DataExport", "exports.json", "nameless", "When an archive was asked for; its file is deleted."),
    datum("accounts.Farewell", "made by deleting the account", "deleted", "With the mail that it stands for."),
    datum(
        "accounts.SentMail", "only without a mail server", "deleted", "The mailbox of an installation that has no mail."
    ),
    datum(
        "account.EmailAddress account.EmailConfirmation",
        "addresses.json",
        "deleted",
        "The address is free for a new account.",
    ),
    datum("mfa.Authenticator", "second-factors.json, without secrets", "deleted", "Passkeys, apps, recovery codes."),
    datum("usersessions.UserSession sessions.Session", "devices.json", "deleted", "Every device is logged out."),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield who somebody is here, how they log in, for whom they act and what those parties declared."""
    person = User.objects.filter(pk=reader.user_id)
    names = ("email", "first_name", "last_name", "country", "language", "time_zone", "created_at", "last_login")
    yield Sheet("account", fields_of(person, *names))
    mine = Q(user_id=reader.user_id)
    yield Sheet(
        "addresses", fields_of(EmailAddress.objects.filter(mine).order_by("pk"), "email", "verified", "primary")
    )
    factors = Authenticator.objects.filter(mine).order_by("pk")
    yield Sheet("second-factors", fields_of(factors, "type", "created_at", "last_used_at"))
    devices = UserSession.objects.filter(mine).order_by("pk")
    yield Sheet("devices", fields_of(devices, "created_at", "last_seen_at", "ip", "user_agent"))
    members = Membership.objects.filter(mine).order_by("pk")
    yield Sheet("memberships", fields_of(members, "party__name", "party__kind", "role", "created_at", "ended_at"))
    asked = PartyInvitation.objects.filter(Q(email__in=_addresses(reader.user_id)) | Q(invited_by_id=reader.user_id))
    said = ("party__name", "role", "is_exclusive", "status", "created_at", "ended_at")
    yield Sheet("party-invitations", fields_of(asked.order_by("pk"), *said))
    yield Sheet("consents", fields_of(Consent.objects.filter(mine).order_by("pk"), "kind", "version", "given_at"))
    exports = DataExport.objects.filter(mine).order_by("pk")
    yield Sheet("exports", fields_of(exports, "status", "requested_at", "ready_at", "expires_at"))
    parties = Party.objects.filter(pk__in=reader.party_ids()).order_by("pk")
    about = ("kind", "name", "public_name", "is_company", "country", "place", "about", "time_zone", "created_at")
    yield Sheet("parties", fields_of(parties, *about))
    led = reader.party_ids(lambda actor: can_edit_party(actor, actor.party_id))
    legal = LegalProfile.objects.filter(party_id__in=led).order_by("pk")
    declared = ("status", "legal_name", "address", "country", "siret", "vat_number", "charges_vat", "changed_at")
    yield Sheet("legal-status", fields_of(legal, "party__name", *declared))
    mandates = MandateAcceptance.objects.filter(party_id__in=led).order_by("pk")
    yield Sheet("mandates", fields_of(mandates, "party__name", "version", "accepted_at"))


def blockers(leaver: Leaver) -> Iterator[Blocker]:
    """Yield what keeps a person here: rights of staff, and parties with others that nobody else owns."""
    if User.objects.filter(pk=leaver.user_id, is_staff=True).exists():
        yield Blocker(_("You are staff here: ask an administrator to take you out of your groups."), "")
    owned = Membership.objects.filter(
        user_id=leaver.user_id, role=Membership.Role.OWNER, ended_at=None, party__closed_at=None
    ).exclude(party_id__in=leaver.party_ids)
    for membership in owned.select_related("party").order_by("party_id"):
        others = Membership.objects.filter(party_id=membership.party_id, ended_at=None).exclude(user_id=leaver.user_id)
        if not others.filter(role=Membership.Role.OWNER, user__is_active=True).exists():
            text = _("You are the last owner of %(party)s, which has other people: somebody else must own it first.")
            yield Blocker(text % {"party": membership.party.name}, reverse("accounts:party"))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """End log-ins and memberships, close the parties, and leave of the person a made-up name."""
    person = User.objects.get(pk=leaver.user_id)
    _end_log_ins(person)
    _end_invitations(person, leaver, at)
    _delete_mails(_addresses(person.pk))
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    DataExport.objects.filter(user=person, status__in=DataExport.OPEN).update(
        status=DataExport.Status.FAILED, ended_at=at
    )
    DataExport.objects.filter(user=person, status=DataExport.Status.READY).update(expires_at=at)
    _leave_teams(person, leaver, at)
    Membership.objects.filter(user=person, ended_at=None).update(ended_at=at)
    for party in Party.objects.filter(pk__in=leaver.party_ids):
        _close(party, leaver, at)
    first, _space, letters = leaver.former_name.rpartition(" ")
    person.first_name, person.last_name = first, letters
    person.email, person.country, person.time_zone = f"user-{person.pk}@{NOWHERE}", "", "UTC"
    person.last_login, person.is_active, person.is_superuser, person.erased_at = None, False, False, at
    person.set_unusable_password()
    person.save()
    person.groups.clear()
    person.user_permissions.clear()


def _addresses(user_id: int) -> set[str]:
    """Return every address of a person, in lower case, as invitations keep them."""
    more = EmailAddress.objects.filter(user_id=user_id).values_list("email", flat=True)
    return {address.lower() for address in (*more, User.objects.values_list("email", flat=True).get(pk=user_id))}


def _end_invitations(person: User, leaver: Leaver, at: datetime) -> None:
    """End the invitations that wait for the person or come from a party that closes, and forget the address."""
    theirs = PartyInvitation.objects.filter(email__in=_addresses(person.pk))
    waiting = PartyInvitation.objects.open().filter(Q(pk__in=theirs) | Q(party_id__in=leaver.party_ids))
    waiting.update(status=PartyInvitation.Status.EXPIRED, ended_at=at, next_mail_at=None)
    theirs.update(email=f"user-{person.pk}@{NOWHERE}")


def _leave_teams(person: User, leaver: Leaver, at: datetime) -> None:
    """Tell the parties that stay of a member who is gone: what was theirs to do needs somebody else."""
    left = Membership.objects.live().filter(user=person).exclude(party_id__in=leaver.party_ids)
    for membership in left.order_by("party_id"):
        for assignment in assignments():
            assignment.hand_over(membership.party_id, person.pk, None, at)
        record(
            kind="accounts.member_left",
            actor=Actor.system(),
            subject=f"membership:{membership.pk}",
            scope=f"party:{membership.party_id}",
            at=at,
            role=membership.role,
            successor=None,
        )


def _end_log_ins(person: User) -> None:
    for session in UserSession.objects.filter(user=person):
        session.end()


def _close(party: Party, leaver: Leaver, at: datetime) -> None:
    party.name = party.public_name = leaver.former_name
    party.slug = f"former-member-{party.pk}"
    party.is_company, party.place, party.about, party.time_zone = False, "", "", "UTC"
    party.closed_at = at
    party.save()


def _delete_mails(addresses: set[str]) -> None:
    """Delete the mails to these addresses where the product keeps them, in place of a mail server."""
    for address in addresses:
        SentMail.objects.filter(recipients__contains=[address]).delete()
