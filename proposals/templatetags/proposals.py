"""Panels about proposals, for the pages of jobs."""

from __future__ import annotations

from typing import Any

from django import template

from core.actor import Actor
from core.clock import now
from jobs.models import Job
from payments.queries import current_fees, quote_work
from proposals.comparison import team_of
from proposals.forms import NoteForm, ScorecardForm
from proposals.models import Proposal
from proposals.permissions import can_note_proposal, can_read_inbox, can_submit_proposal
from proposals.queries import connects_left, starting_price

register = template.Library()

#: Where the panel of a page leaves what it worked out for the bar below.
PANEL = "proposals.panel"


@register.inclusion_tag("proposals/_job_panel.html", takes_context=True)
def my_proposal_for(context: template.RequestContext, job: Job) -> dict[str, Any]:
    """Show on a job's page what the reader can do: write, see their proposal, read the inbox, or sign up."""
    panel = _panel(context["request"].actor, job)
    context.render_context[PANEL] = panel
    return panel


@register.inclusion_tag("proposals/_job_bar.html", takes_context=True)
def proposal_bar(context: template.RequestContext) -> dict[str, Any]:
    """Show the main button of the panel above at the foot of a phone; nothing on a page that has no panel."""
    return context.render_context.get(PANEL) or {}


def _panel(actor: Actor, job: Job) -> dict[str, Any]:
    panel: dict[str, Any] = {"job": job, "is_open": job.status == Job.Status.OPEN}
    if actor.user_id is None:
        return {**panel, "reader": "visitor"}
    if can_read_inbox(actor, job):
        return {**panel, "reader": "client"}
    if not can_submit_proposal(actor) or actor.party_id is None:
        return {**panel, "reader": "other"}
    mine = Proposal.objects.filter(job=job, party_id=actor.party_id).order_by("-created_at", "-pk").first()
    left = connects_left(actor.party_id, now())
    price = starting_price(job)
    invitation = getattr(job, "invitation", None)
    return {
        **panel,
        "reader": "freelancer",
        "invitation": invitation,
        "is_bidding_paid": bool(job.connects_cost) and not invitation,
        "proposal": mine,
        "is_bound": mine is not None and mine.status in Proposal.BOUND,
        "left_after": left - (job.connects_cost or 0),
        "quote": quote_work(price, current_fees().version, payer_id=job.client_id, payee_id=actor.party_id)
        if price
        else None,
    }


@register.inclusion_tag("proposals/_team.html", takes_context=True)
def team_panel(context: template.RequestContext, proposal: Proposal) -> dict[str, Any]:
    """Show what the client's people noted about a proposal and how they marked it; nothing to anybody else."""
    actor = context["request"].actor
    if not can_note_proposal(actor, proposal):
        return {}
    team = team_of(proposal, actor)
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "proposal": proposal,
        "job": proposal.job,
        "team": team,
        "note_form": NoteForm(),
        "card_form": ScorecardForm.of(team.own, proposal.pk),
    }
