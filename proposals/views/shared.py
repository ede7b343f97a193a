"""The page of one proposal, for either side."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.money import sums_shown
from files.queries import files_of
from profiles.queries import teammate
from proposals.actions import letter_fixed_at, view_proposal
from proposals.models import PROPOSAL_FILES, Proposal
from proposals.permissions import can_edit_proposal, can_read_inbox, can_sort_proposal, can_withdraw_proposal
from proposals.queries import highlights_shown, proposal_for, quote_plan, revisions_of


@login_required
@require_safe
def proposal_detail(request: Request, proposal_id: int) -> HttpResponse:
    """Show a proposal: to the client with what to do, to the freelancer with what happened."""
    proposal = proposal_for(request.actor, proposal_id)
    is_client = can_read_inbox(request.actor, proposal.job)
    is_opening = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    if is_opening and can_sort_proposal(request.actor, proposal) and proposal.status == Proposal.Status.SUBMITTED:
        view_proposal(proposal_id=proposal.pk, by=request.actor, at=now())
        proposal = proposal_for(request.actor, proposal_id)
    milestones = list(proposal.milestones.all())
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "answers": list(zip(proposal.job.questions, proposal.answers, strict=False)),
        "milestones": milestones,
        "highlights": highlights_shown(proposal, request.actor),
        "files": files_of(PROPOSAL_FILES, proposal.pk),
        "revisions": revisions_of(proposal),
        "quote": quote_plan(
            [each.amount for each in milestones] or [proposal.amount],
            proposal.fee_version,
            payer_id=proposal.job.client_id,
            payee_id=proposal.party_id,
        ),
        "is_live": proposal.status in Proposal.LIVE,
        "can_withdraw": can_withdraw_proposal(request.actor, proposal),
        "can_sort": can_sort_proposal(request.actor, proposal),
    }
    context["worker"] = teammate(proposal.worker_id) if proposal.worker_id else None
    if not is_client:
        context["spends"] = list(proposal.spends.order_by("pk"))
        context["letter_until"] = _letter_until(proposal) if can_edit_proposal(request.actor, proposal) else None
        context["can_edit"] = can_edit_proposal(request.actor, proposal)
    template = "proposals/detail_client.html" if is_client else "proposals/detail_freelancer.html"
    is_own = proposal.author_id == request.actor.user_id
    with sums_shown(request.actor.sees_sums or is_own):  # who named a price knows it
        return render(request, template, context)


def _letter_until(proposal: Proposal) -> datetime | None:
    """Return until when the letter can be changed; None where it cannot any more."""
    is_unread = proposal.status == Proposal.Status.SUBMITTED and proposal.viewed_at is None
    until = letter_fixed_at(proposal)
    return until if is_unread and now() < until else None
