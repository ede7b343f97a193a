"""Signing up, adding the other hat, and what people and parties say about themselves."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Literal
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actions.consents import give_consent
from accounts.models import LegalDocument, Membership, Party, User
from accounts.permissions import can_edit_party, can_edit_user, has_belonged, is_moderator
from accounts.queries import current_versions, memberships_of, own_hats_of
from accounts.registry import text_problems
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record

Hat = Literal["client", "freelancer"]
SLUG_LENGTH = 50
#: How many addresses are tried before the third person of one name in the same instant is a bug.
SLUG_TRIES = 5
MOST_AGENCIES = 10


class HatAlreadyWorn(DomainError):
    """A person has one freelancer party, and opens one client party."""


class NameMissing(DomainError):
    """An agency goes by a name of its own."""


class TooManyAgencies(DomainError):
    """A person owns so many agencies."""


class UnknownTimeZone(DomainError):
    """A time zone is one of the IANA names."""


class TextNotPublic(DomainError):
    """What a party says about itself is read before a contract; `problems` says what must go, by the text's name."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(next(iter(problems.values()))[0])
        self.problems = problems


class NothingWritten(DomainError):
    """There is no text that could be taken down."""


@transaction.atomic
def sign_up(*, user: User, hat: Hat, company_name: str = "", by: Actor, at: datetime) -> Party:
    """Give a new user the first party, owned by them, and note that they agreed to the texts in force.

    From: a user without a party. To: an open party of the kind `hat`.
    Event: accounts.user_signed_up.

    Raises NotAllowed unless `by` is that user or the system, HatAlreadyWorn if the user has such a party.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not (by.is_system or can_edit_user(by, user.pk)):
        raise NotAllowed(_("You can only sign up yourself."))
    party = _open_party(person, hat=hat, company_name=company_name, at=at)
    _agree(person, at)
    record(
        kind="accounts.user_signed_up",
        actor=by,
        subject=f"user:{person.pk}",
        scope=f"party:{party.pk}",
        at=at,
        hat=party.kind,
    )
    return party


@transaction.atomic
def sign_up_to_join(*, user: User, by: Actor, at: datetime) -> None:
    """Note that a new user who comes to join somebody else's party agreed to the texts in force.

    From, to: a user without a party. Event: accounts.user_signed_up.

    Raises NotAllowed unless `by` is that user or the system.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not (by.is_system or can_edit_user(by, user.pk)):
        raise NotAllowed(_("You can only sign up yourself."))
    _agree(person, at)
    record(kind="accounts.user_signed_up", actor=by, subject=f"user:{person.pk}", at=at, hat="")


@transaction.atomic
def open_agency(*, name: str, by: Actor, at: datetime) -> Party:
    """Open an agency, which a signed-in person owns; one may own and belong to several.

    To: an open party of the kind agency. Event: accounts.hat_added.

    Raises NotAllowed for visitors, NameMissing without a name, TooManyAgencies above the most that one person owns.
    """
    person = User.objects.select_for_update(no_key=True).filter(pk=by.user_id or 0).first()
    if person is None or by.impersonator_id is not None:
        raise NotAllowed(_("Log in to do this."))
    if not name.strip():
        raise NameMissing(_("Enter the name of the agency."))
    owned = memberships_of(person.pk).filter(role=Membership.Role.OWNER, party__kind=Party.Kind.AGENCY)
    if owned.count() >= MOST_AGENCIES:
        raise TooManyAgencies(_("You own %(count)d agencies already.") % {"count": MOST_AGENCIES})
    party = _make_party(person, Party.Kind.AGENCY, name, at)
    record(
        kind="accounts.hat_added",
        actor=by,
        subject=f"user:{person.pk}",
        scope=f"party:{party.pk}",
        at=at,
        hat=party.kind,
    )
    return party


@transaction.atomic
def add_hat(*, kind: Hat, company_name: str = "", by: Actor, at: datetime) -> Party:
    """Give a signed-in person the other hat: a client party beside the freelancer's, or the other way round.

    To: an open party of this kind, owned by the person. Event: accounts.hat_added.

    Raises NotAllowed for visitors, HatAlreadyWorn if the person has a party of this kind.
    """
    person = User.objects.select_for_update(no_key=True).filter(pk=by.user_id or 0).first()
    if person is None or by.impersonator_id is not None:
        raise NotAllowed(_("Log in to do this."))
    party = _open_party(person, hat=kind, company_name=company_name, at=at)
    record(
        kind="accounts.hat_added",
        actor=by,
        subject=f"user:{person.pk}",
        scope=f"party:{party.pk}",
        at=at,
        hat=party.kind,
    )
    return party


@transaction.atomic
def save_user(
    *,
    user_id: int,
    first_name: str,
    last_name: str,
    language: str,
    time_zone: str,
    country: str,
    by: Actor,
    at: datetime,
) -> User:
    """Change a person's name, language, time zone and country; parties in that person's name follow the name.

    Event: accounts.user_changed.

    Raises NotAllowed unless `by` is that person, UnknownTimeZone for a zone that does not exist.
    """
    mine = Party.objects.filter(
        memberships__user_id=user_id,
        memberships__role=Membership.Role.OWNER,
        memberships__ended_at=None,
        is_company=False,
    )
    own = mine.annotate(named_after=_first_owner()).filter(named_after=user_id)
    parties = list(own.select_for_update(of=("self",)).order_by("pk"))  # before the person, as in every verb of theirs
    person = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_edit_user(by, user_id):
        raise NotAllowed(_("You can only change your own settings."))
    _check_time_zone(time_zone)
    person.first_name, person.last_name = first_name, last_name
    person.language, person.time_zone, person.country = language, time_zone, country
    person.save(update_fields=["first_name", "last_name", "language", "time_zone", "country"])
    for party in parties:
        party.name, party.public_name = person.get_full_name(), person.public_name
        party.save(update_fields=["name", "public_name"])
    record(kind="accounts.user_changed", actor=by, subject=f"user:{user_id}", at=at)
    return person


