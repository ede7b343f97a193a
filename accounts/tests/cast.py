"""The cast of every test: people who signed up through the product's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.text import slugify

from accounts.actions import give_consent, sign_up
from accounts.middleware import AGREED, PARTY
from accounts.models import LegalDocument, Membership, Party, User
from accounts.queries import acting, current_versions
from core.actor import Actor
from core.clock import now

PASSWORD = "correct horse battery"


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
