"""The offer on a proposal, for the pages of proposals."""

from __future__ import annotations

from typing import Any

from django import template

from contracts.queries import latest_offer_on
from core.actor import Actor
from proposals.models import Proposal

register = template.Library()


@register.inclusion_tag("contracts/_offer_of_proposal.html", takes_context=True)
def offer_of_proposal(context: dict[str, Any], proposal: Proposal) -> dict[str, Any]:
    """Show where the offer on a proposal stands and lead to it; a freelancer never sees one that was not sent."""
    actor: Actor = context["request"].actor
    offer = latest_offer_on(actor, proposal.pk)
    return {
        "offer": offer,
        "contract": getattr(offer, "contract", None),
        "is_client": actor.acts_for(proposal.job.client_id),
    }
