"""What jobs do when something happens on them or below."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from jobs.actions import expire_invitations_of, note_payment_verified
from jobs.models import Job
from jobs.queries import open_job_count
from payments.models import PaymentMethod
from profiles.actions import count_job_ended, count_job_posted, lock_facts, set_open_jobs


@handles("jobs.job_opened")
def count_posted(event: Event) -> None:
    """Count a job that opened among those its client has posted."""
    job = Job.objects.only("client_id").get(pk=event.subject_id)
    count_job_posted(party_id=job.client_id, at=event.at)


@handles("jobs.job_filled", "jobs.job_closed", "jobs.job_expired")
def count_ended(event: Event) -> None:
    """Count a job that ended among those of its client; one that staff removed is no choice of the client's."""
    job = Job.objects.only("client_id").get(pk=event.subject_id)
    count_job_ended(party_id=job.client_id, hires_made=event.data["hires_made"], at=event.at)


@handles(
    "jobs.job_opened",
    "jobs.job_paused",
    "jobs.job_resumed",
    "jobs.job_filled",
    "jobs.job_closed",
    "jobs.job_expired",
    "jobs.job_removed",
    "jobs.job_edited",
)
def count_open(event: Event) -> None:
    """Note how many jobs of a client are open, as it is now: events may come late or in another order."""
    job = Job.objects.only("client_id").get(pk=event.subject_id)
    facts = lock_facts(job.client_id)
    set_open_jobs(facts=facts, number=open_job_count(job.client_id), at=event.at)


@handles("payments.method_added", "payments.method_removed")
def filter_by_verified(event: Event) -> None:
    """Let the list's filter find a client's jobs by whether the client has a card."""
    method = PaymentMethod.objects.only("party_id").get(pk=event.subject_id)
    note_payment_verified(client_id=method.party_id)


@handles("jobs.job_closed", "jobs.job_expired", "jobs.job_removed", "jobs.job_filled")
def expire_with_the_job(event: Event) -> None:
    """End the invitations that wait on a job that has ended."""
    expire_invitations_of(job_id=int(event.subject_id), at=event.at)
