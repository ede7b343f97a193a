"""Reporting something, and reading what came of one's reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from core.product import rules
from jobs.queries import client_for, job_for
from profiles.queries import profile_for_public
from trust.actions import report_client, report_job, report_profile
from trust.forms import ReportForm
from trust.models import Report, ReportCase
from trust.permissions import can_report
from trust.queries import open_report, report_for, reports_for, thing_name

PER_PAGE = 20
WRITES = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Reported:
    """The thing that somebody is about to report: its words, its page, its owner and its key."""

    kind: str
    name: str
    language: str
    url: str
    owner_id: int
    key: dict[str, int]


@login_required
@require_http_methods(WRITES)
@limited("report", limit=60, seconds=HOUR)
def report_of_job(request: Request, job_id: int) -> HttpResponse:
    """Report a job."""
    job = job_for(request.actor, job_id)
    thing = Reported(
        ReportCase.Kind.JOB,
        job.title,
        job.language,
        reverse("jobs:detail", args=[job.pk]),
        job.client_id,
        {"job_id": job.pk},
    )
    return _report(
        request,
        thing,
        lambda reason, text: report_job(job_id=job.pk, reason=reason, text=text, by=request.actor, at=now()),
    )


@login_required
@require_http_methods(WRITES)
@limited("report", limit=60, seconds=HOUR)
def report_of_profile(request: Request, slug: str) -> HttpResponse:
    """Report a profile."""
    profile = profile_for_public(request.actor, slug)
    thing = Reported(
        ReportCase.Kind.PROFILE,
        profile.party.public_name,
        "",
        reverse("profiles:public", args=[profile.slug]),
        profile.party_id,
        {"profile_id": profile.pk},
    )
    return _report(
        request,
        thing,
        lambda reason, text: report_profile(
            profile_id=profile.pk, reason=reason, text=text, by=request.actor, at=now()
        ),
    )


@login_required
@require_http_methods(WRITES)
@limited("report", limit=60, seconds=HOUR)
def report_of_client(request: Request, slug: str) -> HttpResponse:
    """Report a client and its page."""
    party = client_for(request.actor, slug)
    thing = Reported(
        ReportCase.Kind.CLIENT,
        party.public_name,
        "",
        reverse("jobs:client", args=[party.slug]),
        party.pk,
        {"party_id": party.pk},
    )
    return _report(
        request,
        thing,
        lambda reason, text: report_client(party_id=party.pk, reason=reason, text=text, by=request.actor, at=now()),
    )


@login_required
@require_safe
def report(request: Request, report_id: int) -> HttpResponse:
    """Show one of the reader's reports and what came of it."""
    found = report_for(request.actor, report_id)
    context = {"report": found, "name": thing_name(found.case), "hours": rules().report_review_hours}
    return render(request, "trust/report.html", context)


@login_required
@require_safe
def mine(request: Request) -> HttpResponse:
    """List what the reader has reported."""
    page = Paginator(reports_for(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(found, thing_name(found.case)) for found in page]
    return render(request, "trust/mine.html", {"page": page, "rows": rows})


def _report(request: Request, thing: Reported, verb: Callable[[str, str], Report]) -> HttpResponse:
    """Ask why, report, and say that it was received; what the reader reported before leads to that report."""
    if not can_report(request.actor, thing.owner_id):
        raise NotAllowed(_("This is your own, so there is nothing to report."))
    known = open_report(request.actor, **thing.key)
    if known is not None:
        return redirect("trust:report", report_id=known.pk)
    form = ReportForm(request.POST if request.method == "POST" else None)
    status, refusal = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = verb(form.cleaned_data["reason"], form.cleaned_data["text"])
            except DomainError as error:
                status, refusal = error.status_code, error.message
            else:
                return redirect("trust:report", report_id=made.pk)
    context = {
        "form": form,
        "thing": thing,
        "refusal": refusal,
        "has_errors": status != 200,
        "hours": rules().report_review_hours,
    }
    return render(request, "trust/report_new.html", context, status=status)
