"""What a client decides about a job: each has a page that says what will happen, and a post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from core.actor import Actor
from core.clock import now
from core.errors import DomainError
from core.limits import HOUR, limited
from core.machine import sources_of
from core.product import rules
from jobs.actions import close_job, delete_draft, pause_job, publish_job, resume_job, withdraw_job
from jobs.forms import VersionForm
from jobs.models import Job
from jobs.views.writing import managed_job, preview

CONFIRMS = ["GET", "HEAD", "POST"]


class Verb(Protocol):
    """An action on a job that needs nothing but the job."""

    __name__: str

    def __call__(self, *, job_id: int, by: Actor, at: datetime) -> Job:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the page before an action says, and what is said after it. `text` may name the `days` a job stays open."""

    verb: Verb
    title: Promise
    text: Promise
    button: Promise
    done: Promise
    is_final: bool = False


PAUSE = Decision(
    pause_job,
    gettext_lazy("Pause this job?"),
    gettext_lazy("It leaves the list and takes no new proposals. Those you have stay, and you can resume at any time."),
    gettext_lazy("Pause the job"),
    gettext_lazy("The job is paused."),
)
RESUME = Decision(
    resume_job,
    gettext_lazy("Resume this job?"),
    ngettext_lazy(
        "It is in the list again and takes proposals. It stays open for %(days)d day after your last act.",
        "It is in the list again and takes proposals. It stays open for %(days)d days after your last act.",
        "days",
    ),
    gettext_lazy("Resume the job"),
    gettext_lazy("The job is open again."),
)
CLOSE = Decision(
    close_job,
    gettext_lazy("Close this job?"),
    gettext_lazy(
        "It ends for good and its proposals are closed. If you hired nobody, freelancers get their connects back. "
        "Offers that are out stay good until they are answered."
    ),
    gettext_lazy("Close the job"),
    gettext_lazy("The job is closed."),
    is_final=True,
)
DELETE = Decision(
    delete_draft,
    gettext_lazy("Delete this draft?"),
    gettext_lazy("It is gone for good. Nobody but your team has seen it."),
    gettext_lazy("Delete the draft"),
    gettext_lazy("The draft is deleted."),
    is_final=True,
)
WITHDRAW = Decision(
    withdraw_job,
    gettext_lazy("Take this job back from review?"),
    gettext_lazy("It becomes a draft that you can change and publish again. The review then starts anew."),
    gettext_lazy("Take back from review"),
    gettext_lazy("The job is a draft again."),
)


@login_required
@require_POST
@limited("job_publish", limit=60, seconds=HOUR)
def job_publish(request: Request, job_id: int) -> HttpResponse:
    """Publish the draft that the preview showed."""
    job = managed_job(request, job_id)
    form = VersionForm(request.POST)
    seen = form.cleaned_data["seen_version"] if form.is_valid() else 0
    try:
        job = publish_job(job_id=job_id, seen_version=seen, by=request.actor, at=now())
    except DomainError as error:
        if job.status == Job.Status.DRAFT:
            return preview(request, job, error)
        raise
    if job.status == Job.Status.OPEN:
        messages.success(request, _("Your job is open. Proposals arrive in its inbox."))
    else:
        messages.success(request, _("Your job was sent to review. We tell you as soon as it is open."))
    return redirect("jobs:detail", job_id=job.pk)


@login_required
@require_http_methods(CONFIRMS)
def job_pause(request: Request, job_id: int) -> HttpResponse:
    """Stop taking proposals for a while."""
    return _decide(request, job_id, PAUSE)


@login_required
@require_http_methods(CONFIRMS)
def job_resume(request: Request, job_id: int) -> HttpResponse:
    """Take proposals again."""
    return _decide(request, job_id, RESUME)


@login_required
@require_http_methods(CONFIRMS)
def job_close(request: Request, job_id: int) -> HttpResponse:
    """End a job for good."""
    return _decide(request, job_id, CLOSE)


@login_required
@require_http_methods(CONFIRMS)
def job_delete(request: Request, job_id: int) -> HttpResponse:
    """Throw a draft away."""
    return _decide(request, job_id, DELETE)


@login_required
@require_http_methods(CONFIRMS)
def job_withdraw(request: Request, job_id: int) -> HttpResponse:
    """Take a job back from review."""
    return _decide(request, job_id, WITHDRAW)


def _decide(request: Request, job_id: int, decision: Decision) -> HttpResponse:
    """Ask on GET, act on POST; a page that came too late says so and offers no button."""
    job = managed_job(request, job_id)
    refusal = ""
    if request.method == "POST":
        try:
            decision.verb(job_id=job_id, by=request.actor, at=now())
        except DomainError as error:
            refusal = error.message
        else:
            messages.success(request, str(decision.done))
            return redirect("jobs:mine") if decision is DELETE else redirect("jobs:detail", job_id=job.pk)
    can_act = job.status in sources_of(Job.TRANSITIONS, decision.verb.__name__)
    context = {
        "job": job,
        "decision": decision,
        "text": decision.text % {"days": rules().job_days},
        "refusal": refusal,
        "can_act": can_act,
        "has_errors": bool(refusal),
    }
    return render(request, "jobs/confirm.html", context, status=409 if refusal or not can_act else 200)
