"""The page of one proposal, for either side."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.money import sums_shown
from messaging.forms import MessageForm
from payments.queries import quote_work
from profiles.queries import teammate
from proposals.actions import view_proposal
from proposals.forms import LiftForm
from proposals.models import Proposal
from proposals.permissions import can_boost_proposal, can_read_inbox, can_sort_proposal, can_withdraw_proposal
from proposals.queries import (
    conversation_of,
    interview_questions,
    is_guarded,
    proposal_for,
    reads_conversation,
    room_page,
)
from proposals.views.boosts import places_shown


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
    context = {
        "proposal": proposal,
        "job": proposal.job,
        "answers": list(zip(proposal.job.questions, proposal.answers, strict=False)),
        "quote": quote_work(
            proposal.amount, proposal.fee_version, payer_id=proposal.job.client_id, payee_id=proposal.party_id
        ),
        "is_live": proposal.status in Proposal.LIVE,
        "bound": Proposal.BOUND,
        "can_withdraw": can_withdraw_proposal(request.actor, proposal),
        "can_sort": can_sort_proposal(request.actor, proposal),
    }
    conversation = conversation_of(proposal)
    reads = conversation is not None and reads_conversation(request.actor, conversation)
    context["room_url"] = room_page(conversation) if conversation and reads else ""
    if context["can_sort"] and proposal.status in Proposal.BOUND and conversation is None:
        category = proposal.job.category
        context["message_form"] = MessageForm(guarded=is_guarded(proposal.job.client_id, proposal.party_id))
        context["questions"] = interview_questions(category.slug if category else "", get_language() or "en")
    if not is_client and proposal.status in Proposal.BOUND:
        context |= places_shown(request, proposal.job, party_id=proposal.party_id, cost=0, at=now())
        context |= {"boost_form": LiftForm(), "can_boost": can_boost_proposal(request.actor, proposal)}
    context["worker"] = teammate(proposal.worker_id) if proposal.worker_id else None
    template = "proposals/detail_client.html" if is_client else "proposals/detail_freelancer.html"
    is_own = proposal.author_id == request.actor.user_id
    with sums_shown(request.actor.sees_sums or is_own):  # who named a price knows it
        return render(request, template, context)
