"""Writing a post: new, changed, and previewed exactly as others will see it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.admin import first_error
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from core.once import once, token_again
from core.product import rules
from files.forms import FilesField, token_of
from files.queries import files_of
from jobs.actions import (
    JobChanged,
    JobIncomplete,
    JobNotInState,
    connects_cost,
    copy_job,
    edit_draft,
    edit_job,
    start_draft,
    term_problems,
)
from jobs.forms import JobForm, JobTextsForm, post_form
from jobs.models import ATTACHMENT, Job
from jobs.permissions import can_manage_job, can_post_job
from jobs.queries import initial_of, is_first_post, job_for, job_skills, job_templates, jobs_of
from jobs.views.prices import PriceChart, chart_for
from jobs.views.public import page_of
from taxonomy.queries import categories

WRITES = ["GET", "HEAD", "POST"]
#: Earlier jobs that the page of a new one offers to start from.
TEMPLATES = 5


@login_required
@require_http_methods(WRITES)
@limited("job_new", limit=60, seconds=HOUR)
def job_new(request: Request) -> HttpResponse:
    """Begin a post."""
    client_id = request.actor.party_id
    if client_id is None or not can_post_job(request.actor, client_id):
        raise NotAllowed(_("Only clients post jobs. Switch to your client account, or ask its owner."))
    if request.POST.get("draft", "").isdecimal():  # saved by itself meanwhile
        return job_edit(request, int(request.POST["draft"]))
    form = JobForm(
        request.POST or None, request.FILES or None, by=request.actor, initial=_start(request.GET.get("template", ""))
    )
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, None, status=422 if request.method == "POST" else 200)
    try:
        terms, at = form.terms(), now()
        job_id = once(
            token=request.POST.get("form_token", ""),
            user_id=request.actor.person_id,
            content=replace(terms, file_ids=()),  # a file that is sent twice is another upload
            at=at,
            make=lambda: start_draft(client_id=client_id, terms=terms, by=request.actor, at=at).pk,
        )
    except DomainError as error:
        return _form(request, form, None, error=error)
    return _after_saving(request, job_for(request.actor, job_id))


@login_required
@require_http_methods(WRITES)
def job_edit(request: Request, job_id: int) -> HttpResponse:
    """Change a draft, or the words of an open job."""
    job = managed_job(request, job_id)
    if job.status not in {Job.Status.DRAFT, *Job.LIVE}:
        raise JobNotInState(
            _("This job is in review. Take it back first to change it.")
            if job.status == Job.Status.IN_REVIEW
            else _("This job has ended, so it can no longer be changed.")
        )
    if request.method != "POST":
        form = _checked_form(job, request) if "check" in request.GET else post_form(job, request.actor)
        return _form(request, form, job)
    form = post_form(job, request.actor, request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form, job, status=422)
    seen = form.cleaned_data["seen_version"] or 0
    try:
        if isinstance(form, JobForm):
            job = edit_draft(job_id=job.pk, terms=form.terms(), seen_version=seen, by=request.actor, at=now())
            return _after_saving(request, job)
        edit_job(job_id=job.pk, texts=form.texts(), seen_version=seen, by=request.actor, at=now())
    except JobIncomplete as error:
        form.add_problems(error.problems)
        return _form(request, form, job, status=422)
    except DomainError as error:
        return _form(request, form, job, error=error)
    messages.success(request, _("Your changes are live."))
    return redirect("jobs:detail", job_id=job.pk)


@login_required
@require_POST
@limited("job_autosave", limit=900, seconds=HOUR)
def job_autosave(request: Request) -> HttpResponse:
    """Save a draft while it is written, and answer with what the form must know of it; a new one is begun."""
    client_id = request.actor.party_id
    if client_id is None or not can_post_job(request.actor, client_id):
        raise NotAllowed(_("Only clients post jobs. Switch to your client account, or ask its owner."))
    key = request.POST.get("draft", "")
    job = managed_job(request, int(key)) if key.isdecimal() else None
    form = JobForm(request.POST, job=job, by=request.actor)
    if not form.is_valid():
        return _saved(request, job, problem=first_error(form))
    terms, at = form.terms(), now()
    try:
        if job is None:
            job_id = once(
                token=request.POST.get("form_token", ""),
                user_id=request.actor.person_id,
                content="autosave",
                at=at,
                make=lambda: start_draft(client_id=client_id, terms=terms, by=request.actor, at=at).pk,
            )
            job = job_for(request.actor, job_id)
        else:
            seen = form.cleaned_data["seen_version"] or 0
            job = edit_draft(job_id=job.pk, terms=terms, seen_version=seen, by=request.actor, at=at)
    except DomainError as error:
        return _saved(request, job, problem=error.message)
    response = _saved(request, job)
    if not key:
        response["HX-Replace-Url"] = reverse("jobs:edit", args=[job.pk])
    return response


@login_required
@require_POST
@limited("job_copy", limit=60, seconds=HOUR)
def job_copy(request: Request, job_id: int) -> HttpResponse:
    """Begin a draft from another job of the same client."""
    job = copy_job(job_id=managed_job(request, job_id).pk, by=request.actor, at=now())
    messages.success(request, _("This is a new draft with the words of the other job. Files and days are left out."))
    return redirect("jobs:edit", job_id=job.pk)


@login_required
@require_safe
def job_preview(request: Request, job_id: int) -> HttpResponse:
    """Show a draft exactly as others will see it, what a proposal will cost, and the button that publishes it."""
    job = managed_job(request, job_id)
    if job.status != Job.Status.DRAFT:
        return redirect("jobs:detail", job_id=job.pk)
    return preview(request, job)


def preview(request: Request, job: Job, error: DomainError | None = None) -> HttpResponse:
    """Render the preview of a draft, with why it was not published if that was tried."""
    skills = job_skills(job, request.actor)
    page = page_of(job, skills, files_of(ATTACHMENT, job.pk), request)
    problems = term_problems(job, len(skills))
    context = {
        **page,
        "is_preview": True,
        "problems": [message for several in problems.values() for message in several],
        "cost": connects_cost(job),
        "review_hours": rules().job_review_hours,
        "job_days": rules().job_days,
        "is_first": is_first_post(job),
        "refusal": error.message if error else "",
        "has_errors": error is not None,
    }
    return render(request, "jobs/detail.html", context, status=error.status_code if error else 200)


def managed_job(request: Request, job_id: int) -> Job:
    """Return a job whose client the reader may act for. Raises NotFound or NotAllowed."""
    job = job_for(request.actor, job_id)
    if not can_manage_job(request.actor, job):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))
    return job


def _start(key: str) -> dict[str, Any]:
    """Return what the form begins with: the template of this key in the reader's language, or nothing."""
    chosen = next((each for each in job_templates(get_language() or "en") if each.key == key), None) if key else None
    return initial_of(chosen) if chosen else {}


