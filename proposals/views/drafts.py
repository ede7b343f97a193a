"""Keeping what is typed for a job, and throwing it away."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from jobs.queries import job_for
from proposals.actions import delete_draft, save_draft
from proposals.forms import typed_proposal


@login_required
@require_POST
@limited("proposal_draft", limit=900, seconds=HOUR)
def proposal_draft(request: Request, job_id: int) -> HttpResponse:
    """Keep what is being typed, and say when it was kept, or why not; files wait until the form itself is sent."""
    job = job_for(request.actor, job_id)
    problem, status = "", 200
    try:
        save_draft(job_id=job.pk, content=typed_proposal(request.POST, job), by=request.actor, at=now())
    except NotAllowed:
        raise
    except DomainError as error:
        problem, status = error.message, error.status_code
    context = {"problem": problem, "saved_at": now()}
    return render(request, "proposals/_saved.html", context, status=status)


@login_required
@require_POST
@limited("proposal_draft_delete", limit=120, seconds=HOUR)
def proposal_draft_delete(request: Request, job_id: int) -> HttpResponse:
    """Throw a draft away."""
    delete_draft(job_id=job_for(request.actor, job_id).pk, by=request.actor, at=now())
    messages.success(request, _("The draft was deleted."))
    return redirect(reverse("proposals:mine") + "?tab=drafts")
