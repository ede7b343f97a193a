"""The cases of a contract, for its room."""

from __future__ import annotations

from typing import Any

from django import template

from contracts.models import Contract
from disputes.queries import cases_of, room_reads

register = template.Library()


@register.inclusion_tag("disputes/_panel.html", takes_context=True)
def case_panel(context: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Show both sides what is frozen and who decides, or what was decided and why."""
    is_client = context["request"].actor.party_id == contract.client_id
    return {"cases": cases_of(contract), "contract": contract, "is_client": is_client}


@register.inclusion_tag("disputes/_room_reads.html")
def room_read_lines(contract: Contract) -> dict[str, Any]:
    """Tell both sides when a mediator began to read their room, and about which milestone."""
    return {"reads": room_reads(contract)}
