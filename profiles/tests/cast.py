"""Freelancers whose profile is as far as a test needs it, written through the profile's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Party
from accounts.tests.cast import Person, declare, join_agency, make_agency, make_freelancer, make_staff
from core.actor import Actor
from core.clock import now
from files.actions import store_file
from files.tests import corpus
from profiles.actions import (
    CertificationTexts,
    ProfileTexts,
    Request,
    Words,
    add_item,
    approve_profile,
    ask_for_testimonial,
    create_profile,
    save_profile,
    submit_profile,
    write_testimonial,
)
from profiles.links import answer_token
from profiles.models import Certification, Profile, Testimonial
from profiles.queries import CERTIFICATE
from taxonomy.models import Category, Skill
from tests.remembered import remembered

OVERVIEW = "I build booking pages that people finish. Ten years of Django, and I answer within a day. " * 2


def complete_texts(**changes: object) -> ProfileTexts:
    """Return everything a profile needs to be submitted."""
    texts = {
        "title": "Django developer",
        "overview": OVERVIEW,
        "category_id": Category.objects.order_by("position").values_list("pk", flat=True)[0],
        "skill_ids": tuple(Skill.objects.order_by("pk").values_list("pk", flat=True)[:1]),
        "level": "expert",
        "hourly_rate": 6000,
    }
    return ProfileTexts(**{**texts, **changes})  # type: ignore[arg-type]


def make_profile(person: Person, *, at: datetime | None = None) -> Profile:
    """Return the person's profile, complete and in draft."""
    moment = at or now()
    assert person.party is not None
    profile = create_profile(party_id=person.party.pk, by=person.actor, at=moment)
    return save_profile(profile_id=profile.pk, texts=complete_texts(), by=person.actor, at=moment)


@remembered
def make_approved(
    first_name: str = "Bob", *, moderator: Person | None = None, at: datetime | None = None, language: str = "en"
) -> Person:
    """Return a freelancer with an approved profile, who may accept paid work and charges no VAT."""
    moment = at or now()
    person = make_freelancer(first_name, at=moment, language=language)
    declare(person, at=moment)
    approve(
        person, moderator=moderator or make_staff("Marc", "moderator", email=f"m-{first_name}@example.com"), at=moment
    )
    return person


def approve(person: Person, *, moderator: Person, at: datetime | None = None) -> Profile:
    """Take a freelancer's profile from nothing to approved."""
    moment = at or now()
    profile = make_profile(person, at=moment)
    submit_profile(profile_id=profile.pk, by=person.actor, at=moment)
    return approve_profile(profile_id=profile.pk, seen_version=profile.version, by=moderator.actor, at=moment)


@dataclass(frozen=True, slots=True)
class Studio:
    """An agency with an approved profile and its people, each as they act for it and in their own name.

    Olga owns it, Nina is a named worker of it, Emil one who is exclusive; both have approved profiles of their own.
    """

    party: Party
    olga: Person
    nina: Person
    emil: Person
    own: dict[str, Person]


@remembered
def make_studio(*, moderator: Person, at: datetime | None = None) -> Studio:
    """Return an agency that may propose, with two workers."""
    moment = at or now()
    own = {
        "nina": make_approved("Nina", moderator=moderator, at=moment),
        "emil": make_approved("Emil", moderator=moderator, at=moment),
    }
    olga = make_agency(make_freelancer("Olga", "Nord", at=moment), at=moment)
    assert olga.party is not None
    declare(olga, at=moment)
    nina = join_agency(own["nina"], olga.party, at=moment)
    emil = join_agency(own["emil"], olga.party, is_exclusive=True, at=moment)
    profile = create_profile(party_id=olga.party.pk, by=olga.actor, at=moment)
    texts = complete_texts(title="Booking pages by a team", level="", hourly_rate=7000)
    save_profile(profile_id=profile.pk, texts=texts, by=olga.actor, at=moment)
    submit_profile(profile_id=profile.pk, by=olga.actor, at=moment)
    profile.refresh_from_db()
    approve_profile(profile_id=profile.pk, seen_version=profile.version, by=moderator.actor, at=moment)
    return Studio(olga.party, olga, nina, emil, own)


def proof(person: Person, *, at: datetime, name: str = "certificate.pdf", content: bytes = corpus.PDF) -> Any:
    """Return the id of an uploaded proof."""
    return store_file(upload=corpus.upload(name, content), kind=CERTIFICATE, by=person.actor, at=at).pk


def certificate_texts(person: Person, *, at: datetime, **changes: Any) -> CertificationTexts:
    """Return what is claimed of a certificate, with a proof."""
    texts = {"heading": "Certified Django developer", "organisation": "Django Guild", "issued_on": date(2024, 3, 1)}
    if "proof_id" not in changes:
        changes["proof_id"] = proof(person, at=at)
    return CertificationTexts(**{**texts, **changes})


def add_certificate(person: Person, *, at: datetime, **changes: Any) -> Certification:
    """Return a certificate that the person claims."""
    assert person.party is not None
    item = add_item(
        profile_id=Profile.objects.get(party=person.party).pk,
        texts=certificate_texts(person, at=at, **changes),
        by=person.actor,
        at=at,
    )
    assert isinstance(item, Certification)
    return item


def ask(person: Person, email: str = "olga@client.example", *, at: datetime, **changes: Any) -> Testimonial:
    """Return a testimonial that the person asks for."""
    assert person.party is not None
    asked = {"name": "Olga Novak", "company": "Novak Shoes", "project": "A shop for shoes", "language": "en"}
    return ask_for_testimonial(
        profile_id=Profile.objects.get(party=person.party).pk,
        request=Request(**{**asked, "email": email, **changes}),
        by=person.actor,
        at=at,
    )


def write(testimonial: Testimonial, *, at: datetime, by: Actor | None = None, **changes: Any) -> Testimonial:
    """Return a testimonial that its client has written."""
    words = {
        "text": "They built our shop in six weeks. It has sold shoes every day since, and nothing broke.",
        "name": "Olga Novak",
        "company": "Novak Shoes",
        "language": "en",
        "has_agreed": True,
    }
    return write_testimonial(
        token=answer_token(testimonial.pk), words=Words(**{**words, **changes}), by=by or Actor.anonymous(), at=at
    )
