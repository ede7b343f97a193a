"""What the risk rules found in a post, kept on it for staff."""

from __future__ import annotations

from datetime import datetime

from jobs.models import Job
from jobs.queries import risks_in, weight_of


def note_risks(job: Job, at: datetime) -> None:
    """Keep on the row what the risk rules find in a post as it is now, inside a verb; the caller saves it."""
    risks = risks_in(job, at=at)
    job.risks, job.risk_weight = [risk.as_data() for risk in risks], weight_of(risks)
