"""What freelancers note on jobs for themselves: saved to come back to, or hidden with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from jobs.models import JobMark
from jobs.permissions import can_mark_jobs
from jobs.queries import job_for


class ReasonUnknown(DomainError):
    """A job is hidden for one of the reasons of the list."""


@transaction.atomic
def save_job(*, job_id: int, by: Actor, at: datetime) -> JobMark:
    """Keep a job in the list of saved ones of the freelancer's party; a hidden one is shown again by it.

    From: no mark, hidden, saved (then nothing changes). To: saved. Event: none, it is nobody else's business.

    Raises NotAllowed if `by` does not work for a freelancer or an agency, NotFound for a job they may not see.
    """
    return _mark(job_id, (JobMark.Kind.SAVED, ""), by, at)


@transaction.atomic
def hide_job(*, job_id: int, reason: str, by: Actor, at: datetime) -> JobMark:
    """Take a job out of what the freelancer's party finds; a saved one is no longer saved.

    From: no mark, saved, hidden (then the reason changes). To: hidden. Event: none.

    Raises NotAllowed if `by` does not work for a freelancer or an agency, NotFound for a job they may not see,
    ReasonUnknown without a reason of the list.
    """
    if reason not in JobMark.Reason.values:
        raise ReasonUnknown(_("Choose why you hide this job."))
    return _mark(job_id, (JobMark.Kind.HIDDEN, reason), by, at)


@transaction.atomic
def unmark_job(*, job_id: int, by: Actor) -> None:
    """Forget that a job was saved or hidden; without a mark nothing happens.

    From: saved, hidden. To: no mark. Event: none.

    Raises NotAllowed if `by` does not work for a freelancer or an agency.
    """
    JobMark.objects.filter(party_id=_party(by), job_id=job_id).delete()


def _mark(job_id: int, wanted: tuple[str, str], by: Actor, at: datetime) -> JobMark:
    """Leave one mark of the party on the job: the kind and the reason that are wanted."""
    party_id = _party(by)
    kind, reason = wanted
    mark, _is_new = JobMark.objects.select_for_update().get_or_create(
        party_id=party_id, job=job_for(by, job_id), defaults={"kind": kind, "reason": reason, "created_at": at}
    )
    if (mark.kind, mark.reason) != wanted:
        mark.kind, mark.reason, mark.created_at = kind, reason, at
        mark.save(update_fields=["kind", "reason", "created_at"])
    return mark


def _party(by: Actor) -> int:
    """Return the party that the actor marks jobs for. Raises NotAllowed for who marks none."""
    if by.party_id is None or not can_mark_jobs(by):
        raise NotAllowed(_("Switch to your freelancer account to save or hide jobs."))
    return by.party_id
