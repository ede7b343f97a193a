"""The one function that writes what search sees of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from jobs.models import Job, JobDocument
from jobs.queries.search import DOCUMENTS
from payments.queries import usable_methods
from taxonomy import actions as taxonomy
from taxonomy.matching import with_skills, words_of
from taxonomy.queries import skills_in

#: Most skills that the words of a post are searched for.
MENTIONS = 30
#: The text search configuration of each language.
CONFIGURATIONS = {"en": "en_u", "fr": "fr_u"}

WRITE = f"""
INSERT INTO jobs_jobdocument
    (job_id, posted_at, category_id, kind, level, duration, language, visibility, budget, rate_low, rate_high,
     is_payment_verified, connects_cost, weekly_load, proposals, has_hired, skills, text)
SELECT job.id, job.posted_at, job.category_id, job.kind, job.level, job.duration, job.language, job.visibility,
       job.budget, job.rate_low, job.rate_high, %(is_payment_verified)s, job.connects_cost,
       job.weekly_load, coalesce(activity.proposals, 0), coalesce(facts.hires, 0) > 0,
       coalesce(skill.ids::int[], '{{}}'),
       {words_of("job.title", "job.description")}
       || array_to_tsvector(coalesce(skill.lexemes, '{{}}') || %(mentions)s::text[])
FROM jobs_job job
LEFT JOIN jobs_jobactivity activity ON activity.job_id = job.id
LEFT JOIN profiles_partyfacts facts ON facts.party_id = job.client_id
{with_skills("jobs_job_skills", "job_id", "job.id")}
WHERE job.id = %(job)s
ON CONFLICT (job_id) DO UPDATE SET
    posted_at = excluded.posted_at, category_id = excluded.category_id, kind = excluded.kind,
    level = excluded.level, duration = excluded.duration, language = excluded.language,
    visibility = excluded.visibility, budget = excluded.budget, rate_low = excluded.rate_low,
    rate_high = excluded.rate_high, is_payment_verified = excluded.is_payment_verified,
    connects_cost = excluded.connects_cost, weekly_load = excluded.weekly_load, proposals = excluded.proposals,
    has_hired = excluded.has_hired, skills = excluded.skills, text = excluded.text
"""  # noqa: S608  (the parts are written in the code; everything from outside is a parameter)


def refresh_document(job_id: int) -> None:
    """Write the search document of an open job, and delete that of any other, inside the caller's transaction.

    A job for those invited has none: no search finds it.

    Weights: title A, names and synonyms of its skills in both languages B, description D. `~k17` stands for a
    skill that was chosen, `~m17` for one that the words of the post mention: no parser makes a `~`.
    """
    job = Job.objects.only("client_id", "status", "visibility", "language", "title", "description").get(pk=job_id)
    if job.status != Job.Status.OPEN or job.visibility == Job.Visibility.INVITED:
        JobDocument.objects.filter(job_id=job_id).delete()
        return
    mentioned = skills_in(f"{job.title} {job.description}", limit=MENTIONS)
    values: dict[str, Any] = {
        "job": job_id,
        "configuration": CONFIGURATIONS[job.language],
        "mentions": [f"~m{skill.pk}" for skill in mentioned],
        "is_payment_verified": usable_methods(job.client_id).exists(),
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


def note_payment_verified(*, client_id: int) -> None:
    """Write into the search documents of a client's jobs whether the client has a usable card."""
    is_verified = usable_methods(client_id).exists()
    JobDocument.objects.filter(job__client_id=client_id).update(is_payment_verified=is_verified)


def renew_head(*, at: datetime) -> int:
    """Make the index of the newest jobs of a large table anew where it has drifted; return 0 or 1."""
    return taxonomy.renew_head(DOCUMENTS)


def note_proposals(*, job_id: int, proposals: int) -> None:
    """Write into the search document of a job how many proposals it has; the filter finds it by that."""
    JobDocument.objects.filter(job_id=job_id).exclude(proposals=proposals).update(proposals=proposals)


def note_hired(*, client_id: int) -> None:
    """Write into the search documents of a client's jobs that the client has hired."""
    JobDocument.objects.filter(job__client_id=client_id, has_hired=False).update(has_hired=True)
