"""Deleting posts for good, with everything on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from files.actions import drop_files
from jobs.models import ATTACHMENT, Invitation, Job


def forget_jobs(*, job_ids: Iterable[int], at: datetime) -> None:
    """Delete posts on which nothing of anybody else hangs, with their files (inner; the rows are locked)."""
    for job_id in job_ids:
        drop_files(kind=ATTACHMENT, ref=job_id, at=at)
        Invitation.objects.filter(job_id=job_id).delete()
        Job.objects.filter(pk=job_id).delete()
