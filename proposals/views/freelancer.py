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
from core.product import rules
from files.queries import files_of
from jobs.models import Job
from jobs.queries import job_for, unmet_wishes
from messaging.guard import LeadsAway
from profiles.queries import is_approved, workers_of
from proposals.actions import save_draft, submit_proposal, withdraw_proposal
from proposals.forms import (
    ROWS,
    BaseMilestoneRows,
    BoostForm,
    ProposalForm,
    WithdrawForm,
    initial_of_draft,
    plan_rows,
    rows_showing,
    typed_proposal,
)
from proposals.models import PROPOSAL_FILES, Proposal, ProposalDraft
from proposals.permissions import can_submit_proposal, can_withdraw_proposal
from proposals.queries import (
    draft_for,
    drafts_for,
    own_counts,
    own_proposals,
    place_numbers,
    proposal_for,
    starting_price,
)
from proposals.views.boosts import cost_of_new, places_shown
from proposals.views.connects import freelancer_party
from proposals.views.prices import (
    CHANGING,
    amount_in,
    are_valid,
    changed_rows,
    plan_problem,
    quote_of,
    quote_shown,
    typed_amounts,
)

PER_PAGE = 20
TABS = ("open", "offers", "ended", "drafts")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposal_new", limit=600, seconds=HOUR)  # "add a milestone" is a post, too
def proposal_new(request: Request, job_id: int) -> HttpResponse:
    """Write and send a proposal, or keep it as a draft; price, fee and what is received are shown before it is sent."""
    job = job_for(request.actor, job_id)
    if not can_submit_proposal(request.actor) or request.actor.party_id is None:
        raise NotAllowed(_("Switch to your freelancer account to send a proposal."))
    if request.actor.acts_for(job.client_id):
        raise NotFound("")
    existing = Proposal.objects.filter(job=job, party_id=request.actor.party_id, status__in=Proposal.BOUND).first()
    if existing and request.method != "POST":
        return redirect("proposals:detail", proposal_id=existing.pk)
    is_agency = request.actor.party_kind == Party.Kind.AGENCY
    workers = workers_of(request.actor.party_id) if is_agency else None
    is_sending = request.method == "POST" and not CHANGING & request.POST.keys()
    draft = draft_for(request.actor, job.pk) if request.method != "POST" else None
    form = ProposalForm(
        request.POST or None,
        request.FILES or None,
        job=job,
        workers=workers,
        by=request.actor,
        initial=_initial(job, draft),
    )
    boost_form = BoostForm(request.POST or None)
    rows = _rows(request, form, draft, is_sending=is_sending)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            if is_sending:
                done, status = _send(request, job, form, rows, boost_form=boost_form)
            else:
                done, status = _keep(request, job, form, rows)
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            if done is not None:
                return done
            refusal = plan_problem(form, rows) if is_sending else ""
        if not is_sending:
            form.forget_problems()
    at = now()
    cost = cost_of_new(job, request.actor.party_id, at)
    context = {
        "job": job,
        "is_invited": bool(job.connects_cost) and not cost,
        **places_shown(request, job, party_id=request.actor.party_id, cost=cost, at=at),
        "boost_form": boost_form,
        "unmet": unmet_wishes(job, request.actor),
        "form": form,
        "rows": rows,
        "draft": draft,
        "saved_at": draft.saved_at if draft else None,
        "is_checked": is_sending or status != 200,
        "refusal": refusal,
        "has_errors": status != 200,
        "quote": quote_shown(request, job, form, rows),
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
    amounts = typed_amounts(request.GET, job) if "amount" in request.GET else [starting_price(job) or 0]
    return render(request, "proposals/_quote.html", {"job": job, "quote": quote_of(request, job, amounts)})


@login_required
@require_safe
def proposal_mine(request: Request) -> HttpResponse:
    """List what the freelancer sent, with what happened to each, and what they have begun to write."""
    sent, begun = own_proposals(freelancer_party(request)), drafts_for(request.actor)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    counts = own_counts(freelancer_party(request)) | {"drafts": begun.count()}
    rows: Any = {
        "open": sent.filter(status__in=Proposal.BOUND),
        "offers": sent.filter(status=Proposal.Status.OFFERED),
        "ended": sent.exclude(status__in=Proposal.BOUND),
        "drafts": begun,
    }[tab]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    places = place_numbers(page.object_list) if tab != "drafts" else {}
    for proposal in page.object_list if tab != "drafts" else ():
        proposal.place = places.get(proposal.pk, 0)
    return render(request, "proposals/mine.html", {"page": page, "tab": tab, "counts": counts})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposal_withdraw", limit=120, seconds=HOUR)
def proposal_withdraw(request: Request, proposal_id: int) -> HttpResponse:
    """Ask whether to withdraw a proposal, and withdraw it."""
    proposal = proposal_for(request.actor, proposal_id)
    if not can_withdraw_proposal(request.actor, proposal):
        raise NotAllowed(_("You may not withdraw this proposal."))
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        withdraw_proposal(proposal_id=proposal.pk, note=form.cleaned_data["note"], by=request.actor, at=now())
        messages.success(request, _("Your proposal was withdrawn."))
        return redirect("proposals:detail", proposal_id=proposal.pk)
    context = {"proposal": proposal, "job": proposal.job, "form": form, "has_errors": bool(form.errors)}
    return render(request, "proposals/withdraw.html", context, status=422 if form.errors else 200)


def _send(
    request: Request, job: Job, form: ProposalForm, rows: BaseMilestoneRows, *, boost_form: BoostForm
) -> tuple[HttpResponse | None, int]:
    """Send the proposal and lead to it, or leave on the form what is wrong. Raises what the verb refuses."""
    if not all([are_valid(form, rows), boost_form.is_valid()]):
        return None, 422
    try:
        proposal = submit_proposal(
            job_id=job.pk,
            amount=amount_in(form, rows),
            duration=form.cleaned_data["duration"],
            letter=form.cleaned_data["letter"],
            answers=form.answers(),
            language=form.cleaned_data["language"],
            worker_id=form.cleaned_data.get("worker"),
            milestones=rows.terms() if form.is_by_milestones else (),
            highlights=form.cleaned_data["highlights"],
            file_ids=form.file_ids(),
            boost=boost_form.cleaned_data["boost"] or 0,
            by=request.actor,
            at=now(),
        )
    except LeadsAway as error:
        form.add_problems(error.problems, rows)
        return None, error.status_code
    messages.success(request, _("Your proposal was sent."))
    return redirect("proposals:detail", proposal_id=proposal.pk), 302


def _keep(request: Request, job: Job, form: ProposalForm, _rows: BaseMilestoneRows) -> tuple[HttpResponse | None, int]:
    """Keep the form as a draft where that was asked for; else just show it again. Raises what the verb refuses."""
    if "save_draft" not in request.POST:
        return None, 200
    content, file_ids = typed_proposal(request.POST, job), form.held_file_ids()
    save_draft(job_id=job.pk, content=content, file_ids=file_ids, by=request.actor, at=now())
    if "attachments" in form.errors:
        return None, 422
    messages.success(request, _("Your draft is saved. Nobody else sees it."))
    return redirect("proposals:new", job_id=job.pk), 302


def _initial(job: Job, draft: ProposalDraft | None) -> dict[str, Any]:
    """Return the values with which the form opens: those of the draft, with its files, or the job's own price."""
    if draft is None:
        return {"amount": starting_price(job)}
    return initial_of_draft(draft.content) | {"attachments": files_of(PROPOSAL_FILES, draft.files_ref)}


def _rows(request: Request, form: ProposalForm, draft: ProposalDraft | None, *, is_sending: bool) -> BaseMilestoneRows:
    """Return the rows of milestones: checked where they are sent, else as typed, with one more or one less."""
    if draft is not None:
        return rows_showing(plan_rows(), draft.content.get(ROWS, ()))
    if request.method != "POST":
        return rows_showing(plan_rows(), ())
    if is_sending and form.is_by_milestones:
        return plan_rows()(request.POST, prefix=ROWS)
    return changed_rows(request.POST)
