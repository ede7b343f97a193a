"""Reads of profiles and of the facts about parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Party
from core.actor import Actor
from core.errors import NotFound
from core.product import rules
from profiles.models import PartyFacts, Profile, ProfileReview
from profiles.permissions import can_see_profile

#: Fewest characters of an overview that can be submitted.
OVERVIEW_LEAST = 100


@dataclass(frozen=True, slots=True)
class ClientBlock:
    """What a job page says about its client. A figure that would be 0 or mislead is None and is not shown."""

    name: str
    is_company: bool
    place: str
    country: str
    about: str
    since: datetime
    is_new: bool
    is_payment_verified: bool
    jobs_posted: int | None
    hire_rate: int | None
    hires: int | None
    spent: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is still missing on a profile, and the section of the edit page where it belongs."""

    section: str
    words: str | Promise
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a profile has come, in per cent, and what is left."""

    percent: int
    left: tuple[Step, ...]

    @property
    def is_submittable(self) -> bool:
        """Test whether nothing that staff need is missing."""
        return not any(step.is_needed for step in self.left)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a profile stands with staff: until when they answer, or what they asked for."""

    deadline: datetime | None
    points: tuple[str, ...]
    note: str


def profiles() -> QuerySet[Profile]:
    """Return profiles with all that their page shows of single rows."""
    return Profile.objects.select_related("party", "photo", "category", "party__facts")


def own_profile(party_id: int | None) -> Profile | None:
    """Return the profile of a party, if it has one."""
    return profiles().filter(party_id=party_id).first() if party_id is not None else None


def profile_for_public(actor: Actor, slug: str) -> Profile:
    """Return the profile at this address if the actor may read it. Raises NotFound for others, and for none."""
    profile = profiles().prefetch_related("skills", "specialities").filter(slug=slug, party__closed_at=None).first()
    if profile is None or not can_see_profile(actor, profile):
        raise NotFound(_("There is no such profile."))
    return profile


def is_approved(party_id: int) -> bool:
    """Test whether the party's profile is public, so that it may propose."""
    return Profile.objects.approved().filter(party_id=party_id).exists()


def review_deadline(profile: Profile) -> datetime | None:
    """Return until when staff answer a submitted profile; None for others."""
    if profile.status != Profile.Status.SUBMITTED or profile.submitted_at is None:
        return None
    return profile.submitted_at + timedelta(hours=rules().profile_review_hours)


def standing(profile: Profile) -> Standing:
    """Return the deadline of a profile in review, or the points of one that needs changes."""
    if profile.status != Profile.Status.CHANGES_REQUESTED:
        return Standing(review_deadline(profile), (), "")
    review = ProfileReview.objects.filter(profile=profile, is_approved=False).order_by("-created_at", "-pk").first()
    return Standing(None, tuple(review.points), review.note) if review else Standing(None, (), "")


def completeness(profile: Profile) -> Completeness:
    """Return how complete a profile is and what is left, what staff need first. Two queries at most."""
    skills = profile.skills.exists() if profile.pk else False
    checks = (
        (bool(profile.title), Step("title", gettext_lazy("Write a title"), is_needed=True)),
        (
            len(profile.overview.strip()) >= OVERVIEW_LEAST,
            Step("overview", gettext_lazy("Write 100 characters or more about your work"), is_needed=True),
        ),
        (profile.category_id is not None, Step("category", gettext_lazy("Choose a category"), is_needed=True)),
        (bool(profile.level), Step("category", gettext_lazy("Choose your level"), is_needed=True)),
        (profile.hourly_rate is not None, Step("rate", gettext_lazy("Set your hourly rate"), is_needed=True)),
        (skills, Step("skills", gettext_lazy("Name at least one skill"), is_needed=True)),
        (profile.photo_id is not None, Step("photo", gettext_lazy("Add a photo of your face"), is_needed=False)),
        (
            profile.specialities.exists() if profile.pk else False,
            Step("category", gettext_lazy("Choose a speciality"), is_needed=False),
        ),
    )
    done = sum(is_done for is_done, _step in checks)
    return Completeness(done * 100 // len(checks), tuple(step for is_done, step in checks if not is_done))


def client_block(party: Party) -> ClientBlock:
    """Return what a job page says about its client. A client without facts is new, never 0 %.

    One query, none for a party that was fetched with its facts.
    """
    facts = getattr(party, "facts", None) or PartyFacts(party_id=party.pk)
    is_new = not (facts.hires or facts.spent)
    return ClientBlock(
        name=party.public_name,
        is_company=party.is_company,
        place=party.place,
        country=str(party.country.name),
        about=party.about,
        since=party.created_at,
        is_new=is_new,
        is_payment_verified=facts.is_payment_verified,
        jobs_posted=facts.jobs_posted or None,
        hire_rate=None
        if is_new or not facts.jobs_posted
        else min(facts.jobs_hired * 100 // facts.jobs_posted, 100) or None,
        hires=facts.hires or None,
        spent=facts.spent or None,
        currency=rules().currency,
    )


def can_read_photo(actor: Actor, ref: str) -> bool:
    """Test whether the actor may see the photo of profile `ref`: whoever may read the profile."""
    profile = Profile.objects.filter(pk=int(ref)).first() if ref.isdecimal() else None
    return profile is not None and can_see_profile(actor, profile)
