"""How a draft comes before others: published, reviewed, sent back, removed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.actor import Actor
from events.actions import record
from jobs.actions.documents import refresh_document
from jobs.actions.lifetime import renew
from jobs.actions.price import connects_cost
from jobs.actions.refusals import (
    JobIncomplete,
    check_manager,
    check_reason,
    check_reviewer,
    check_state,
    check_version,
)
from jobs.actions.terms import term_problems
from jobs.models import Job
from jobs.queries import is_first_post


@transaction.atomic
def publish_job(*, job_id: int, seen_version: int | None = None, by: Actor, at: datetime) -> Job:
    """Let others see a complete draft; the first post of a client is read by staff before.

    The price of a proposal in connects is fixed here.

    From: draft. To: in review (first post), open (later ones). Event: jobs.job_submitted or jobs.job_opened.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state, JobChanged if the draft
    was saved since `seen_version`, JobIncomplete with what is missing, by field.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "publish_job")
    check_version(job, seen_version)
    problems = term_problems(job, job.skills.count())
    if problems:
        raise JobIncomplete(problems)
    job.connects_cost = connects_cost(job)
    job.review_note = ""
    job.submitted_at = at
    if is_first_post(job):
        job.status = Job.Status.IN_REVIEW
        job.save(update_fields=["status", "connects_cost", "review_note", "submitted_at"])
        record(kind="jobs.job_submitted", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
        return job
    return _open(job, by, at)


@transaction.atomic
def withdraw_job(*, job_id: int, by: Actor, at: datetime) -> Job:
    """Take a job back from review, to change it or to drop it.

    From: in review. To: draft. Event: jobs.job_withdrawn.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "withdraw_job")
    _back_to_draft(job)
    record(kind="jobs.job_withdrawn", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
    return job


@transaction.atomic
def approve_job(*, job_id: int, seen_version: int | None = None, by: Actor, at: datetime) -> Job:
    """Open a job that staff have read.

    From: in review. To: open, for 30 days. Event: jobs.job_opened.

    Raises NotAllowed if `by` does not review this job, JobNotInState in any other state, JobChanged if the client took
    it back and sent another version since `seen_version`.
    """
    job = Job.objects.locked(job_id)
    check_reviewer(by, job)
    check_state(job, "approve_job")
    check_version(job, seen_version)
    return _open(job, by, at)


@transaction.atomic
def send_back_job(*, job_id: int, reasons: str, seen_version: int | None = None, by: Actor, at: datetime) -> Job:
    """Give a job back to its client, with what must change before it can be opened.

    From: in review. To: draft, which shows the reasons. Event: jobs.job_sent_back.

    Raises NotAllowed if `by` does not review this job, JobNotInState in any other state, JobChanged as for approval,
    ReasonMissing without reasons.
    """
    job = Job.objects.locked(job_id)
    check_reviewer(by, job)
    check_state(job, "send_back_job")
    check_version(job, seen_version)
    _back_to_draft(job, note=check_reason(reasons))
    record(
        kind="jobs.job_sent_back",
        actor=by,
        subject=f"job:{job.pk}",
        scope=f"job:{job.pk}",
        at=at,
        reason=job.review_note,
    )
    return job


@transaction.atomic
def remove_job(*, job_id: int, reason: str, by: Actor, at: datetime) -> Job:
    """Take a job that breaks the rules away from everybody but its client and staff; bidders get their connects back.

    From: in review, open, paused. To: removed. Event: jobs.job_removed.

    Raises NotAllowed if `by` does not review this job, JobNotInState in any other state, ReasonMissing without one.
    """
    job = Job.objects.locked(job_id)
    check_reviewer(by, job)
    check_state(job, "remove_job")
    job.removal_reason = check_reason(reason)
    job.status, job.ended_at = Job.Status.REMOVED, at
    job.save(update_fields=["status", "ended_at", "removal_reason"])
    refresh_document(job.pk)
    record(
        kind="jobs.job_removed",
        actor=by,
        subject=f"job:{job.pk}",
        scope=f"job:{job.pk}",
        at=at,
        reason=job.removal_reason,
    )
    return job


def _open(job: Job, by: Actor, at: datetime) -> Job:
    job.status, job.posted_at = Job.Status.OPEN, at
    renew(job, at)
    job.save()
    refresh_document(job.pk)
    record(kind="jobs.job_opened", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
    return job


def _back_to_draft(job: Job, note: str = "") -> None:
    job.status, job.review_note = Job.Status.DRAFT, note
    job.submitted_at = job.connects_cost = None
    job.save(update_fields=["status", "review_note", "submitted_at", "connects_cost"])
