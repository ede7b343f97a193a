"""The panel of a room, for the page of the thing it is about."""

from __future__ import annotations

from typing import Any

from django import template

from messaging.forms import MessageForm
from messaging.models import Room
from messaging.permissions import can_post_message
from messaging.queries import message_page
from messaging.registry import page_of

register = template.Library()


@register.inclusion_tag("messaging/_room.html", takes_context=True)
def room_panel(context: dict[str, Any], room: Room) -> dict[str, Any]:
    """Show a room's messages and, to those who may write, the form."""
    request = context["request"]
    before = request.GET.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 19 else None
    shown = message_page(room, reader_id=request.actor.user_id, before=number)
    return {
        "request": request,
        "room": room,
        "room_messages": shown.messages,
        "has_older": shown.has_older,
        "room_form": MessageForm(),
        "room_page": page_of(room.kind, room.owner),
        "can_write": can_post_message(request.actor, room),
        "is_older": bool(before),
        "csrf_token": context.get("csrf_token"),
    }
