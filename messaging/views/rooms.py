"""Pages and posts of rooms."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError
from core.limits import MINUTE, limited
from messaging.actions import post_message
from messaging.forms import MessageForm
from messaging.permissions import can_post_message
from messaging.queries import message_page, room_for
from messaging.registry import page_of


@require_POST
@login_required
@limited("message_post", limit=60, seconds=MINUTE)
def message_post(request: Request, room_id: int) -> HttpResponse:
    """Send a message and go back to the room; what was typed is kept when it is refused."""
    room = room_for(request.actor, room_id)
    form = MessageForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            post_message(
                room_id=room.pk,
                text=form.cleaned_data["text"],
                token=form.cleaned_data["token"],
                by=request.actor,
                at=now(),
            )
        except DomainError as error:
            form.add_error("text", error.message)
            status = error.status_code
        else:
            page = page_of(room.kind, room.owner)
            if request.htmx:
                form, status = MessageForm(), 200
            else:
                return HttpResponseRedirect(f"{page}#room-end")
    shown = message_page(room, reader_id=request.actor.user_id)
    context = {
        "room": room,
        "room_form": form,
        "room_messages": shown.messages,
        "has_older": shown.has_older,
        "room_page": page_of(room.kind, room.owner),
        "can_write": can_post_message(request.actor, room),
    }
    template = "messaging/_room.html" if request.htmx else "messaging/room_refused.html"
    return render(request, template, context, status=status)
