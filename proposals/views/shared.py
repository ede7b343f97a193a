"""The page of one proposal, for either side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.money import sums_shown
from files.queries import files_of
from messaging.forms import FirstMessageForm
from profiles.queries import teammate
from proposals.actions import letter_fixed_at, view_proposal
from proposals.forms import LiftForm
from proposals.models import PROPOSAL_FILES, ConnectSpend, Proposal
from proposals.permissions import (
    can_boost_proposal,
    can_edit_proposal,
    can_read_inbox,
    can_sort_proposal,
    can_withdraw_proposal,
)
from proposals.queries import (
    RevisionShown,
    conversation_of,
    highlights_shown,
    interview_questions,
    is_guarded,
    proposal_for,
    quote_plan,
    reads_conversation,
    revisions_of,
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
    if is_opening and can_sort_proposal(request.actor, proposal) and proposal.is_unopened:
        view_proposal(proposal_id=proposal.pk, by=request.actor, at=now())
        proposal = proposal_for(request.actor, proposal_id)
    milestones = list(proposal.milestones.all())
    context: dict[str, Any] = {
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
        "bound": Proposal.BOUND,
        "can_withdraw": can_withdraw_proposal(request.actor, proposal),
        "can_sort": can_sort_proposal(request.actor, proposal),
    }
    conversation = conversation_of(proposal)
    reads = conversation is not None and reads_conversation(request.actor, conversation)
    context["room_url"] = room_page(conversation) if conversation and reads else ""
    if context["can_sort"] and proposal.status in Proposal.BOUND and conversation is None:
        category = proposal.job.category
        context["message_form"] = FirstMessageForm(
            by=request.actor, guarded=is_guarded(proposal.job.client_id, proposal.party_id)
        )
        context["questions"] = interview_questions(category.slug if category else "", get_language() or "en")
    if not is_client and proposal.status in Proposal.BOUND:
        context |= places_shown(request, proposal.job, party_id=proposal.party_id, cost=0, at=now())
        context |= {"boost_form": LiftForm(), "can_boost": can_boost_proposal(request.actor, proposal)}
    context["worker"] = teammate(proposal.worker_id) if proposal.worker_id else None
    if not is_client:
        context["events"] = happened(proposal, context["revisions"], list(proposal.spends.order_by("pk")))
        context["letter_until"] = _letter_until(proposal) if can_edit_proposal(request.actor, proposal) else None
        context["can_edit"] = can_edit_proposal(request.actor, proposal)
    template = "proposals/detail_client.html" if is_client else "proposals/detail_freelancer.html"
    is_own = proposal.author_id == request.actor.user_id
    with sums_shown(request.actor.sees_sums or is_own):  # who named a price knows it
        return render(request, template, context)


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a proposal, in the words for its freelancer; `mark` is its colour."""

    at: datetime
    words: str
    mark: str = ""


def happened(proposal: Proposal, revisions: list[RevisionShown], spends: list[ConnectSpend]) -> list[Happened]:
    """Return what happened to a proposal as its freelancer may know it, the latest first: no label of the client."""
    found = [Happened(proposal.created_at, _("You sent it."))]
    for spend in spends:
        spent = ngettext("%(count)s connect was spent.", "%(count)s connects were spent.", spend.amount)
        found.append(Happened(spend.created_at, spent % {"count": spend.amount}))
        if spend.returned_at:
            back = ngettext(
                "%(count)s connect came back: %(reason)s.", "%(count)s connects came back: %(reason)s.", spend.amount
            )
            words = back % {"count": spend.amount, "reason": spend.get_reason_display()}
            found.append(Happened(spend.returned_at, words, "is-ok"))
    for revision in reversed(revisions):
        changed = _("You changed price or time.") if revision.is_terms else _("You changed the letter.")
        found.append(Happened(revision.at, changed))
    if proposal.viewed_at:
        found.append(Happened(proposal.viewed_at, _("The client opened it."), "is-accent"))
    if proposal.interviewing_at:
        found.append(Happened(proposal.interviewing_at, _("The client wrote to you about it."), "is-accent"))
    if proposal.ended_at:
        ends: dict[str, tuple[str, str]] = {
            Proposal.Status.HIRED: (_("You were hired."), "is-ok"),
            Proposal.Status.DECLINED: (
                _("The client declined it: %(reason)s.") % {"reason": proposal.get_decline_reason_display()},
                "is-bad",
            ),
            Proposal.Status.WITHDRAWN: (_("You withdrew it."), ""),
            Proposal.Status.CLOSED: (_("The job has ended."), ""),
        }
        words, mark = ends[proposal.status]
        found.append(Happened(proposal.ended_at, words, mark))
    found.sort(key=lambda each: each.at)  # what happened at one moment stays in its order
    return found[::-1]


def _letter_until(proposal: Proposal) -> datetime | None:
    """Return until when the letter can be changed; None where it cannot any more."""
    is_unread = proposal.status == Proposal.Status.SUBMITTED and proposal.viewed_at is None
    until = letter_fixed_at(proposal)
    return until if is_unread and now() < until else None
