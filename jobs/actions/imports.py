"""Posting a row of a file through the verbs of the form."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.actor import Actor
from jobs.actions.drafts import start_draft
from jobs.actions.publishing import approve_job, publish_job
from jobs.actions.terms import JobTerms
from jobs.models import Job


@transaction.atomic
def import_job(
    *, client_id: int, terms: JobTerms, key: str, is_priced: bool, approver: Actor, by: Actor, at: datetime
) -> Job:
    """Post one imported row, or keep it as a draft where it names no price; all of it, or nothing.

    To: draft without a price, else open: what lands in review is approved by `approver`. Events: those of the verbs.

    Raises what `start_draft`, `publish_job` and `approve_job` raise; IntegrityError if the row was imported meanwhile.
    """
    job = start_draft(client_id=client_id, terms=terms, by=by, at=at, import_key=key)
    if not is_priced:
        return job
    job = publish_job(job_id=job.pk, by=by, at=at)
    if job.status == Job.Status.IN_REVIEW:
        job = approve_job(job_id=job.pk, by=approver, at=at)
    return job
