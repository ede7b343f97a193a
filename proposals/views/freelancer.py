"""What a freelancer sees and sends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import Request
from accounts.models import Party
from accounts.queries import exclusive_agency_of
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from core.money import parse_money
from core.product import rules
from jobs.models import Job
from jobs.queries import job_for, unmet_wishes
from messaging.guard import LeadsAway
from payments.queries import ReleaseQuote, current_fees, quote_release, quote_work
from profiles.queries import is_approved, workers_of
from proposals.actions import submit_proposal, withdraw_proposal
from proposals.forms import BoostForm, ProposalForm
from proposals.models import Proposal
from proposals.permissions import can_submit_proposal, can_withdraw_proposal
from proposals.queries import own_proposals, place_numbers, proposal_for, starting_price
from proposals.views.boosts import cost_of_new, places_shown
from proposals.views.connects import freelancer_party

PER_PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposal_new", limit=60, seconds=HOUR)
def proposal_new(request: Request, job_id: int) -> HttpResponse:
    """Write and send a proposal; the price, the fee and what is received are shown before it is sent."""
    job = job_for(request.actor, job_id)
    if not can_submit_proposal(request.actor) or request.actor.party_id is None:
        raise NotAllowed(_("Switch to your freelancer account to send a proposal."))
    if request.actor.acts_for(job.client_id):
        raise NotFound("")
    existing = Proposal.objects.filter(job=job, party_id=request.actor.party_id, status__in=Proposal.BOUND).first()
    if existing and request.method != "POST":
        return redirect("proposals:detail", proposal_id=existing.pk)
    is_recalculating = "recalculate" in request.POST
    is_agency = request.actor.party_kind == Party.Kind.AGENCY
    workers = workers_of(request.actor.party_id) if is_agency else None
    form = ProposalForm(request.POST or None, job=job, workers=workers, initial={"amount": starting_price(job)})
    boost_form = BoostForm(request.POST or None)
    status = 200
    refusal = ""
    if request.method == "POST" and not is_recalculating:
        status = 422
        if all([form.is_valid(), boost_form.is_valid()]):
            try:
                proposal = submit_proposal(
                    job_id=job.pk,
                    amount=form.cleaned_data["amount"],
                    duration=form.cleaned_data["duration"],
                    letter=form.cleaned_data["letter"],
                    answers=form.answers(),
                    language=form.cleaned_data["language"],
                    worker_id=form.cleaned_data.get("worker"),
                    boost=boost_form.cleaned_data["boost"] or 0,
                    by=request.actor,
                    at=now(),
                )
            except LeadsAway as error:
                form.add_problems(error.problems)
                status = error.status_code
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("Your proposal was sent."))
                return redirect("proposals:detail", proposal_id=proposal.pk)
    at = now()
    cost = cost_of_new(job, request.actor.party_id, at)
    context = {
        "job": job,
        "is_invited": bool(job.connects_cost) and not cost,
        **places_shown(request, job, party_id=request.actor.party_id, cost=cost, at=at),
        "boost_form": boost_form,
        "unmet": unmet_wishes(job, request.actor),
        "form": form,
        "is_checked": not is_recalculating,
        "refusal": refusal,
        "has_errors": status != 200,
        "quote": _quote(request, job),
        "is_profile_approved": is_approved(request.actor.party_id),
        "is_agency": is_agency,
        "has_workers": bool(workers),
        "agency": None if is_agency else exclusive_agency_of(request.actor.party_id),
        "is_open": job.status == Job.Status.OPEN,
        "unopened_days": rules().proposal_unopened_days,
    }
    return render(request, "proposals/new.html", context, status=status)


@login_required
@require_safe
def quote(request: Request, job_id: int) -> HttpResponse:
    """Return the fee and the net of a price that is being typed, as a fragment."""
    job = job_for(request.actor, job_id)
    return render(request, "proposals/_quote.html", {"job": job, "quote": _quote(request, job)})


@login_required
@require_safe
def proposal_mine(request: Request) -> HttpResponse:
    """List what the freelancer sent, with what happened to each."""
    rows = own_proposals(freelancer_party(request))
    tab = request.GET.get("tab", "open")
    is_ended = tab == "ended"
    rows = rows.exclude(status__in=Proposal.BOUND) if is_ended else rows.filter(status__in=Proposal.BOUND)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    places = place_numbers(page.object_list)
    for proposal in page.object_list:
        proposal.place = places.get(proposal.pk, 0)
    return render(request, "proposals/mine.html", {"page": page, "is_ended": is_ended})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_withdraw(request: Request, proposal_id: int) -> HttpResponse:
    """Ask whether to withdraw a proposal, and withdraw it."""
    proposal = proposal_for(request.actor, proposal_id)
    if not can_withdraw_proposal(request.actor, proposal):
        raise NotAllowed(_("You may not withdraw this proposal."))
    if request.method == "POST":
        withdraw_proposal(proposal_id=proposal.pk, by=request.actor, at=now())
        messages.success(request, _("Your proposal was withdrawn."))
        return redirect("proposals:detail", proposal_id=proposal.pk)
    return render(request, "proposals/withdraw.html", {"proposal": proposal, "job": proposal.job})


def _typed_price(request: Request, job: Job) -> int | None:
    """Return the price in the request, the job's own before anything is typed, None for what is no amount."""
    source: Any = request.POST if request.method == "POST" else request.GET
    if "amount" not in source:
        return starting_price(job)
    try:
        return parse_money(source["amount"], job.currency)
    except DomainError:
        return None


def _quote(request: Request, job: Job) -> ReleaseQuote | None:
    amount, party_id = _typed_price(request, job), request.actor.party_id
    if not amount:
        return None
    if party_id is None:
        return quote_release(amount, current_fees().version)
    return quote_work(amount, current_fees().version, payer_id=job.client_id, payee_id=party_id)
