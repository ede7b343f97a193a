"""What proposals do when something happens below."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from jobs.actions import record_activity
from jobs.models import Job
from payments.actions import issue_sale_invoice
from profiles.actions import count_proposal_received, lock_facts, set_answers
from profiles.models import Profile
from proposals.actions import (
    close_proposal,
    compare_letter,
    drop_interviews,
    forget_drafts_on,
    grant_welcome,
    return_reason,
    tell_proposals_of_end,
)
from proposals.models import ConnectSpend, Proposal
from proposals.queries import answers_of, proposal_counts


@handles("profiles.profile_approved")
def give_welcome_connects(event: Event) -> None:
    """Give a party its welcome connects with the first approval of its profile."""
    profile = Profile.objects.only("party_id").get(pk=event.subject_id)
    grant_welcome(party_id=profile.party_id, at=event.at)


@handles("proposals.connects_bought")
def invoice_the_connects(event: Event) -> None:
    """Issue the operator's invoice for connects."""
    issue_sale_invoice(charge_id=event.data["charge"], at=event.at)


@handles("jobs.job_closed", "jobs.job_expired", "jobs.job_removed", "jobs.job_filled")
def close_with_the_job(event: Event) -> None:
    """Have a job's live proposals closed; connects come back where nobody was hired through no fault of the bidders.

    What counts is who was hired when the job ended: an offer that was out may have been accepted since.
    """
    job = Job.objects.get(pk=event.subject_id)
    job.hires_made = event.data.get("hires_made", job.hires_made)
    tell_proposals_of_end(job_id=job.pk, reason=return_reason(job), at=event.at)


@handles("jobs.job_closed", "jobs.job_expired", "jobs.job_removed", "jobs.job_filled")
def forget_what_was_begun(event: Event) -> None:
    """Delete the drafts of proposals for a job that has ended."""
    forget_drafts_on(job_id=event.subject_id, at=event.at)


@handles("jobs.job_closed", "jobs.job_expired", "jobs.job_removed", "jobs.job_filled")
def drop_interviews_with_the_job(event: Event) -> None:
    """Cancel the interviews planned on a job that has ended, but with those who have an offer or a contract."""
    drop_interviews(job_id=event.subject_id, at=event.at)


@handles("proposals.proposal_withdrawn", "proposals.proposal_declined", "proposals.proposal_closed")
def drop_interviews_with_the_proposal(event: Event) -> None:
    """Cancel the interview that is planned about a proposal that has ended, also after an offer outlived its job."""
    proposal = Proposal.objects.only("job_id", "party_id").get(pk=event.subject_id)
    drop_interviews(job_id=proposal.job_id, party_id=proposal.party_id, at=event.at)


@handles("proposals.job_ended")
def close_after_the_job(event: Event) -> None:
    """Close one proposal of a job that has ended."""
    code = event.data["reason_code"]
    reason = ConnectSpend.Reason(code) if code else None
    close_proposal(proposal_id=event.subject_id, reason=reason, at=event.at)


@handles(
    "proposals.proposal_submitted",
    "proposals.proposal_viewed",
    "proposals.proposal_interviewing",
    "proposals.proposal_withdrawn",
    "proposals.proposal_declined",
    "proposals.proposal_closed",
)
def count_on_the_job(event: Event) -> None:
    """Count a job's proposals afresh for its activity block."""
    job_id = event.scope_id
    record_activity(job_id=job_id, **proposal_counts(job_id))


@handles("proposals.proposal_submitted")
def count_received(event: Event) -> None:
    """Count a proposal among those its client received."""
    job = Job.objects.only("client_id").get(pk=event.scope_id)
    count_proposal_received(party_id=job.client_id, at=event.at)


@handles("proposals.proposal_answered")
def count_answered(event: Event) -> None:
    """Note how many proposals a client has answered and how soon, as it is now."""
    client_id = Job.objects.only("client_id").get(pk=event.scope_id).client_id
    facts = lock_facts(client_id)
    answered, minutes = answers_of(client_id)
    set_answers(facts=facts, answered=answered, minutes=minutes, at=event.at)


@handles("proposals.proposal_submitted", "proposals.letter_edited")
def compare_with_other_letters(event: Event) -> None:
    """Find out how much of the letter was sent elsewhere."""
    compare_letter(proposal_id=event.subject_id, at=event.at)
