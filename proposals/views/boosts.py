"""The marked places of a job: bidding for one with a proposal that is written, and with one that was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from jobs.models import Job
from jobs.queries import is_invited, job_for
from proposals.actions import raise_boost
from proposals.forms import BoostForm, LiftForm
from proposals.permissions import can_boost_proposal, can_submit_proposal
from proposals.queries import auction_for, connects_left, has_bound_proposal, proposal_for


def places_shown(request: Request, job: Job, *, party_id: int, cost: int, at: datetime) -> dict[str, Any]:
    """Return what a bidder sees of a job's places: amounts, what a place takes, and what the typed bid leaves."""
    auction = auction_for(job, party_id, at)
    left = connects_left(party_id, at)
    form = BoostForm(request.POST if request.method == "POST" else request.GET)
    bid = (form.cleaned_data["boost"] or 0) if form.is_valid() and auction.is_open else 0
    spend = max(0, bid - auction.paid)
    return {
        "auction": auction,
        "cost": cost,
        "left": left,
        "bid": bid,
        "bid_spend": spend,
        "takes_place": bid >= auction.least,
        "all_cost": cost + spend,
        "left_after": left - cost - spend,
    }


def cost_of_new(job: Job, party_id: int, at: datetime) -> int:
    """Return what a new proposal of the party would cost: nothing where it is invited."""
    return 0 if is_invited(job_id=job.pk, party_id=party_id, at=at) else job.connects_cost or 0


@login_required
@require_safe
def places(request: Request, job_id: int) -> HttpResponse:
    """Return the places of a job and what the bid that is being typed leaves, as a fragment."""
    job = job_for(request.actor, job_id)
    if request.actor.acts_for(job.client_id):
        raise NotFound("")
    party_id = request.actor.party_id
    if not can_submit_proposal(request.actor) or party_id is None:
        raise NotAllowed(_("Switch to your freelancer account to send a proposal."))
    at = now()
    is_sent = has_bound_proposal(job_id=job.pk, party_id=party_id)
    cost = 0 if is_sent else cost_of_new(job, party_id, at)
    context = {"is_new": not is_sent, "job": job, **places_shown(request, job, party_id=party_id, cost=cost, at=at)}
    return render(request, "proposals/_places.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposal_boost", limit=120, seconds=HOUR)
def proposal_boost(request: Request, proposal_id: int) -> HttpResponse:
    """Show the places of the job and take a bid, or a raise, for a proposal that was sent."""
    proposal = proposal_for(request.actor, proposal_id)
    if not can_boost_proposal(request.actor, proposal):
        raise NotAllowed(_("You may not boost this proposal."))
    at = now()
    form = LiftForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                raise_boost(proposal_id=proposal.pk, boost=form.cleaned_data["boost"], by=request.actor, at=at)
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("Your proposal holds a marked place."))
                return redirect("proposals:detail", proposal_id=proposal.pk)
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "boost_form": form,
        "refusal": refusal,
        "has_errors": status != 200,
        **places_shown(request, proposal.job, party_id=proposal.party_id, cost=0, at=at),
    }
    return render(request, "proposals/boost.html", context, status=status)
