"""Panels about proposals and interviews, for the pages of jobs and rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actor import Actor
from core.clock import now
from core.templatetags.jalon import when
from jobs.models import Job
from messaging.models import Room
from payments.queries import current_fees, quote_work
from proposals.models import Proposal
from proposals.permissions import can_plan_interview, can_read_inbox, can_sort_proposal, can_submit_proposal
from proposals.queries import (
    connects_left,
    conversations_for,
    interview_in,
    interview_view,
    latest_proposal,
    starting_price,
)

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


@register.simple_tag
def when_in(moment: datetime, zone: str = "") -> SafeString:
    """Render a moment on the clocks of a zone, the reader's own unless one is named, with the place of the zone."""
    chosen = zone or timezone.get_current_timezone_name()
    with timezone.override(ZoneInfo(chosen)):
        shown = when(moment)
    return format_html('{} <span class="muted">({})</span>', shown, place_of(chosen))


@register.filter
def place_of(zone: str) -> str:
    """Return the place by which people know a time zone: "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.inclusion_tag("proposals/_interview_panel.html", takes_context=True)
def interview_panel(context: dict[str, Any], room: Room) -> dict[str, Any]:
    """Show in the room of a conversation what it is about and the interview that is planned; elsewhere nothing."""
    actor = context["request"].actor
    if room.kind != Room.Kind.INTERVIEW:
        return {}
    conversation = conversations_for(actor).filter(pk=int(room.owner.rpartition(":")[2])).first()
    if conversation is None:
        return {}
    interview = interview_in(conversation)
    if interview is not None:
        interview.conversation = conversation
    proposal = latest_proposal(conversation)
    if proposal is not None:
        proposal.job = conversation.job
    is_live = interview is not None and interview.status in interview.LIVE
    return {
        "request": context["request"],
        "conversation": conversation,
        "job": conversation.job,
        "proposal": proposal,
        "view": interview_view(interview, actor, now()) if interview is not None else None,
        "interview": interview,
        "can_propose": not is_live and can_plan_interview(actor, conversation),
        "can_ask": proposal is not None and proposal.status in Proposal.BOUND and can_sort_proposal(actor, proposal),
        "reader": "client" if actor.party_id == conversation.job.client_id else "",
    }
