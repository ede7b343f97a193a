"""What the panel of a room shows: in the room's own page, in the page of what it is about, and after each post."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.middleware import Request
from core.actor import Actor
from core.clock import now
from core.product import rules
from core.text import message_words
from messaging.actions import mark_read
from messaging.forms import MessageForm
from messaging.live import tell_room
from messaging.models import Message, Room
from messaging.permissions import can_block_side, can_delete_message, can_post_message
from messaging.queries import (
    has_blocked,
    is_blocked,
    message_page,
    other_names,
    quotable,
    seen_names,
)
from messaging.registry import has_page, page_of


def panel(
    request: Request,
    room: Room,
    *,
    form: MessageForm | None = None,
    in_own_page: bool = False,
    before: int | None = None,
) -> dict[str, Any]:
    """Return what the template of the panel needs; `in_own_page` where it does not stand in the page of its thing."""
    actor = request.actor
    page = message_page(room, reader_id=actor.user_id, party_id=actor.party_id, before=before)
    answered = quotable(actor, room, request.POST.get("quoted", "") if form else request.GET.get("answer", ""))
    blocked = is_blocked(room)
    may_write = can_post_message(actor, room)
    if form is None:
        form = MessageForm(by=actor, guarded=room.guarded, initial={"quoted": answered.pk} if answered else None)
    return {
        "request": request,
        "room": room,
        "room_messages": allowed(page.messages, actor, may_write=may_write and not blocked),
        "has_older": page.has_older,
        "is_older": before is not None,
        "room_form": form,
        "answered": answered,
        "answered_words": message_words(answered.text_for(actor.party_id)) if answered else "",
        "room_page": own_address(room) if in_own_page else address_of(room),
        "in_own_page": in_own_page,
        "can_write": may_write,
        "can_block": room.kind in Room.BLOCKABLE and can_block_side(actor, room),
        "is_blocked": blocked,
        "has_blocked": blocked and has_blocked(room, actor.party_id),
        "others": other_names(room, actor.party_id),
        "appeal_hours": rules().mask_appeal_hours,
        "last_id": page.messages[-1].pk if page.messages else 0,
        "seen": seen_names(room, actor),
    }


def allowed(messages: list[Message], actor: Actor, *, may_write: bool) -> list[Message]:
    """Say of each message what the reader may do with it."""
    for message in messages:
        message.can_delete = message.deleted_at is None and can_delete_message(actor, message)  # type: ignore[attr-defined]
        message.can_edit = may_write and message.can_delete and message.is_editable  # type: ignore[attr-defined]
        message.can_answer = may_write and message.deleted_at is None  # type: ignore[attr-defined]
    return messages


def read_to_the_end(request: Request, room: Room, last_id: int) -> None:
    """Note that the reader has seen the room so far, unless a browser only looks ahead; tell the others' pages."""
    if not last_id or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return
    if mark_read(room_id=room.pk, message_id=last_id, by=request.actor, at=now()):
        tell_room(room, but=request.actor.user_id)


def own_address(room: Room) -> str:
    """Return the address of the room's own page."""
    return reverse("messaging:room", kwargs={"room_id": room.pk})


def address_of(room: Room) -> str:
    """Return the address of the page of what the room is about, or the room's own where it has none."""
    return page_of(room.kind, room.owner) if has_page(room.kind) else own_address(room)


def is_in_own_page(request: HttpRequest, room: Room) -> bool:
    """Test whether a form was sent, or a link followed, from the room's own page."""
    return not has_page(room.kind) or "own" in (request.POST.get("page"), request.GET.get("page"))


def way_back(request: HttpRequest, room: Room) -> str:
    """Return the page that a form or a link came from: the room's own, or that of what it is about."""
    return own_address(room) if is_in_own_page(request, room) else address_of(room)
