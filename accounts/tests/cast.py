"""The cast of every test: people who signed up through the product's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.text import slugify

from accounts.actions import LegalDetails, accept_mandate, give_consent, open_agency, save_legal_profile, sign_up
from accounts.middleware import AGREED, PARTY
from accounts.models import LegalDocument, LegalProfile, Membership, Party, User
from accounts.queries import acting, current_versions, mandate_version
from core.actor import Actor
from core.clock import now

PASSWORD = "correct horse battery"
#: One business's numbers: formed right, and nobody's.
SIRET, VAT_NUMBER, GERMAN_VAT_NUMBER = "12345678200010", "FR11123456782", "DE136695976"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the cast: who logs in, for whom they act, and the actor that verbs take."""

    user: User
    party: Party | None
    actor: Actor


def make_user(
    first_name: str,
    last_name: str = "Martin",
    *,
    email: str = "",
    language: str = "en",
    country: str = "FR",
    at: datetime | None = None,
) -> User:
    """Return a user with a verified address, `alice@example.com` for Alice, and no party."""
    user = User.objects.create_user(
        email or f"{slugify(first_name)}@example.com",
        PASSWORD,
        first_name=first_name,
        last_name=last_name,
        language=language,
        country=country,
        created_at=at or now(),
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def make_client(
    first_name: str = "Alice",
    last_name: str = "Martin",
    *,
    company_name: str = "",
    email: str = "",
    language: str = "en",
    at: datetime | None = None,
) -> Person:
    """Return a person who signed up to hire and owns a client party."""
    user = make_user(first_name, last_name, email=email, language=language, at=at)
    return _signed_up(user, "client", company_name, at)


def make_freelancer(
    first_name: str = "Bob",
    last_name: str = "Durand",
    *,
    email: str = "",
    language: str = "en",
    at: datetime | None = None,
) -> Person:
    """Return a person who signed up to work and owns a freelancer party; the profile comes from profiles' own cast."""
    user = make_user(first_name, last_name, email=email, language=language, at=at)
    return _signed_up(user, "freelancer", "", at)


def declare(person: Person, *, at: datetime | None = None, **changes: Any) -> LegalProfile:
    """Declare what the person's party is before the law, and accept the mandate for one that earns.

    Without changes it is a business registered in France that charges no VAT (a client: the same, with its number).
    """
    moment, party = at or now(), person.party
    assert party is not None
    is_client = party.kind == Party.Kind.CLIENT
    details: dict[str, Any] = {
        "status": "registered",
        "legal_name": f"{party.name} SARL",
        "address": "1 rue du Port\n29200 Brest",
        "country": "FR",
        "charges_vat": None if is_client else False,
        **changes,
    }
    if details["country"] == "FR" and details["status"] == "registered":
        details.setdefault("siret", SIRET)
    profile = save_legal_profile(party_id=party.pk, details=LegalDetails(**details), by=person.actor, at=moment)
    if not is_client:
        accept_mandate(party_id=party.pk, version=mandate_version(moment), by=person.actor, at=moment)
    return profile


def charge_vat(person: Person, *, at: datetime | None = None) -> LegalProfile:
    """Declare a French business that charges VAT."""
    return declare(person, vat_number=VAT_NUMBER, charges_vat=True, at=at)


def make_member(
    first_name: str,
    party: Party,
    role: str,
    *,
    email: str = "",
    at: datetime | None = None,
) -> Person:
    """Return a person who belongs to an existing party in this role."""
    user = make_user(first_name, email=email, at=at)
    Membership.objects.create(user=user, party=party, role=role, created_at=at or now())
    _agree(user, at or now())
    return Person(user, party, acting(user, party.pk).actor)


def make_agency(owner: Person, name: str = "Studio Nord", *, at: datetime | None = None) -> Person:
    """Return the person as the owner of a new agency."""
    party = open_agency(name=name, by=owner.actor, at=at or now())
    return Person(owner.user, party, acting(owner.user, party.pk).actor)


def join_agency(
    person: Person, agency: Party, role: str = "named_worker", *, is_exclusive: bool = False, at: datetime | None = None
) -> Person:
    """Return the person as they act for an agency that they belong to from now on."""
    Membership.objects.create(
        user=person.user, party=agency, role=role, is_exclusive=is_exclusive, created_at=at or now()
    )
    return Person(person.user, agency, acting(person.user, agency.pk).actor)


def leave_agency(person: Person, *, at: datetime | None = None) -> None:
    """Let a person belong to the agency no more."""
    Membership.objects.filter(user=person.user, party=person.party, ended_at=None).update(ended_at=at or now())


def make_staff(
    first_name: str = "Dora",
    group: str = "mediator",
    *,
    email: str = "",
    at: datetime | None = None,
) -> Person:
    """Return a member of staff of one group, with no party."""
    user = make_user(first_name, "Petit", email=email, at=at)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    _agree(user, at or now())
    return Person(user, None, acting(user).actor)


def sign_in(client: Client, person: Person) -> None:
    """Log the test client in as this person, acting for this party."""
    client.force_login(person.user)
    session = client.session
    session[PARTY] = person.party.pk if person.party else None
    session[AGREED] = current_versions(now())
    session.save()


def _signed_up(user: User, hat: str, company_name: str, at: datetime | None) -> Person:
    by = Actor(user_id=user.pk)
    party = sign_up(
        user=user,
        hat="client" if hat == "client" else "freelancer",
        company_name=company_name,
        by=by,
        at=at or now(),
    )
    return Person(user, party, acting(user, party.pk).actor)


def _agree(user: User, at: datetime) -> None:
    for kind, version in current_versions(at).items():
        give_consent(
            kind=LegalDocument.Kind(kind),
            version=version,
            by=Actor(user_id=user.pk),
            at=at,
        )
