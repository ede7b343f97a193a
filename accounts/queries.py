"""Reads about people, their parties, and the legal texts they agreed to."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import import_module, resources

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import translation

from accounts.models import (
    Consent,
    DataExport,
    LegalDocument,
    LegalProfile,
    MandateAcceptance,
    Membership,
    Party,
    PartyInvitation,
    User,
)
from accounts.permissions import can_manage_people
from accounts.privacy import Leaver, Reader
from core.actor import Actor
from core.errors import NotFound
from core.product import rules

#: How long a process may believe the numbers of the current legal texts, in seconds.
VERSIONS_FRESH_FOR = 60
VERSIONS_KEY = "accounts:legal-versions"
#: How often one archive of a person's data can be asked for.
ONE_EXPORT_EACH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Acting:
    """A signed-in person at work: the actor that verbs check, and the party they act for, if any."""

    actor: Actor
    party: Party | None


def memberships_of(user_id: int) -> QuerySet[Membership]:
    """Return the live memberships of a user in open parties, with the party, oldest first."""
    return (
        Membership.objects.filter(user_id=user_id, ended_at=None, party__closed_at=None)
        .select_related("party")
        .order_by("created_at", "pk")
    )


def acting(user: User, party_id: int | None = None) -> Acting:
    """Return who `user` acts as: for party `party_id` where they are a member of it, else for their oldest party.

    One query; one more for staff, whose groups are read.
    """
    memberships = list(memberships_of(user.pk))
    chosen = next(
        (each for each in memberships if each.party_id == party_id),
        memberships[0] if memberships else None,
    )
    return Acting(
        actor=Actor(
            user_id=user.pk,
            party_id=chosen.party_id if chosen else None,
            party_kind=chosen.party.kind if chosen else "",
            role=chosen.role if chosen else "",
            groups=staff_groups_of(user),
            sees_sums=chosen is None or shows_sums_to(chosen),
            pay_limit=chosen.approval_limit if chosen and chosen.role == Membership.Role.HIRING_MANAGER else 0,
        ),
        party=chosen.party if chosen else None,
    )


def shows_sums_to(membership: Membership) -> bool:
    """Test whether a party shows its sums to one of its people: agencies decide about their named workers."""
    party = membership.party
    is_worker = party.kind == Party.Kind.AGENCY and membership.role == Membership.Role.NAMED_WORKER
    return not is_worker or party.workers_see_sums


def staff_groups_of(user: User) -> frozenset[str]:
    """Return the staff groups of a user; nobody who is not staff has any, and a superuser is an administrator."""
    if not user.is_staff:
        return frozenset()
    groups = frozenset(user.groups.values_list("name", flat=True))
    return groups | {"administrator"} if user.is_superuser else groups


def people_of(party_id: int) -> list[User]:
    """Return the live members of a party who can log in, oldest member first: whom notices about the party reach."""
    return list(
        User.objects.filter(memberships__party_id=party_id, memberships__ended_at=None, is_active=True).order_by(
            "memberships__created_at", "memberships__pk"
        )
    )


def people_at_work(party_id: int, worker_id: int | None) -> list[User]:
    """Return the same, but for the named workers of an agency other than the one who does the work."""
    others = Membership.objects.live().filter(
        party_id=party_id, party__kind=Party.Kind.AGENCY, role=Membership.Role.NAMED_WORKER
    )
    idle = set(others.exclude(user_id=worker_id or 0).values_list("user_id", flat=True))
    return [each for each in people_of(party_id) if each.pk not in idle]


def staff_of(group: str) -> list[User]:
    """Return who may log in and may do what this staff group may, administrators included, oldest account first."""
    may = Q(is_superuser=True) | Q(groups__name__in=[group, "administrator"])
    return list(User.objects.filter(may, is_staff=True, is_active=True).distinct().order_by("created_at", "pk"))


def own_hats_of(user_id: int) -> frozenset[str]:
    """Return the kinds of the open parties that a user owns, alone or with others."""
    owned = memberships_of(user_id).filter(role=Membership.Role.OWNER)
    return frozenset(owned.values_list("party__kind", flat=True))


# People of a party


def owners_of(party_id: int) -> list[User]:
    """Return the live owners of a party who can log in, oldest first."""
    owners = Membership.objects.live().filter(party_id=party_id, role=Membership.Role.OWNER, user__is_active=True)
    return [each.user for each in owners.select_related("user").order_by("created_at", "pk")]


def memberships_for(actor: Actor) -> QuerySet[Membership]:
    """Return the live memberships of the actor's party, with the people, oldest first."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Membership.objects.none()
    return (
        Membership.objects.live()
        .filter(party_id=actor.party_id)
        .select_related("user", "party")
        .order_by("created_at", "pk")
    )


