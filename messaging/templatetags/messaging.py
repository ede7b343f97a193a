"""The panel of a room, for the page of the thing it is about."""

from __future__ import annotations

from typing import Any

from django import template

from messaging.models import Room
from messaging.queries import kinds_found
from messaging.views.panel import panel
from messaging.views.rooms import number_of

register = template.Library()


@register.inclusion_tag("messaging/_room.html", takes_context=True)
def room_panel(context: dict[str, Any], room: Room) -> dict[str, Any]:
    """Show a room's messages and, to those who may write, the form."""
    request = context["request"]
    return {
        **panel(request, room, before=number_of(request, "before")),
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def found_kinds(kinds: str) -> str:
    """Return what the guard found, in the reader's words."""
    return kinds_found(kinds)