def _after_saving(request: Request, job: Job) -> HttpResponse:
    """Lead on: to the preview, or to what is still missing for it, or to the draft that was saved."""
    if "preview" not in request.POST:
        messages.success(request, _("Your draft is saved. Only you and your team see it."))
        return redirect("jobs:edit", job_id=job.pk)
    if term_problems(job, job.skills.count()):
        return redirect(f"{reverse('jobs:edit', args=[job.pk])}?check=1")
    return redirect("jobs:preview", job_id=job.pk)


def _checked_form(job: Job, request: Request) -> JobTextsForm:
    """Return the form of a saved draft as if it had just been sent, with what it lacks beside each field."""
    shown = post_form(job, request.actor)
    data = QueryDict(mutable=True)
    for bound in shown:
        if isinstance(bound.field, FilesField):
            data.setlist(f"{bound.name}_kept", [token_of(file, request.actor) for file in bound.value() or []])
        elif bound.value() is not None:
            data[bound.name] = str(bound.value())
    form = post_form(job, request.actor, data)
    form.is_valid()
    form.add_problems(term_problems(job, job.skills.count()) if job.status == Job.Status.DRAFT else {})
    return form


def _form(
    request: Request, form: JobTextsForm, job: Job | None, *, error: DomainError | None = None, status: int = 200
) -> HttpResponse:
    """Render the form with what was typed. After another page saved the job, the next save replaces that version."""
    if isinstance(error, JobChanged) and job is not None:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["seen_version"] = str(job.version)  # type: ignore[index]
    context: dict[str, Any] = {
        "form": form,
        "job": job,
        "is_draft": job is None or job.status == Job.Status.DRAFT,
        "refusal": error.message if error else "",
        "is_stale": isinstance(error, JobChanged),
        "has_errors": bool(form.errors) or error is not None,
        "rules": rules(),
        "chart": _chart(request, form, job),
        "draft_id": request.POST.get("draft", "") if job is None else job.pk,
        "starts": job_templates(get_language() or "en") if job is None else [],
        "template": request.GET.get("template", ""),
        "templates": jobs_of(request.actor.party_id)[:TEMPLATES] if job is None and request.actor.party_id else [],
        "form_token": "" if job else token_again(request.POST.get("form_token", ""), error),
    }
    return render(request, "jobs/form.html", context, status=error.status_code if error else status)


def _chart(request: Request, form: JobTextsForm, job: Job | None) -> PriceChart | None:
    """Return what others pay for the category and way of paying that the form shows; None before one is chosen."""
    if not isinstance(form, JobForm):
        return None
    client_id = job.client_id if job else request.actor.party_id
    slug = form["category"].value()
    category_id = next((each.pk for each in categories() if slug and each.slug == slug), None)
    if client_id is None or category_id is None:
        return None
    kind = form["kind"].value()
    return chart_for(client_id, category_id, kind if kind in Job.Kind.values else Job.Kind.FIXED)


def _saved(request: Request, job: Job | None, *, problem: str = "") -> HttpResponse:
    """Render what the form of a draft knows of what was saved: the draft, its version, and why not if it was not."""
    typed = request.POST.get("seen_version", "")
    version = typed if problem or job is None else job.version
    context = {"draft_id": job.pk if job else "", "version": version, "problem": problem, "saved_at": now()}
    return render(request, "jobs/_autosave.html", context, status=422 if problem else 200)
