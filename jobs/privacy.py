"""What this app knows about people: posts, and the marks that freelancers leave on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from accounts.models import Party
from accounts.permissions import can_hire, reads_all
from accounts.privacy import Leaver, Reader, Sheet, datum, fields_of
from jobs.actions import close_job, end_invitations_of_party
from jobs.models import Invitation, Job, JobMark, JobReader, SavedSearch
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
    datum("jobs.SavedSearch", "saved-searches.json", "deleted", "With their alerts."),
    datum("jobs.JobReader", "read-jobs.json", "deleted", "Which jobs of a team somebody was added to."),
    datum(
        "jobs.Invitation",
        "invitations.json",
        "nameless",
        "Those that wait expire; who was asked for which job stays, by number.",
    ),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the posts of the clients that a person hires for, what they saved, hid and search for, and invitations."""
    clients = reader.party_ids(lambda actor: can_hire(actor, actor.party_id))
    about = ("id", "status", "title", "description", "language", "category__name_en", "kind", "budget", "rate_low")
    terms = ("rate_high", "currency", "duration", "weekly_load", "level", "hires_wanted", "hires_made", "visibility")
    rest = ("place", "wanted_country", "wanted_language", "starts_on", "due_on", "questions", "removal_reason")
    days = ("created_at", "submitted_at", "posted_at", "expires_at", "ended_at")
    posts = (row for pk in clients for row in fields_of(jobs_of(pk), *about, *terms, *rest, *days))
    yield Sheet("jobs", posts)
    marks = JobMark.objects.filter(party_id__in=reader.party_ids(reads_all)).order_by("pk")
    yield Sheet("marks", fields_of(marks, "job_id", "job__title", "kind", "reason", "created_at"))
    searches = SavedSearch.objects.filter(user_id=reader.user_id).order_by("pk")
    yield Sheet("saved-searches", fields_of(searches, "subject", "name", "query", "alert", "created_at"))
    read = JobReader.objects.filter(user_id=reader.user_id).order_by("pk")
    yield Sheet("read-jobs", fields_of(read, "job_id", "job__title", "added_at"))
    sides = Q(party_id__in=reader.party_ids(reads_all)) | Q(job__client_id__in=clients)
    invitations = Invitation.objects.filter(sides).order_by("pk")
    said = ("job_id", "job__title", "status", "note", "decline_reason", "decline_note", "created_at", "ended_at")
    yield Sheet("invitations", fields_of(invitations, *said))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete marks and searches, end invitations, and close the posts that stay because others had sent proposals."""
    SavedSearch.objects.filter(Q(user_id=leaver.user_id) | Q(party_id__in=leaver.party_ids)).delete()
    JobReader.objects.filter(user_id=leaver.user_id).delete()
    for party_id in leaver.party_ids:
        end_invitations_of_party(party_id=party_id, at=at)
    JobMark.objects.filter(party_id__in=leaver.party_ids).delete()
    for actor in leaver.actors:
        if actor.party_kind == Party.Kind.CLIENT:
            live = Job.objects.live().filter(client_id=actor.party_id).order_by("pk")
            for job_id in list(live.values_list("pk", flat=True)):
                close_job(job_id=job_id, by=actor, at=at)
