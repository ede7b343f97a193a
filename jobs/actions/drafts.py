"""Writing a job before anybody else sees it, and changing the words of one that is open."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotAllowed
from core.product import rules
from events.actions import record
from files.actions import replace_files
from jobs.actions.documents import refresh_document
from jobs.actions.lifetime import fill, renew
from jobs.actions.refusals import (
    DatesOutOfOrder,
    JobIncomplete,
    JobNotInState,
    RatesOutOfOrder,
    check_manager,
    check_state,
    check_version,
)
from jobs.actions.risks import note_risks
from jobs.actions.terms import JobTerms, JobTexts, text_problems
from jobs.models import ATTACHMENT, Job, JobActivity
from jobs.permissions import can_post_job

#: Kept beside the row of the job.
APART = {"skill_ids", "file_ids"}
TEXT_FIELDS = tuple(field.name for field in fields(JobTexts) if field.name not in APART)
TERM_FIELDS = tuple(field.name for field in fields(JobTerms) if field.name not in APART)


@transaction.atomic
def start_draft(*, client_id: int, terms: JobTerms, import_key: str | None = None, by: Actor, at: datetime) -> Job:
    """Begin a job that only its client sees; everything but the title may still be missing.

    To: draft. Event: jobs.job_drafted.

    Raises NotAllowed if `by` may not post jobs for this client, RatesOutOfOrder, DatesOutOfOrder, FileGone if an
    upload is no longer there.
    """
    if not can_post_job(by, client_id):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can post jobs."))
    job = Job(client_id=client_id, currency=rules().currency, created_at=at, import_key=import_key)
    _write_terms(job, terms)
    job.save()
    _write_rest(job, terms, by, at)
    JobActivity.objects.create(job=job)
    record(kind="jobs.job_drafted", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
    return job


@transaction.atomic
def copy_job(*, job_id: int, by: Actor, at: datetime) -> Job:
    """Begin a draft that says what another job of the same client says: to post it again, or as a template.

    Files and days are left out: uploads belong to one job, and days pass. Numbers that rules have lowered since are
    put right before the draft is published, as in any draft.

    From: nothing; the job that is copied may be in any state but a deleted draft, and stays as it is. To: draft.
    Event: jobs.job_drafted, with the job it was copied from.

    Raises NotAllowed if `by` may not act for the client, JobNotInState for a draft that was deleted.
    """
    source = Job.objects.locked(job_id)
    check_manager(by, source)
    if source.status == Job.Status.REMOVED and not source.removal_reason:
        raise JobNotInState(_("This draft was deleted, so it can no longer be copied."))
    names = [name for name in TERM_FIELDS if name not in {"starts_on", "due_on", "questions"}]
    terms = JobTerms(
        **{name: getattr(source, name) for name in names},
        questions=tuple(source.questions),
        skill_ids=tuple(source.skills.order_by("pk").values_list("pk", flat=True)),
    )
    job = Job(client_id=source.client_id, currency=rules().currency, created_at=at)
    _write_terms(job, terms)
    job.save()
    _write_rest(job, terms, by, at)
    JobActivity.objects.create(job=job)
    record(
        kind="jobs.job_drafted",
        actor=by,
        subject=f"job:{job.pk}",
        scope=f"job:{job.pk}",
        at=at,
        copied_from=source.pk,
    )
    return job


@transaction.atomic
def edit_draft(*, job_id: int, terms: JobTerms, seen_version: int | None = None, by: Actor, at: datetime) -> Job:
    """Replace what a draft says.

    From: draft. To: draft. Event: none, a draft is nobody else's business.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state, JobChanged if the draft
    was saved elsewhere since `seen_version`, RatesOutOfOrder, DatesOutOfOrder.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "edit_draft")
    check_version(job, seen_version)
    _write_terms(job, terms)
    job.version += 1
    job.save()
    _write_rest(job, terms, by, at)
    return job


@transaction.atomic
def delete_draft(*, job_id: int, by: Actor, at: datetime) -> Job:
    """Throw a draft away: nobody sees it any more.

    From: draft. To: removed. Event: jobs.job_deleted.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "delete_draft")
    job.status, job.ended_at = Job.Status.REMOVED, at
    job.save(update_fields=["status", "ended_at"])
    record(kind="jobs.job_deleted", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at)
    return job


@transaction.atomic
def edit_job(*, job_id: int, texts: JobTexts, seen_version: int | None = None, by: Actor, at: datetime) -> Job:
    """Change the words of an open or paused job, who sees it, and how many people are wanted.

    What bids were made on stays as it is: kind, money, duration, load, level, questions, and with them the price
    in connects. It is an act of the client: the 30 days begin anew. The risk rules read it again, for staff: it stays
    open, and shows in their list by its weight.

    From: open, paused. To: the same; filled where no more are wanted than were hired.
    Event: jobs.job_edited; jobs.job_filled.

    Raises NotAllowed if `by` may not act for the client, JobNotInState in any other state, JobChanged if the job was
    changed since `seen_version`, JobIncomplete for words that could not have been published, contact data among them,
    and for hiding a job from people who have seen it.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    check_state(job, "edit_job")
    check_version(job, seen_version)
    was_for = job.visibility
    for name in TEXT_FIELDS:
        setattr(job, name, getattr(texts, name))
    problems = text_problems(job, len(texts.skill_ids))
    if job.visibility == Job.Visibility.INVITED != was_for:
        problems["visibility"] = [
            _("Others have seen this job already. Close it and post it again for those you invite.")
        ]
    if problems:
        raise JobIncomplete(problems)
    note_risks(job, at)
    job.version += 1
    renew(job, at)
    job.save()
    _write_rest(job, texts, by, at)
    refresh_document(job.pk)
    record(kind="jobs.job_edited", actor=by, subject=f"job:{job.pk}", scope=f"job:{job.pk}", at=at, version=job.version)
    return fill(job, by=by, at=at) if job.hires_made >= job.hires_wanted else job


def _write_terms(job: Job, terms: JobTerms) -> None:
    """Copy the terms onto the job, without the figures that its kind of pay has no use for.

    Raises RatesOutOfOrder, DatesOutOfOrder.
    """
    for name in TERM_FIELDS:
        setattr(job, name, getattr(terms, name))
    job.questions = list(terms.questions)
    if job.kind == Job.Kind.FIXED:
        job.rate_low = job.rate_high = None
    else:
        job.budget = None
    if job.rate_low is not None and job.rate_high is not None and job.rate_low > job.rate_high:
        raise RatesOutOfOrder(_("Enter a rate that is not below the first one."))
    if job.starts_on is not None and job.due_on is not None and job.due_on < job.starts_on:
        raise DatesOutOfOrder(_("Enter a day that is not before the start."))


def _write_rest(job: Job, texts: JobTexts, by: Actor, at: datetime) -> None:
    """Set the skills and the files of the job."""
    job.skills.set(texts.skill_ids)
    replace_files(file_ids=texts.file_ids, kind=ATTACHMENT, ref=job.pk, by=by, at=at)
