"""The life of an open job: paused, resumed, closed, filled, expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from core.actor import Actor
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from jobs.actions.documents import note_hired, refresh_document
from jobs.actions.refusals import check_manager, check_state
from jobs.models import Job, JobActivity

Status = Job.Status


def renew(job: Job, at: datetime) -> None:
    """Note an act of the client on the row: the job expires 30 days after the last one."""
    job.acted_at, job.expires_at = at, at + timedelta(days=rules().job_days)
    job.reminded_at = None


RENEWED = ("acted_at", "expires_at", "reminded_at")


@transaction.atomic
def touch_job(*, job_id: int, at: datetime) -> Job:
    """Count an act of the client, such as reading the inbox, against the expiry of a live job.

    From and to: open, paused; any other job is left as it is. Event: none.
    """
    return touch_locked_job(job=Job.objects.locked(job_id), at=at)


def touch_locked_job(*, job: Job, at: datetime) -> Job:
    """Do as `touch_job` with a job that the caller holds (inner)."""
    if job.status in Job.LIVE:
        renew(job, at)
        job.save(update_fields=RENEWED)
    return job


@transaction.atomic
def pause_job(*, job_id: int, by: Actor, at: datetime) -> Job:
    """Stop new proposals for a while; those that came stay.

    From: open. To: paused. Event: jobs.job_paused.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "pause_job")
    _turn(job, Status.PAUSED, at)
    record(kind="jobs.job_paused", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
    return job


@transaction.atomic
def resume_job(*, job_id: int, by: Actor, at: datetime) -> Job:
    """Take proposals again.

    From: paused. To: open. Event: jobs.job_resumed.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "resume_job")
    _turn(job, Status.OPEN, at)
    record(kind="jobs.job_resumed", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
    return job


@transaction.atomic
def close_job(*, job_id: int, by: Actor, at: datetime) -> Job:
    """End a job for good; offers that are out stay good, and bidders get their connects back if nobody was hired.

    From: open, paused. To: closed. Event: jobs.job_closed.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "close_job")
    return _end(job, Status.CLOSED, by=by, at=at)


@transaction.atomic
def record_hire(*, job_id: int, agreed: int | None = None, at: datetime) -> Job:
    """Count a hire, inside the transaction that makes the contract; the last one wanted fills the job.

    `agreed` is what a fixed price was agreed at, in minor units: others are shown what jobs of a kind cost.

    From: open, paused. To: the same, or filled. A job that ended while an offer was out keeps its state.
    Event: jobs.job_filled when it fills.

    Raises JobNotInState for a job that never opened or was removed.
    """
    job = Job.objects.locked(job_id)
    check_state(job, "record_hire")
    job.hires_made += 1
    job.save(update_fields=["hires_made"])
    note_hired(client_id=job.client_id)
    if agreed is not None:
        JobActivity.objects.filter(job=job).update(agreed=F("agreed") + agreed, agreed_hires=F("agreed_hires") + 1)
    if job.status in Job.LIVE:
        renew(job, at)
        job.save(update_fields=RENEWED)
        if job.hires_made >= job.hires_wanted:
            return fill(job, by=Actor.system(), at=at)
    return job


def fill(job: Job, *, by: Actor, at: datetime) -> Job:
    """End a live job that wants nobody more, inside a verb; the caller holds its lock. Event: jobs.job_filled."""
    return _end(job, Status.FILLED, by=by, at=at)


@transaction.atomic
def expire_job(*, job_id: int, at: datetime) -> Job:
    """End a job on which its client has not acted for 30 days; bidders get their connects back.

    From: open, paused. To: expired. Event: jobs.job_expired.

    Raises JobNotInState in any other state. A job that is not due yet is left as it is.
    """
    job = Job.objects.locked(job_id)
    check_state(job, "expire_job")
    if job.expires_at is None or job.expires_at > at:
        return job
    return _end(job, Status.EXPIRED, by=Actor.system(), at=at)


def expire_jobs(*, at: datetime) -> int:
    """Expire every job whose time is up; return how many."""
    due = Job.objects.live().filter(expires_at__lte=at).order_by("expires_at", "pk")
    return for_each(due, lambda pk: _expire_if_due(pk, at))


@transaction.atomic
def remind_expiring_job(*, job_id: int, at: datetime) -> Job:
    """Tell the client once that a job is about to expire.

    From and to: open, paused. Event: jobs.job_expiring.

    Raises JobNotInState in any other state. A job that is not due, or was told of, is left as it is.
    """
    job = Job.objects.locked(job_id)
    check_state(job, "remind_expiring_job")
    if job.expires_at is None or job.reminded_at is not None or job.expires_at > at + _notice():
        return job
    job.reminded_at = at
    job.save(update_fields=["reminded_at"])
    record(
        kind="jobs.job_expiring",
        actor=Actor.system(),
        subject=f"job:{job.pk}",
        scope=f"job:{job.pk}",
        at=at,
        expires_at=job.expires_at.isoformat(),
    )
    return job


def remind_expiring_jobs(*, at: datetime) -> int:
    """Tell the clients of jobs that expire within three days; return how many were told."""
    due = Job.objects.live().filter(expires_at__gt=at, expires_at__lte=at + _notice(), reminded_at=None)
    return for_each(due.order_by("pk"), lambda pk: _remind_if_due(pk, at))


def _notice() -> timedelta:
    return timedelta(days=rules().job_reminder_days)


@transaction.atomic
def _expire_if_due(job_id: int, at: datetime) -> int:
    job = Job.objects.locked(job_id)
    if job.status not in Job.LIVE:
        return 0
    return int(expire_job(job_id=job_id, at=at).status == Status.EXPIRED)


@transaction.atomic
def _remind_if_due(job_id: int, at: datetime) -> int:
    job = Job.objects.locked(job_id)
    if job.status not in Job.LIVE or job.reminded_at is not None:
        return 0
    return int(remind_expiring_job(job_id=job_id, at=at).reminded_at == at)


def _turn(job: Job, to: str, at: datetime) -> None:
    """Move a live job between open and paused; either is an act of the client."""
    job.status = to
    renew(job, at)
    job.save(update_fields=["status", *RENEWED])
    refresh_document(job.pk)


def _end(job: Job, to: str, *, by: Actor, at: datetime) -> Job:
    """End a live job: closed, filled or expired; the event is named after the state."""
    job.status, job.ended_at = to, at
    job.save(update_fields=["status", "ended_at"])
    refresh_document(job.pk)
    record(
        kind=f"jobs.job_{to}",
        actor=by,
        subject=f"job:{job.pk}",
        scope=f"job:{job.pk}",
        at=at,
        hires_made=job.hires_made,
    )
    return job