@transaction.atomic
def save_party(
    *,
    party_id: int,
    company_name: str,
    about: str,
    place: str,
    country: str,
    time_zone: str,
    by: Actor,
    at: datetime,
) -> Party:
    """Change what a party says about itself. A client without a company name goes by its owner's name.

    Event: accounts.party_changed.

    Raises NotAllowed unless `by` is its owner or administrator, UnknownTimeZone for a zone that does not exist,
    NameMissing for an agency without a name.
    TextNotPublic for contact data in what is changed of `about` and `place`.
    """
    party = Party.objects.locked(party_id)
    if not can_edit_party(by, party_id):
        raise NotAllowed(_("Only owners and administrators may change these settings."))
    _check_time_zone(time_zone)
    texts = {"about": about, "place": place}
    problems = text_problems({name: text for name, text in texts.items() if text != getattr(party, name)})
    if problems:
        raise TextNotPublic(problems)
    if party.kind == Party.Kind.CLIENT:
        owner = (
            Party.objects.annotate(named_after=_first_owner()).values_list("named_after", flat=True).get(pk=party_id)
        )
        party.name, party.public_name, party.is_company = _names(User.objects.get(pk=owner), company_name)
    elif party.kind == Party.Kind.AGENCY:
        if not company_name.strip():
            raise NameMissing(_("Enter the name of the agency."))
        party.name = party.public_name = company_name.strip()
    party.about, party.place, party.country, party.time_zone = (
        about,
        place,
        country,
        time_zone,
    )
    party.save(
        update_fields=[
            "name",
            "public_name",
            "is_company",
            "about",
            "place",
            "country",
            "time_zone",
        ]
    )
    record(
        kind="accounts.party_changed",
        actor=by,
        subject=f"party:{party_id}",
        scope=f"party:{party_id}",
        at=at,
    )
    return party


def _agree(person: User, at: datetime) -> None:
    for kind, version in current_versions(at).items():
        give_consent(kind=LegalDocument.Kind(kind), version=version, by=Actor(user_id=person.pk), at=at)


def _first_owner() -> Subquery:
    """Return whose name a party without a company's name goes by: its oldest owner's."""
    owners = Membership.objects.live().filter(party=OuterRef("pk"), role=Membership.Role.OWNER)
    return Subquery(owners.order_by("created_at", "pk").values("user_id")[:1])


@transaction.atomic
def clear_about(*, party_id: int, reason: str, by: Actor, at: datetime) -> Party:
    """Take down what a party says about itself, because it breaks the rules; the party may write another text.

    Event: accounts.about_cleared, with the reason, which the party reads.

    Raises NotAllowed unless `by` is a moderator who never was of the party, NothingWritten where there is no text.
    """
    party = Party.objects.locked(party_id)
    if not is_moderator(by) or has_belonged(by, party_id):
        raise NotAllowed(_("Only moderators take texts down, and not their own."))
    if not party.about:
        raise NothingWritten(_("There is no text to take down."))
    party.about = ""
    party.save(update_fields=["about"])
    record(
        kind="accounts.about_cleared",
        actor=by,
        subject=f"page:{party_id}",
        scope=f"party:{party_id}",
        at=at,
        reason=reason.strip(),
        why=reason.strip(),
    )
    return party


def _open_party(person: User, *, hat: Hat, company_name: str, at: datetime) -> Party:
    kind = Party.Kind(hat)
    if kind in own_hats_of(person.pk):
        raise HatAlreadyWorn(
            _("You already have a client account.")
            if kind == Party.Kind.CLIENT
            else _("You already have a freelancer account.")
        )
    return _make_party(person, kind, company_name if kind == Party.Kind.CLIENT else "", at)


def _make_party(person: User, kind: str, company_name: str, at: datetime) -> Party:
    name, public_name, is_company = _names(person, company_name)
    party = _with_free_slug(
        Party(
            kind=kind,
            name=name,
            public_name=public_name,
            is_company=is_company,
            country=person.country,
            time_zone=person.time_zone,
            created_at=at,
        )
    )
    Membership.objects.create(user=person, party=party, role=Membership.Role.OWNER, created_at=at)
    return party


def _with_free_slug(party: Party) -> Party:
    base = slugify(party.public_name)[:SLUG_LENGTH].strip("-") or party.kind
    slug = base
    for _attempt in range(SLUG_TRIES):
        if not Party.objects.filter(slug=slug).exists():
            party.slug = slug
            try:
                with transaction.atomic():
                    party.save(force_insert=True)
            except IntegrityError:  # taken meanwhile
                party.pk = None
            else:
                return party
        slug = f"{base}-{secrets.token_hex(3)}"
    raise RuntimeError(f"no free address for {base}")


def _names(person: User, company_name: str) -> tuple[str, str, bool]:
    company = company_name.strip()
    return (company, company, True) if company else (person.get_full_name(), person.public_name, False)


def _check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise UnknownTimeZone(_("Choose a time zone from the list."))
