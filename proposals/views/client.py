"""What a client sees of the proposals on a job."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from jobs.permissions import can_manage_job
from jobs.queries import job_for
from proposals.actions import decline_proposal, read_inbox, shortlist_proposal, unshortlist_proposal
from proposals.forms import DeclineForm
from proposals.models import Proposal
from proposals.permissions import can_read_inbox, can_sort_proposal
from proposals.queries import proposal_for, proposals_on

PER_PAGE = 20
TABS = ("all", "shortlisted", "declined")
ORDERS = {"newest": ("-created_at", "-pk"), "price": ("amount", "pk")}


@login_required
@require_safe
def inbox(request: Request, job_id: int) -> HttpResponse:
    """List a job's proposals to its client."""
    job = job_for(request.actor, job_id)
    if not can_read_inbox(request.actor, job):
        raise NotFound("")
    tab, order = request.GET.get("tab", ""), request.GET.get("sort", "")
    tab = tab if tab in TABS else TABS[0]
    order = order if order in ORDERS else "newest"
    every = proposals_on(job.pk).exclude(status=Proposal.Status.WITHDRAWN)
    rows = {
        "all": every.exclude(status=Proposal.Status.DECLINED),
        "shortlisted": every.filter(shortlisted_at__isnull=False).exclude(status=Proposal.Status.DECLINED),
        "declined": every.filter(status=Proposal.Status.DECLINED),
    }
    counts = {name: query.order_by().count() for name, query in rows.items()}
    page = Paginator(rows[tab].order_by(*ORDERS[order]), PER_PAGE).get_page(request.GET.get("page"))
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        read_inbox(job_id=job.pk, by=request.actor, at=now())
    context = {
        "job": job,
        "page": page,
        "tab": tab,
        "sort": order,
        "counts": counts,
        "live": Proposal.LIVE,
        "can_invite": can_manage_job(request.actor, job),
    }
    return render(request, "proposals/inbox.html", context)


@login_required
@require_POST
def proposal_shortlist(request: Request, proposal_id: int) -> HttpResponse:
    """Put the client's label on a proposal or take it off."""
    proposal = proposal_for(request.actor, proposal_id)
    if not can_read_inbox(request.actor, proposal.job):
        raise NotFound("")
    verb = unshortlist_proposal if request.POST.get("remove") else shortlist_proposal
    verb(proposal_id=proposal.pk, by=request.actor, at=now())
    if request.htmx:
        fresh = proposal_for(request.actor, proposal_id)
        return render(request, "proposals/_shortlist.html", {"proposal": fresh})
    back = request.POST.get("back", "")
    if back == "detail":
        return redirect("proposals:detail", proposal_id=proposal.pk)
    return redirect(reverse("proposals:inbox", kwargs={"job_id": proposal.job_id}) + f"#proposal-{proposal.pk}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_decline(request: Request, proposal_id: int) -> HttpResponse:
    """Ask for the reason and decline a proposal."""
    proposal = proposal_for(request.actor, proposal_id)
    if not can_read_inbox(request.actor, proposal.job):
        raise NotFound("")
    if not can_sort_proposal(request.actor, proposal):
        raise NotAllowed(_("Only the client's hiring team declines proposals."))
    form = DeclineForm(request.POST or None)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                decline_proposal(
                    proposal_id=proposal.pk, reason=form.cleaned_data["reason"], by=request.actor, at=now()
                )
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The proposal was declined."))
                return redirect("proposals:inbox", job_id=proposal.job_id)
    context = {"proposal": proposal, "job": proposal.job, "form": form, "refusal": refusal, "has_errors": status != 200}
    return render(request, "proposals/decline.html", context, status=status)
