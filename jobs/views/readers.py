"""Who of the client's members reads a job."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import ReaderForm
from accounts.middleware import Request
from accounts.models import Membership
from accounts.queries import memberships_for
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from jobs.actions import add_job_reader, remove_job_reader
from jobs.permissions import can_manage_job
from jobs.queries import job_for, readers_of


@login_required
@require_http_methods(["GET", "POST"])
@limited("readers", limit=300, seconds=HOUR)
def job_readers(request: Request, job_id: int) -> HttpResponse:
    """Show which members read the job; add one, or take one off."""
    job = job_for(request.actor, job_id)
    if not can_manage_job(request.actor, job):
        raise NotAllowed(_("Your role in this account may not do this."))
    readers = list(readers_of(job))
    added = {reader.user_id for reader in readers}
    members = memberships_for(request.actor).filter(role=Membership.Role.MEMBER).exclude(user_id__in=added)
    form = ReaderForm(
        request.POST if request.method == "POST" and "remove" not in request.POST else None, members=members
    )
    if request.method == "POST":
        gone = next((reader for reader in readers if str(reader.user_id) == request.POST.get("remove")), None)
        try:
            if gone is not None:
                remove_job_reader(job_id=job.pk, user_id=gone.user_id, by=request.actor, at=now())
            elif form.is_bound and form.is_valid():
                add_job_reader(job_id=job.pk, user_id=int(form.cleaned_data["user"]), by=request.actor, at=now())
            if gone is not None or "remove" in request.POST or not form.errors:
                return redirect("jobs:readers", job_id=job.pk)
        except DomainError as error:
            form.add_error(None, error.message)
    context = {
        "form": form,
        "readers": readers,
        "has_members": members.exists(),
        "title": job.title,
        "language": job.language,
        "back": reverse("jobs:detail", kwargs={"job_id": job.pk}),
    }
    return render(request, "accounts/readers.html", context, status=422 if form.errors else 200)
