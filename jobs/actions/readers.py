"""Who of a client's members reads a job."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, Party
from accounts.registry import Assigned
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from jobs.models import Job, JobReader
from jobs.permissions import can_manage_job


class NotAMember(DomainError):
    """Only members are added: everybody else of the account reads its jobs and contracts anyway."""


@transaction.atomic
def add_job_reader(*, job_id: int, user_id: int, by: Actor, at: datetime) -> JobReader:
    """Let a member of the client read a job with its proposals.

    Event: jobs.reader_added. A second time changes nothing.

    Raises NotAllowed unless `by` may manage the job, NotAMember for anybody else than a member of the client.
    """
    job = _locked(job_id, by)
    if not Membership.objects.live().filter(user_id=user_id, party_id=job.client_id, role="member").exists():
        raise NotAMember(_("Choose a member. Everybody else of the account reads this anyway."))
    reader, is_new = JobReader.objects.get_or_create(
        job=job, user_id=user_id, defaults={"added_by_id": by.person_id, "added_at": at}
    )
    if is_new:
        _tell("jobs.reader_added", job, user_id, by=by, at=at)
    return reader


@transaction.atomic
def remove_job_reader(*, job_id: int, user_id: int, by: Actor, at: datetime) -> None:
    """Let a member read a job no more. Event: jobs.reader_removed. A second time changes nothing.

    Raises NotAllowed unless `by` may manage the job.
    """
    job = _locked(job_id, by)
    gone, _rows = JobReader.objects.filter(job=job, user_id=user_id).delete()
    if gone:
        _tell("jobs.reader_removed", job, user_id, by=by, at=at)


def jobs_added_to(party_id: int, user_id: int) -> list[Assigned]:
    """Return the jobs of a party that a person was added to."""
    rows = Job.objects.kept().filter(client_id=party_id, readers__user_id=user_id).order_by("pk")
    return [Assigned(job.title, reverse("jobs:detail", kwargs={"job_id": job.pk})) for job in rows]


def hand_over_jobs(party_id: int, user_id: int, successor_id: int | None, at: datetime) -> None:
    """Add whoever follows a person of a party to the jobs that the person was added to (accounts calls it)."""
    mine = JobReader.objects.filter(job__client_id=party_id, user_id=user_id)
    if successor_id is not None:
        JobReader.objects.bulk_create(
            (
                JobReader(job_id=row.job_id, user_id=successor_id, added_by_id=row.added_by_id, added_at=at)
                for row in mine
            ),
            ignore_conflicts=True,
        )
    mine.delete()


def _locked(job_id: int, by: Actor) -> Job:
    """Return a job, locked after its client, whose people nobody changes meanwhile."""
    Party.objects.locked(Job.objects.values_list("client_id", flat=True).get(pk=job_id))
    job = Job.objects.locked(job_id)
    if not can_manage_job(by, job):
        raise NotAllowed(_("Your role in this account may not do this."))
    return job


def _tell(kind: str, job: Job, user_id: int, *, by: Actor, at: datetime) -> None:
    record(kind=kind, actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at, user=user_id)
