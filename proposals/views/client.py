"""What a client sees of the proposals on a job, and what they do with one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from jobs.models import Job
from jobs.permissions import can_manage_job
from jobs.queries import job_for
from messaging.guard import LeadsAway
from proposals.actions import (
    archive_proposal,
    decline_proposal,
    read_inbox,
    shortlist_proposal,
    unarchive_proposal,
    unshortlist_proposal,
)
from proposals.forms import DeclineForm, InboxForm
from proposals.inbox import MANY, ORDERS, PER_PAGE, TABS, Facets, inbox_of
from proposals.models import Proposal
from proposals.permissions import can_hire_for, can_read_inbox, can_sort_proposal
from proposals.queries import proposal_for


def inbox_job(request: Request, job_id: int) -> Job:
    """Return a job whose inbox the actor reads. Raises NotFound."""
    job = job_for(request.actor, job_id)
    if not can_read_inbox(request.actor, job):
        raise NotFound("")
    return job


@login_required
@require_safe
def inbox(request: Request, job_id: int) -> HttpResponse:
    """List a job's proposals to its client, in the order and with the filters that the address names."""
    job = inbox_job(request, job_id)
    tab, order = request.GET.get("tab", ""), request.GET.get("sort", "")
    tab = tab if tab in TABS else "all"
    order = order if order in ORDERS else "best"
    is_long = request.GET.get("show") == "more"
    form = InboxForm(request.GET)
    found = inbox_of(
        job,
        tab=tab,
        order=order,
        filters=form.filters(),
        at=now(),
        number=request.GET.get("page"),
        per_page=MANY if is_long else PER_PAGE,
    )
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        _note_the_look(request, job)
    context = {
        "job": job,
        "page": found.page,
        "tab": tab,
        "sort": order,
        "counts": found.counts,
        "live": Proposal.LIVE,
        "bound": Proposal.BOUND,
        "form": form,
        "groups": _groups(form, found.facets),
        "facets": found.facets,
        "chips": [{"label": words, "query": _without(request.GET, name)} for name, words in form.asked()],
        "kept": [(name, value) for name, value in (("tab", tab), ("sort", order)) if name in request.GET],
        "is_long": is_long,
        "per_page": PER_PAGE,
        "is_all_chosen": "all" in request.GET,
        "query": _without(request.GET, "all"),
        "can_sort": can_hire_for(request.actor, job),
        "can_invite": can_manage_job(request.actor, job),
    }
    return render(request, "proposals/inbox.html", context)


def _note_the_look(request: Request, job: Job) -> None:
    """Note the look once a minute: a page that is read on and turned is one look."""
    at = now()
    seen = job.activity.viewed_at
    if seen is None or not timedelta() <= at - seen < timedelta(minutes=1):
        read_inbox(job_id=job.pk, by=request.actor, at=at)


def _groups(form: InboxForm, facets: Facets) -> list[dict[str, Any]]:
    """Return the filters with a list of values: those in which the proposals differ, and those that are on."""
    values = {"level": facets.levels, "language": facets.languages, "country": facets.countries, "kind": facets.kinds}
    groups = []
    for name, found in values.items():
        on = form.cleaned_data.get(name) or ""
        if found or on:
            groups.append(
                {"name": name, "label": form.fields[name].label, "on": on, "choices": form.choices_of(name, found)}
            )
    return groups


def _without(address: QueryDict, name: str) -> str:
    kept = address.copy()
    for each in (name, "page"):
        kept.pop(each, None)
    return kept.urlencode()


@login_required
@require_POST
@limited("proposal_label", limit=1200, seconds=HOUR)
def proposal_shortlist(request: Request, proposal_id: int) -> HttpResponse:
    """Put the client's label on a proposal or take it off."""
    proposal = _readable(request, proposal_id)
    verb = unshortlist_proposal if request.POST.get("remove") else shortlist_proposal
    verb(proposal_id=proposal.pk, by=request.actor, at=now())
    return _labelled(request, proposal)


@login_required
@require_POST
@limited("proposal_label", limit=1200, seconds=HOUR)
def proposal_archive(request: Request, proposal_id: int) -> HttpResponse:
    """Put a proposal away or take it back into the list."""
    proposal = _readable(request, proposal_id)
    verb = unarchive_proposal if request.POST.get("remove") else archive_proposal
    verb(proposal_id=proposal.pk, by=request.actor, at=now())
    return _labelled(request, proposal)


def _readable(request: Request, proposal_id: int) -> Proposal:
    proposal = proposal_for(request.actor, proposal_id)
    if not can_read_inbox(request.actor, proposal.job):
        raise NotFound("")
    return proposal


def _labelled(request: Request, proposal: Proposal) -> HttpResponse:
    back = request.POST.get("back", "")
    if request.htmx:
        fresh = proposal_for(request.actor, proposal.pk)
        context = {"proposal": fresh, "back": "detail" if back == "detail" else "", "bound": Proposal.BOUND}
        return render(request, "proposals/_labels.html", context)
    if back == "detail":
        return redirect("proposals:detail", proposal_id=proposal.pk)
    return redirect(reverse("proposals:inbox", kwargs={"job_id": proposal.job_id}) + f"#proposal-{proposal.pk}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposal_decline", limit=600, seconds=HOUR)
def proposal_decline(request: Request, proposal_id: int) -> HttpResponse:
    """Ask for the reason, and a message if the client likes, and decline a proposal."""
    proposal = _readable(request, proposal_id)
    if not can_sort_proposal(request.actor, proposal):
        raise NotAllowed(_("Only the client's hiring team declines proposals."))
    form = DeclineForm(request.POST or None)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                decline_proposal(
                    proposal_id=proposal.pk,
                    reason=form.cleaned_data["reason"],
                    message=form.cleaned_data["message"],
                    by=request.actor,
                    at=now(),
                )
            except LeadsAway as error:
                form.add_problems(error.problems)
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The proposal was declined."))
                return redirect("proposals:inbox", job_id=proposal.job_id)
    context = {"proposal": proposal, "job": proposal.job, "form": form, "refusal": refusal, "has_errors": status != 200}
    return render(request, "proposals/decline.html", context, status=status)
