"""Writing in a room, changing, deleting, and saying that what was masked is no contact data."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import MINUTE, limited
from core.product import rules
from messaging.actions import (
    AlreadyAppealed,
    MessageGone,
    appeal_mask,
    delete_message,
    edit_message,
    post_message,
)
from messaging.forms import AppealForm, EditForm, MessageForm
from messaging.models import Masking, Message, Room
from messaging.permissions import can_appeal_mask, can_change_message, can_delete_message
from messaging.queries import kinds_found, message_for, room_for
from messaging.views.panel import is_in_own_page, panel, read_to_the_end, way_back


@require_POST
@login_required
@limited("message_post", limit=60, seconds=MINUTE)
def message_post(request: Request, room_id: int) -> HttpResponse:
    """Send a message and go back to the room; what was typed is kept when it is refused."""
    room = room_for(request.actor, room_id)
    form: MessageForm | None = MessageForm(request.POST, guarded=room.guarded)
    status = 422
    if form is not None and form.is_valid():
        try:
            post_message(
                room_id=room.pk,
                text=form.cleaned_data["text"],
                token=form.cleaned_data["token"],
                quoted_id=form.cleaned_data["quoted"],
                by=request.actor,
                at=now(),
            )
        except DomainError as error:
            form.add_error("text", error.message)
            status = error.status_code
        else:
            if not request.htmx:
                return HttpResponseRedirect(f"{way_back(request, room)}#room-end")
            form, status = None, 200
            room.refresh_from_db()
    context = panel(request, room, form=form, in_own_page=is_in_own_page(request, room))
    if status == 200:
        read_to_the_end(request, room, context["last_id"])
    template = "messaging/_room.html" if request.htmx else "messaging/room_refused.html"
    return render(request, template, context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("message_edit", limit=60, seconds=MINUTE)
def message_edit(request: Request, room_id: int, message_id: int) -> HttpResponse:
    """Change what one wrote some minutes ago."""
    room, message = _own(request, room_id, message_id)
    if not can_change_message(request.actor, message):
        raise NotAllowed(_("Only its author can change a message."))
    form = EditForm(request.POST or None, guarded=room.guarded, initial={"text": message.text})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_message(message_id=message.pk, text=form.cleaned_data["text"], by=request.actor, at=now())
            except DomainError as error:
                form.add_error("text", error.message)
                status = error.status_code
            else:
                return _back(request, room, message)
    more = {"form": form, "minutes": rules().message_edit_minutes}
    return _page(request, room, message, "messaging/message_edit.html", status=status, **more)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("message_delete", limit=60, seconds=MINUTE)
def message_delete(request: Request, room_id: int, message_id: int) -> HttpResponse:
    """Take back what one wrote, after a look at what that means."""
    room, message = _own(request, room_id, message_id)
    if request.method == "POST":
        delete_message(message_id=message.pk, by=request.actor, at=now())
        return _back(request, room, message)
    if not can_delete_message(request.actor, message):
        raise NotAllowed(_("Only its author can delete a message."))
    return _page(request, room, message, "messaging/message_delete.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("mask_appeal", limit=20, seconds=MINUTE)
def mask_appeal(request: Request, room_id: int, message_id: int) -> HttpResponse:
    """Say that what was masked in one's message is no contact data."""
    room, message = _own(request, room_id, message_id)
    if not can_appeal_mask(request.actor, message):
        raise NotAllowed(_("Only its author can appeal."))
    mask: Masking | None = getattr(message, "mask", None)
    if mask is None or (mask.status != Masking.Status.MASKED and request.method != "POST"):
        raise AlreadyAppealed(_("There is nothing masked that you could appeal against, or you have done so."))
    form = AppealForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            appeal_mask(message_id=message.pk, words=form.cleaned_data["words"], by=request.actor, at=now())
            messages.success(request, _("A moderator reads your message and decides. You will be told."))
            return _back(request, room, message)
    more = {"form": form, "kinds": kinds_found(mask.kinds), "hours": rules().mask_appeal_hours}
    return _page(request, room, message, "messaging/mask_appeal.html", status=status, **more)


def _own(request: Request, room_id: int, message_id: int) -> tuple[Room, Message]:
    """Return a message of a room that the reader may see. Raises NotFound; MessageGone for one that was deleted."""
    room = room_for(request.actor, room_id)
    message = message_for(request.actor, room, message_id)
    if message.deleted_at is not None and request.method != "POST":
        raise MessageGone(_("This message was deleted."))
    return room, message


def _page(
    request: Request, room: Room, message: Message, template: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "room": room,
        "message": message,
        "back": f"{way_back(request, room)}#message-{message.pk}",
        "page_of_form": "own" if is_in_own_page(request, room) else "",
        "has_errors": status != 200,
        **more,
    }
    return render(request, template, context, status=status)


def _back(request: Request, room: Room, message: Message) -> HttpResponse:
    return HttpResponseRedirect(f"{way_back(request, room)}#message-{message.pk}")
