"""The list of one's rooms, the page of one room, what an open page has missed, and putting away and closing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import NotAllowed
from core.limits import MINUTE, limited
from messaging.actions import archive_room, block_side, unarchive_room, unblock_side
from messaging.actions.rooms import BlockNotPossible
from messaging.forms import SearchForm
from messaging.models import ReadMark, Room
from messaging.permissions import can_block_side, can_post_message
from messaging.queries import (
    PAGE,
    as_found,
    find_messages,
    find_rooms,
    is_blocked,
    listed_rooms,
    messages_since,
    other_names,
    room_for,
    room_lines,
    seen_names,
    unread_rooms,
)
from messaging.registry import has_page
from messaging.views.panel import address_of, allowed, own_address, panel, read_to_the_end

PER_PAGE = 20
#: Messages that an open page gets at once; it asks again for the rest.
CAUGHT_UP = 2 * PAGE


@login_required
@require_safe
@limited("message_search", limit=120, seconds=MINUTE, methods=("GET",))
def room_list(request: Request) -> HttpResponse:
    """List the rooms of the reader's party, those they put away, or what was found in both."""
    form = SearchForm(request.GET)
    typed = form.cleaned_data["q"].strip() if form.is_valid() else ""
    tab = "archived" if request.GET.get("tab") == "archived" else "open"
    context = {"form": form, "typed": typed, "tab": tab}
    if typed:
        found = Paginator(find_messages(request.actor, typed), PER_PAGE).get_page(request.GET.get("page"))
        context |= {
            "page": found,
            "lines": room_lines(find_rooms(request.actor, typed), request.actor),
            "found": [as_found(message, request.actor, typed) for message in found],
        }
    else:
        rooms = listed_rooms(request.actor, is_archived=tab == "archived")
        page = Paginator(rooms, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "lines": room_lines(page, request.actor)}
    return render(request, "messaging/list.html", context)


@login_required
@require_safe
def room(request: Request, room_id: int) -> HttpResponse:
    """Show one room, which is read then; with `before`, the messages before that one."""
    found = room_for(request.actor, room_id)
    before = number_of(request, "before")
    context = panel(request, found, in_own_page=True, before=before)
    if before is None:
        read_to_the_end(request, found, context["last_id"])
    mark = ReadMark.objects.filter(room=found, user_id=request.actor.person_id).first()
    context |= {
        "thing_url": address_of(found) if has_page(found.kind) else "",
        "is_archived": mark is not None
        and mark.archived_id is not None
        and mark.archived_id >= (found.last_message_id or 0),
    }
    return render(request, "messaging/room.html", context)


@login_required
@require_safe
@limited("room_news", limit=300, seconds=MINUTE, methods=("GET",))
def room_news(request: Request, room_id: int) -> HttpResponse:
    """Answer an open page with what it has missed: `after` its last message, and changes since its `revision`.

    It is read then, if the page says with `seen` that somebody looks at it.
    """
    found = room_for(request.actor, room_id)
    actor = request.actor
    missed = messages_since(
        found,
        reader_id=actor.user_id,
        party_id=actor.party_id,
        after=number_of(request, "after") or 0,
        revision=number_of(request, "revision"),
        count=CAUGHT_UP + 1,
    )
    has_more, missed = len(missed) > CAUGHT_UP, missed[:CAUGHT_UP]
    if "seen" in request.GET and found.last_message_id and not has_more:
        read_to_the_end(request, found, found.last_message_id)
    may_write = can_post_message(actor, found) and not is_blocked(found)
    context = {
        "room": found,
        "room_messages": allowed(missed, actor, may_write=may_write),
        "has_more": has_more,
        "revision": missed[-1].revision if has_more and missed else found.revision,
        "in_own_page": request.GET.get("page") == "own" or not has_page(found.kind),
        "room_page": own_address(found) if request.GET.get("page") == "own" else address_of(found),
        "seen": seen_names(found, actor),
    }
    return render(request, "messaging/_news.html", context)


@login_required
@require_safe
def unread(request: Request) -> HttpResponse:
    """Answer an open page with the number of rooms that wait to be read, for its head."""
    return HttpResponse(str(unread_rooms(request.actor)), content_type="text/plain")


@require_POST
@login_required
@limited("room_archive", limit=60, seconds=MINUTE)
def room_archive(request: Request, room_id: int) -> HttpResponse:
    """Put a room away, until somebody writes there."""
    found = room_for(request.actor, room_id)
    archive_room(room_id=found.pk, by=request.actor, at=now())
    messages.success(request, _("It is in your archive, and comes back with the next message."))
    return redirect("messaging:rooms")


@require_POST
@login_required
@limited("room_archive", limit=60, seconds=MINUTE)
def room_unarchive(request: Request, room_id: int) -> HttpResponse:
    """Take a room out of the archive."""
    found = room_for(request.actor, room_id)
    unarchive_room(room_id=found.pk, by=request.actor, at=now())
    return redirect("messaging:room", room_id=found.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("room_block", limit=20, seconds=MINUTE)
def room_block(request: Request, room_id: int) -> HttpResponse:
    """Stop hearing from the other side of an interview, after a look at what that means."""
    found = room_for(request.actor, room_id)
    if request.method == "POST":
        block_side(room_id=found.pk, by=request.actor, at=now())
        return redirect("messaging:room", room_id=found.pk)
    if not can_block_side(request.actor, found):
        raise NotAllowed(_("Only those who write in this room can block its other side."))
    if found.kind not in Room.BLOCKABLE:
        raise BlockNotPossible(_("The other side of a contract has to be able to reach you."))
    context = {"room": found, "others": other_names(found, request.actor.party_id)}
    return render(request, "messaging/room_block.html", context)


@require_POST
@login_required
@limited("room_block", limit=20, seconds=MINUTE)
def room_unblock(request: Request, room_id: int) -> HttpResponse:
    """Let the other side write again."""
    found = room_for(request.actor, room_id)
    unblock_side(room_id=found.pk, by=request.actor, at=now())
    return redirect("messaging:room", room_id=found.pk)


def number_of(request: HttpRequest, name: str) -> int | None:
    """Return a number of the address; nothing for what is none."""
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None
