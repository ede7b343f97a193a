"""Posts as far as a test needs them, made through the product's own verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Party
from accounts.tests.cast import Person, make_staff
from core.clock import now
from core.errors import NotFound
from jobs.actions import JobTerms, approve_job, publish_job, start_draft
from jobs.models import Job
from taxonomy.models import Category
from taxonomy.queries import find_skills

TITLE = "Redesign the checkout of a ferry booking site"
DESCRIPTION = (
    "One in three bookings is dropped at the passenger step, mostly on phones. We need somebody to rework the "
    "flow with us, test it with passengers, and hand it over to two developers."
)


def complete_terms(
    *, skills: tuple[str, ...] = ("Figma",), category: str = "product-design", **changes: Any
) -> JobTerms:
    """Return everything a fixed-price job needs to be published."""
    found = find_skills(skills)
    missing = [name for name, skill in found.items() if skill is None]
    if missing:
        raise NotFound(f"no skill {missing}")
    terms: dict[str, Any] = {
        "title": TITLE,
        "description": DESCRIPTION,
        "category_id": Category.objects.get(slug=category).pk,
        "skill_ids": tuple(skill.pk for skill in found.values() if skill),
        "level": "intermediate",
        "duration": "months",
        "budget": 420_000,
        **changes,
    }
    return JobTerms(**terms)


def party_of(person: Person) -> Party:
    """Return the party that the person acts for."""
    if person.party is None:
        raise NotFound("this person has no party")
    return person.party


def draft_job(person: Person, *, at: datetime | None = None, **changes: Any) -> Job:
    """Return a complete draft of the person's client party."""
    return start_draft(client_id=party_of(person).pk, terms=complete_terms(**changes), by=person.actor, at=at or now())


def review_job(person: Person, *, at: datetime | None = None, **changes: Any) -> Job:
    """Return the first post of a client, in review."""
    moment = at or now()
    return publish_job(job_id=draft_job(person, at=moment, **changes).pk, by=person.actor, at=moment)


def open_job(person: Person, *, moderator: Person | None = None, at: datetime | None = None, **changes: Any) -> Job:
    """Return an open job; a client's first one is approved by `moderator`, or by one made for the purpose."""
    moment = at or now()
    job = review_job(person, at=moment, **changes)
    if job.status == Job.Status.IN_REVIEW:
        reader = moderator or make_staff("Marc", "moderator", email=f"moderator-{job.pk}@example.com")
        job = approve_job(job_id=job.pk, by=reader.actor, at=moment)
    return job
