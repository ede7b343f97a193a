"""What this app knows about people: posts, and the marks that freelancers leave on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accounts.models import Party
from accounts.permissions import can_hire
from accounts.privacy import Leaver, Reader, Sheet, datum, fields_of
from jobs.actions import close_job
from jobs.models import Job, JobMark
from jobs.queries import jobs_of

DATA = (
    datum(
        "jobs.Job",
        "jobs.json, without what staff note",
        "nameless",
        "Posts that nobody sent a proposal for are deleted; others are closed and stay for those who did.",
    ),
    datum(
        "jobs.JobActivity jobs.JobDocument", "no personal data", "deleted", "With the post; search finds no ended one."
    ),
    datum("jobs.JobMark", "marks.json", "deleted", "Saved and hidden jobs."),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the posts of the clients that a person hires for, and what their freelancer party saved or hid."""
    clients = reader.party_ids(lambda actor: can_hire(actor, actor.party_id))
    about = ("id", "status", "title", "description", "language", "category__name_en", "kind", "budget", "rate_low")
    terms = ("rate_high", "currency", "duration", "weekly_load", "level", "hires_wanted", "hires_made", "visibility")
    rest = ("place", "wanted_country", "wanted_language", "starts_on", "due_on", "questions", "removal_reason")
    days = ("created_at", "submitted_at", "posted_at", "expires_at", "ended_at")
    posts = (row for pk in clients for row in fields_of(jobs_of(pk), *about, *terms, *rest, *days))
    yield Sheet("jobs", posts)
    marks = JobMark.objects.filter(party_id__in=reader.party_ids()).order_by("pk")
    yield Sheet("marks", fields_of(marks, "job_id", "job__title", "kind", "reason", "created_at"))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete the marks, and close the posts that stay because others had sent proposals."""
    JobMark.objects.filter(party_id__in=leaver.party_ids).delete()
    for actor in leaver.actors:
        if actor.party_kind == Party.Kind.CLIENT:
            live = Job.objects.live().filter(client_id=actor.party_id).order_by("pk")
            for job_id in list(live.values_list("pk", flat=True)):
                close_job(job_id=job_id, by=actor, at=at)