def membership_for(actor: Actor, membership_id: int) -> Membership:
    """Return one live membership of the actor's party. Raises NotFound."""
    membership = memberships_for(actor).filter(pk=membership_id).first()
    if membership is None:
        raise NotFound("")
    return membership


def invitations_for(actor: Actor) -> QuerySet[PartyInvitation]:
    """Return the open invitations of the actor's party, for those who choose its people, newest first."""
    if not can_manage_people(actor, actor.party_id):
        return PartyInvitation.objects.none()
    return (
        PartyInvitation.objects.open()
        .filter(party_id=actor.party_id or 0)
        .select_related("invited_by")
        .order_by("-created_at", "-pk")
    )


def invitation_for(actor: Actor, invitation_id: int) -> PartyInvitation:
    """Return one open invitation of the actor's party. Raises NotFound."""
    invitation = invitations_for(actor).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound("")
    return invitation


class JoinState(StrEnum):
    """What the page behind the link of an invitation shows."""

    UNKNOWN = "unknown"
    ANOTHER = "another"
    MEMBER = "member"
    ENDED = "ended"
    CLOSED = "closed"
    OLD = "old"
    VISITOR = "visitor"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Joining:
    """An invitation as the one who follows its link sees it; of an unknown link there is nothing to see."""

    state: JoinState
    invitation: PartyInvitation | None = None
    #: The address it was sent to, of which only who owns it can make sense.
    masked: str = ""
    has_account: bool = False


def joining(token_digest: str, actor: Actor, at: datetime) -> Joining:
    """Return what the link of an invitation leads to for this reader; nothing changes by looking."""
    known = PartyInvitation.objects.filter(token_digest=token_digest).select_related("party", "invited_by")
    invitation = known.first()
    if invitation is None:
        return Joining(JoinState.UNKNOWN)
    return Joining(
        _join_state(invitation, actor, at),
        invitation,
        masked=masked(invitation.email),
        has_account=User.objects.filter(email__iexact=invitation.email).exists(),
    )


def _join_state(invitation: PartyInvitation, actor: Actor, at: datetime) -> JoinState:
    if actor.user_id is not None:
        if actor.impersonator_id is not None or not owns_address(actor.user_id, invitation.email):
            return JoinState.ANOTHER
        if memberships_of(actor.user_id).filter(party_id=invitation.party_id).exists():
            return JoinState.MEMBER
    if invitation.status == PartyInvitation.Status.OPEN:
        if invitation.party.closed_at is not None:
            return JoinState.CLOSED
        waiting = JoinState.VISITOR if actor.user_id is None else JoinState.ASK
        return waiting if at < invitation.expires_at else JoinState.OLD
    return JoinState.OLD if invitation.status == PartyInvitation.Status.EXPIRED else JoinState.ENDED


def open_invitation(invitation_id: int | None, at: datetime) -> PartyInvitation | None:
    """Return an invitation that can still be accepted, with its party: what somebody who signs up was led by."""
    waiting = PartyInvitation.objects.open().filter(pk=invitation_id or 0, expires_at__gt=at, party__closed_at=None)
    return waiting.select_related("party").first()


def owns_address(user_id: int, email: str) -> bool:
    """Test whether a person has proved that this address is theirs."""
    return bool(EmailAddress.objects.filter(user_id=user_id, email__iexact=email, verified=True).exists())


