"""What reports do when staff decide about a thing on its own screen."""

from __future__ import annotations

from events.models import Event
from events.registry import handles
from trust.actions import hear_decision
from trust.models import ReportCase
from trust.queries import open_cases

Decision = ReportCase.Decision


@handles("jobs.job_removed")
def answer_with_the_job(event: Event) -> None:
    """Close the case of a job that was removed."""
    _answer(event, Decision.REMOVED, job_id=event.subject_id)


@handles("profiles.profile_changes_requested")
def answer_with_the_profile(event: Event) -> None:
    """Close the case of a profile that was sent back."""
    _answer(event, Decision.SENT_BACK, profile_id=event.subject_id)


@handles("accounts.about_cleared")
def answer_with_the_page(event: Event) -> None:
    """Close the case of a client's page whose text was taken down."""
    _answer(event, Decision.CLEARED, party_id=event.subject_id)


def _answer(event: Event, decision: str, **thing: int) -> None:
    """Close the case that was open when staff acted; what was reported later is about something else."""
    case = open_cases(**thing).filter(opened_at__lte=event.at).first()
    if case is not None:
        hear_decision(
            case_id=case.pk, decision=decision, reason=event.reason, decided_by_id=event.actor_user_id, at=event.at
        )
