"""Why a verb on a job may be refused."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.machine import sources_of
from jobs.actions.terms import Problems
from jobs.models import Job
from jobs.permissions import can_manage_job, can_review_job, can_review_jobs


class JobNotInState(DomainError):
    """The job is not in a state from which this verb may start."""


class JobChanged(DomainError):
    """The job was changed after the page was opened."""


class JobIncomplete(DomainError):
    """The job lacks something that others need to know; `problems` says what, by field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(_("The job is not complete yet: %(first)s") % {"first": next(iter(problems.values()))[0]})
        self.problems = problems


class RatesOutOfOrder(DomainError):
    """The upper end of an hourly rate is not below the lower one, in drafts too."""


class DatesOutOfOrder(DomainError):
    """The work is not due before it starts, in drafts too."""


class ReasonMissing(DomainError):
    """Staff decide against a job only with a reason that its client can read."""


def check_manager(by: Actor, job: Job) -> None:
    """Raise NotAllowed unless `by` may change this job for its client."""
    if not can_manage_job(by, job):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))


def check_reviewer(by: Actor, job: Job) -> None:
    """Raise NotAllowed unless `by` may review this job."""
    if not can_review_jobs(by):
        raise NotAllowed(_("Only moderators review jobs."))
    if not can_review_job(by, job):
        raise NotAllowed(_("You belong or belonged to this client, so another moderator decides."))


def check_state(job: Job, verb: str) -> None:
    """Raise JobNotInState unless the table of the job lets `verb` start from its state."""
    if job.status not in sources_of(Job.TRANSITIONS, verb):
        raise JobNotInState(
            _("“%(title)s” is %(state)s now, so this can no longer be done.")
            % {"title": job.title, "state": job.get_status_display()}
        )


def check_version(job: Job, seen_version: int | None) -> None:
    """Raise JobChanged unless the job is as it was seen; None where nobody looked at a page first."""
    if seen_version is not None and job.version != seen_version:
        raise JobChanged(
            _("This job was changed after you opened the page. Look at it as it is now, then decide again.")
        )


def check_reason(reason: str) -> str:
    """Return the reason without spaces around it. Raises ReasonMissing where nothing is left."""
    if not reason.strip():
        raise ReasonMissing(_("Say why: the client reads it."))
    return reason.strip()