def masked(email: str) -> str:
    """Return an address that only who has it knows again: its first letter and its domain."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}"


# Devices


@dataclass(frozen=True, slots=True)
class Device:
    """A browser in which somebody is logged in; browser and system are empty where it does not say what it is."""

    id: int
    browser: str
    system: str
    address: str
    since: datetime
    is_current: bool


#: What a browser calls itself, the more exact first: Edge and Opera also say Chrome, and Chrome says Safari.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def devices_of(user: User, session_key: str | None) -> list[Device]:
    """Return where a user is logged in, the browser of `session_key` first, then the newest.

    What a former password opened is closed, and left out. Two queries.
    """
    sessions = list(UserSession.objects.filter(user_id=user.pk).order_by("-created_at", "-pk"))
    running = Session.objects.filter(session_key__in=[each.session_key for each in sessions], expire_date__gt=Now())
    hashes = {each.session_key: each.get_decoded().get(HASH_SESSION_KEY, "") for each in running}
    valid = _hashes(user)
    found = [
        Device(
            id=session.pk,
            browser=_named(session.user_agent, BROWSERS),
            system=_named(session.user_agent, SYSTEMS),
            address=session.ip,
            since=session.created_at,
            is_current=session.session_key == session_key,
        )
        for session in sessions
        if hashes.get(session.session_key) in valid
    ]
    return sorted(found, key=lambda device: not device.is_current)


def is_logged_in(session_key: str | None, user_id: int) -> bool:
    """Test whether a session still opens this person's account: nobody ended it, closed the account or set a password.

    Two queries, or one where the cache has the session.
    """
    if not session_key:
        return False
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if session.get(SESSION_KEY) != str(user_id):
        return False
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and session.get(HASH_SESSION_KEY) in _hashes(user)


def _hashes(user: User) -> set[str]:
    return {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}


def _named(agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in agent), "")


# Agencies


def exclusive_agency_of(party_id: int) -> Party | None:
    """Return the open agency through which alone the owner of a freelancer party proposes, if there is one."""
    exclusive = Membership.objects.live().filter(
        is_exclusive=True,
        party__kind=Party.Kind.AGENCY,
        party__closed_at=None,
        user__memberships__in=Membership.objects.live().filter(
            party_id=party_id, party__kind=Party.Kind.FREELANCER, role=Membership.Role.OWNER
        ),
    )
    found = exclusive.select_related("party").order_by("created_at", "pk").first()
    return found.party if found else None


def belongs_to(user_id: int | None, party_id: int) -> bool:
    """Test whether a user is, at this moment, one of the people of a party."""
    return Membership.objects.live().filter(user_id=user_id or 0, party_id=party_id).exists()


def share_people(party_id: int, other_id: int) -> bool:
    """Test whether somebody belongs to both parties: neither may then sell to the other."""
    people = Membership.objects.live().filter(party_id=party_id).values("user_id")
    return party_id == other_id or Membership.objects.live().filter(party_id=other_id, user_id__in=people).exists()


def membership_in(user_id: int | None, party_id: int | None) -> Membership | None:
    """Return the live membership of a user in a party, with the party."""
    return (
        Membership.objects.live().filter(user_id=user_id or 0, party_id=party_id or 0).select_related("party").first()
    )


# Legal texts


def current_versions(at: datetime) -> dict[str, int]:
    """Return the version in force of each legal text that everybody agrees to, as far as published by `at`."""
    texts = LegalDocument.objects.filter(kind__in=LegalDocument.ASKED_OF_USERS, published_at__lte=at)
    rows = texts.values("kind").annotate(latest=Max("version"))
    return {row["kind"]: row["latest"] for row in rows.order_by("kind")}


def remembered_versions(at: datetime) -> dict[str, int]:
    """Return the versions in force as read at most a minute ago: what each page of a signed-in person is checked by."""
    versions: dict[str, int] | None = cache.get(VERSIONS_KEY)
    if versions is None:
        versions = current_versions(at)
        cache.set(VERSIONS_KEY, versions, VERSIONS_FRESH_FOR)
    return versions


def consents_missing(user_id: int, at: datetime) -> dict[str, int]:
    """Return the kinds, with their version in force, that the user has not agreed to."""
    given = set(Consent.objects.filter(user_id=user_id).values_list("kind", "version"))
    return {kind: version for kind, version in current_versions(at).items() if (kind, version) not in given}


def legal_document(kind: str, at: datetime, version: int | None = None) -> LegalDocument | None:
    """Return a published text in the active language: this version, or the one in force; None where there is none."""
    published = LegalDocument.objects.filter(kind=kind, published_at__lte=at)
    if version is not None:
        published = published.filter(version=version)
    language = translation.get_language() or "en"
    texts = list(published.order_by("-version")[:2])
    latest = [text for text in texts if text.version == texts[0].version]
    return next(
        (text for text in latest if text.language == language),
        latest[0] if latest else None,
    )


def legal_versions(kind: str, at: datetime) -> list[tuple[int, datetime]]:
    """Return every published version of a text and when it was published, newest first."""
    rows = LegalDocument.objects.filter(kind=kind, published_at__lte=at).values("version")
    return [(row["version"], row["since"]) for row in rows.annotate(since=Max("published_at")).order_by("-version")]


def mandate_version(at: datetime) -> int:
    """Return the version of the billing mandate in force; 0 where the operator has published none."""
    published = LegalDocument.objects.filter(kind=LegalDocument.Kind.MANDATE, published_at__lte=at)
    return published.aggregate(latest=Max("version"))["latest"] or 0


# Legal status


class Gap(StrEnum):
    """What a party still lacks before it may accept paid work."""

    STATUS = "status"
    REGISTRATION = "registration"
    MANDATE = "mandate"


def legal_profile(party_id: int) -> LegalProfile | None:
    """Return what a party declared about itself before the law."""
    return LegalProfile.objects.filter(party_id=party_id).first()


def has_mandate(party_id: int, at: datetime) -> bool:
    """Test whether a party has accepted the billing mandate in force."""
    version = mandate_version(at)
    return version == 0 or MandateAcceptance.objects.filter(party_id=party_id, version=version).exists()


def gaps_before_work(party_id: int, at: datetime) -> tuple[Gap, ...]:
    """Return what a party that earns must still declare or accept before it takes paid work; empty when it may."""
    profile = legal_profile(party_id)
    gaps = []
    if profile is None:
        gaps.append(Gap.STATUS)
    elif profile.status != LegalProfile.Status.REGISTERED and profile.country in rules().registration_countries:
        gaps.append(Gap.REGISTRATION)
    if not has_mandate(party_id, at):
        gaps.append(Gap.MANDATE)
    return tuple(gaps)


# Places


@functools.cache
def _zones_by_country() -> dict[str, str]:
    first: dict[str, str] = {}
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            code, _place, zone, *_note = line.split("\t")
            first.setdefault(code, zone)
    return first


def first_time_zone(country: str) -> str:
    """Return the first time zone of a country, as a good guess until the person chooses."""
    return _zones_by_country().get(country, "UTC")


# Privacy


def exports_for(actor: Actor) -> QuerySet[DataExport]:
    """Return the archives that a person asked for, newest first."""
    if actor.user_id is None or actor.impersonator_id is not None:
        return DataExport.objects.none()
    return DataExport.objects.filter(user_id=actor.user_id).order_by("-requested_at", "-pk")


def may_ask_for_export(actor: Actor, at: datetime) -> bool:
    """Test whether a person may ask for an archive now: none is under way, and none was asked for within a day."""
    counted = exports_for(actor).exclude(status=DataExport.Status.FAILED)
    return not counted.filter(Q(status__in=DataExport.OPEN) | Q(requested_at__gt=at - ONE_EXPORT_EACH)).exists()


def export_for(actor: Actor, export_id: int, at: datetime) -> DataExport:
    """Return an archive of one's own that can be downloaded now. Raises NotFound."""
    ready = exports_for(actor).filter(status=DataExport.Status.READY, expires_at__gt=at)
    export = ready.filter(pk=export_id).first()
    if export is None:
        raise NotFound("")
    return export


