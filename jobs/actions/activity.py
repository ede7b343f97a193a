"""What the apps above count on a job for its page."""

from __future__ import annotations

from datetime import datetime

from jobs.actions.documents import note_proposals
from jobs.models import JobActivity


def record_activity(*, job_id: int, proposals: int, unanswered: int, interviewing: int = 0) -> None:
    """Set how many proposals a job has, how many its client has not opened yet, and with how many people it talks."""
    counted = {"proposals": proposals, "unanswered": unanswered, "interviewing": interviewing}
    JobActivity.objects.filter(job_id=job_id).update(**counted)
    note_proposals(job_id=job_id, proposals=proposals)


def mark_viewed_by_client(*, job_id: int, at: datetime) -> None:
    """Note that the client looked at the job's proposals."""
    JobActivity.objects.filter(job_id=job_id).update(viewed_at=at)
