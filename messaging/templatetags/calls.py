"""The buttons that call the other side of a room, and the room's log of calls."""

from __future__ import annotations

from typing import Any

from django import template

from messaging.models import Room
from messaging.permissions import can_start_call
from messaging.queries import call_lines, is_blocked

register = template.Library()


@register.inclusion_tag("messaging/_call_panel.html", takes_context=True)
def call_panel(context: dict[str, Any], room: Room) -> dict[str, Any]:
    """Show whoever may talk the buttons of a call, and every reader the newest calls of a room."""
    actor = context["request"].actor
    return {
        "room": room,
        "can_call": can_start_call(actor, room) and not is_blocked(room),
        "lines": call_lines(room, reader_id=actor.user_id),
    }