def reader_of(person: User) -> Reader:
    """Return a person as they read their own data, for each of their parties."""
    return Reader(person.pk, tuple(_actor_of(each) for each in memberships_of(person.pk)))


def leaver_of(person: User, *, former_name: str, by: Actor) -> Leaver:
    """Return a person as somebody who leaves, with the parties that nobody else belongs to."""
    others = Membership.objects.filter(party_id=OuterRef("party_id"), ended_at=None).exclude(user_id=person.pk)
    alone = [each for each in memberships_of(person.pk).annotate(is_shared=Exists(others)) if not each.is_shared]
    names = {person.get_full_name(), person.public_name, person.email}
    for membership in alone:
        names |= {membership.party.name, membership.party.public_name}
    return Leaver(
        user_id=person.pk,
        actors=tuple(_actor_of(each, role=Membership.Role.OWNER) for each in alone),
        name=person.get_full_name(),
        names=frozenset(names),
        former_name=former_name,
        by=by,
    )


def parties_to_lock(user_id: int) -> list[int]:
    """Return the open parties of a person, in the order in which they are locked."""
    return sorted(memberships_of(user_id).values_list("party_id", flat=True))


def _actor_of(membership: Membership, *, role: str = "") -> Actor:
    return Actor(
        user_id=membership.user_id,
        party_id=membership.party_id,
        party_kind=membership.party.kind,
        role=role or membership.role,
        sees_sums=bool(role) or shows_sums_to(membership),
    )
