"""Jobs that freelancers save and hide."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import NotAllowed
from core.limits import HOUR, limited
from jobs.actions import hide_job, save_job, unmark_job
from jobs.forms import HideForm
from jobs.models import JobMark
from jobs.permissions import can_mark_jobs
from jobs.queries import job_for, mark_counts, marks_of

PER_PAGE = 20


@login_required
@require_safe
def job_saved(request: Request) -> HttpResponse:
    """List the jobs that the reader's party saved, or those it hid."""
    _check(request)
    kind = JobMark.Kind.HIDDEN if request.GET.get("tab") == "hidden" else JobMark.Kind.SAVED
    counts = mark_counts(request.actor)
    context = {
        "tab": kind,
        "saved": counts.get(JobMark.Kind.SAVED, 0),
        "hidden": counts.get(JobMark.Kind.HIDDEN, 0),
        "page": Paginator(marks_of(request.actor, kind), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "jobs/saved.html", context)


@login_required
@require_POST
@limited("job_mark", limit=600, seconds=HOUR)
def job_save(request: Request, job_id: int) -> HttpResponse:
    """Save a job."""
    mark = save_job(job_id=job_id, by=request.actor, at=now())
    return _marked(request, job_id, mark.kind)


@login_required
@require_POST
@limited("job_mark", limit=600, seconds=HOUR)
def job_unmark(request: Request, job_id: int) -> HttpResponse:
    """Forget that a job was saved or hidden."""
    job = job_for(request.actor, job_id)
    unmark_job(job_id=job.pk, by=request.actor)
    return _marked(request, job_id, "")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("job_mark", limit=600, seconds=HOUR)
def job_hide(request: Request, job_id: int) -> HttpResponse:
    """Ask why, and hide a job."""
    job = job_for(request.actor, job_id)
    _check(request)
    form = HideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        hide_job(job_id=job.pk, reason=form.cleaned_data["reason"], by=request.actor, at=now())
        messages.success(request, _("The job is hidden. Your saved jobs have a list of hidden ones."))
        return redirect("jobs:list")
    is_refused = request.method == "POST"
    context = {"job": job, "form": form, "has_errors": is_refused}
    return render(request, "jobs/hide.html", context, status=422 if is_refused else 200)


def _check(request: Request) -> None:
    if not can_mark_jobs(request.actor):
        raise NotAllowed(_("Switch to your freelancer account to save or hide jobs."))


def _marked(request: Request, job_id: int, mark: str) -> HttpResponse:
    """Answer with the buttons of the job's page, or lead back to where the form was."""
    if request.htmx:
        return render(request, "jobs/_mark.html", {"job": job_for(request.actor, job_id), "mark": mark})
    if request.POST.get("back") in {JobMark.Kind.SAVED, JobMark.Kind.HIDDEN}:
        response = redirect("jobs:saved")
        response["Location"] += f"?tab={request.POST['back']}"
        return response
    return redirect("jobs:detail", job_id=job_id)
