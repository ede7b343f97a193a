"""What jobs do when something happens on them or below."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from jobs.actions import expire_invitations_of, note_payment_verified
from jobs.models import Job
from payments.models import PaymentMethod
from profiles.actions import count_job_posted


@handles("jobs.job_opened")
def count_posted(event: Event) -> None:
    """Count a job that opened among those its client has posted."""
    job = Job.objects.only("client_id").get(pk=event.subject_id)
    count_job_posted(party_id=job.client_id, at=event.at)


@handles("payments.method_added", "payments.method_removed")
def filter_by_verified(event: Event) -> None:
    """Let the list's filter find a client's jobs by whether the client has a card."""
    method = PaymentMethod.objects.only("party_id").get(pk=event.subject_id)
    note_payment_verified(client_id=method.party_id)


@handles("jobs.job_closed", "jobs.job_expired", "jobs.job_removed", "jobs.job_filled")
def expire_with_the_job(event: Event) -> None:
    """End the invitations that wait on a job that has ended."""
    expire_invitations_of(job_id=int(event.subject_id), at=event.at)
