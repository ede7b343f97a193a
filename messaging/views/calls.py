"""Pages and posts of calls. Only the pages of a call may use camera and microphone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import Request
from core.clock import now, real_now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, MINUTE, limited
from messaging.actions import (
    CallNotConnected,
    CallNotRinging,
    answer_call,
    cancel_call,
    decline_call,
    hang_up,
    note_alive,
    start_call,
)
from messaging.gateway import has_relay, ice_servers
from messaging.models import Call, Room
from messaging.permissions import can_read_room, can_start_call
from messaging.queries import call_for, live_call_of, name_in_room, people_to_ring, room_for, seat_of
from messaging.views.panel import address_of

Rest = ParamSpec("Rest")
View = Callable[Concatenate[Request, Rest], HttpResponse]
#: The powers that the page of a call uses, for itself alone; the rest stays off as on every page.
POWERS = ("autoplay", "camera", "microphone")


def with_camera(view: View[Rest]) -> View[Rest]:
    """Let the page of a view ask for camera and microphone, and play what it hears."""

    @wraps(view)
    def allowed(request: Request, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer.allowed_powers = POWERS  # type: ignore[attr-defined]  # read by BrowserPolicyMiddleware
        return answer

    return allowed


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited("call_start", limit=30, seconds=HOUR)
@with_camera
def call_new(request: Request, room_id: int) -> HttpResponse:
    """Show the check of camera and microphone before a call, or ring the other side of the room."""
    room = room_for(request.actor, room_id)
    if not can_start_call(request.actor, room):
        raise NotAllowed(_("Only people who write in this room can call from it."))
    asked = request.POST.get("kind") or request.GET.get("kind")
    kind = Call.Kind.VOICE if asked == Call.Kind.VOICE else Call.Kind.VIDEO
    problem, status = "", 200
    if request.method == "POST":
        try:
            made = start_call(room_id=room.pk, kind=kind, by=request.actor, at=now())
        except DomainError as error:
            if _wants_json(request):
                return JsonResponse({"error": error.message}, status=error.status_code)
            problem, status = error.message, error.status_code
        else:
            if _wants_json(request):
                return JsonResponse(_state(made, request))
            return HttpResponseRedirect(reverse("messaging:call", kwargs={"call_id": made.pk}))
    people = people_to_ring(room, request.actor.party_id)
    live = live_call_of(room)
    context = {
        "room": room,
        "kind": kind,
        "names": [name_in_room(membership.user, room) for membership, _is_busy in people],
        "live": live if live and seat_of(live, request.actor.user_id) else None,
        "problem": problem,
        "has_errors": bool(problem),
        **_around(room, request),
    }
    return render(request, "messaging/call_new.html", context, status=status)


@require_GET
@login_required
@never_cache
@with_camera
def call(request: Request, call_id: int) -> HttpResponse:
    """Show a call to one of its people: it rings for them, they take part, or it is over."""
    found = call_for(request.actor, call_id)
    seat = seat_of(found, request.actor.user_id)
    is_joined = found.is_live and seat is not None and seat.joined_at is not None
    context = {
        "call": found,
        "room": found.room,
        "kind": found.kind,
        "is_caller": found.caller_id == request.actor.user_id,
        "is_joined": is_joined,
        "rings_here": found.status == Call.Status.RINGING and not is_joined and seat and seat.declined_at is None,
        "others": _other_names(found, request.actor.user_id),
        "said": _said(found, request),
        "can_call": can_start_call(request.actor, found.room),
        **_around(found.room, request),
    }
    return render(request, "messaging/call.html", context)


@require_POST
@login_required
@limited("call_answer", limit=60, seconds=MINUTE)
def call_answer(request: Request, call_id: int) -> HttpResponse:
    """Take a call and go to its page; one that rings no more says what became of it there."""
    found = call_for(request.actor, call_id)
    with suppress(CallNotRinging):
        answer_call(call_id=found.pk, by=request.actor, at=now())
    return HttpResponseRedirect(reverse("messaging:call", kwargs={"call_id": found.pk}))


@require_POST
@login_required
@limited("call_answer", limit=60, seconds=MINUTE)
def call_decline(request: Request, call_id: int) -> HttpResponse:
    """Say no to a call; its page says what became of it."""
    found = call_for(request.actor, call_id)
    with suppress(CallNotRinging):
        decline_call(call_id=found.pk, by=request.actor, at=now())
    return HttpResponseRedirect(reverse("messaging:call", kwargs={"call_id": found.pk}))


@require_POST
@login_required
@limited("call_end", limit=60, seconds=MINUTE)
def call_end(request: Request, call_id: int) -> HttpResponse:
    """Hang up, or give up before anybody answered."""
    found = call_for(request.actor, call_id)
    why = Call.Why.LOST if request.POST.get("why") == Call.Why.LOST else Call.Why.HUNG_UP
    with suppress(CallNotConnected, CallNotRinging):  # the other one was faster
        if found.status == Call.Status.RINGING:
            cancel_call(call_id=found.pk, by=request.actor, at=now())
        else:
            hang_up(call_id=found.pk, why=why, by=request.actor, at=now())
    if _wants_json(request):
        return JsonResponse(_state(call_for(request.actor, call_id), request))
    return HttpResponseRedirect(reverse("messaging:call", kwargs={"call_id": found.pk}))


@require_POST
@login_required
@limited("call_alive", limit=120, seconds=MINUTE)
def call_alive(request: Request, call_id: int) -> JsonResponse:
    """Note that a page is still in the call, and say how the call stands."""
    found = call_for(request.actor, call_id)
    note_alive(call_id=found.pk, by=request.actor, at=now())
    return JsonResponse(_state(call_for(request.actor, call_id), request))


@require_GET
@login_required
@never_cache
def call_ring(request: Request, call_id: int) -> HttpResponse:
    """Return the window in which a call rings on an open page. Raises NotFound once it rings no more."""
    found = call_for(request.actor, call_id)
    seat = seat_of(found, request.actor.user_id)
    if seat is None or seat.joined_at or seat.declined_at or found.status != Call.Status.RINGING:
        raise NotFound("")
    if now() >= found.rings_until:
        raise NotFound("")
    context = {"call": found, "room": found.room, "caller": name_in_room(found.caller, found.room)}
    return render(request, "messaging/_call_ring.html", context)


def _wants_json(request: Request) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _around(room: Room, request: Request) -> dict[str, Any]:
    """Return what every page about a call in a room shows: where the room is, and whether a relay can be chosen."""
    return {
        "room_page": address_of(room) if can_read_room(request.actor, room) else "",
        "has_relay": has_relay(),
        "is_relay_only": settings.CALLS_RELAY_ONLY,
    }


def _state(found: Call, request: Request) -> dict[str, Any]:
    """Return how a call stands for one of its people; where to reach the other one only while it rings or runs."""
    user_id = request.actor.person_id
    rung = [each for each in found.people.all() if each.user_id != found.caller_id]
    return {
        "call": found.pk,
        "status": found.status,
        "said": _said(found, request),
        "rings": any(each.heard_at for each in rung),
        "caller": found.caller_id == user_id,
        "page": reverse("messaging:call", kwargs={"call_id": found.pk}),
        "servers": ice_servers(user_id, real_now()) if found.is_live else [],
    }


def _said(found: Call, request: Request) -> str:
    """Return in one sentence how a call stands for its reader."""
    context = {
        "call": found,
        "is_caller": found.caller_id == request.actor.user_id,
        "is_in": request.actor.user_id in {found.caller_id, found.callee_id},
        "caller": name_in_room(found.caller, found.room),
        "callee": name_in_room(found.callee, found.room) if found.callee else "",
        "was_heard": any(each.heard_at for each in found.people.all() if each.user_id != found.caller_id),
    }
    return render_to_string("messaging/_call_said.html", context).strip()


def _other_names(found: Call, user_id: int | None) -> list[str]:
    """Return with whom a person talks, or whom they ring."""
    if user_id != found.caller_id:
        return [name_in_room(found.caller, found.room)]
    if found.callee is not None:
        return [name_in_room(found.callee, found.room)]
    people = found.people.select_related("user").exclude(user_id=user_id).order_by("pk")
    return [name_in_room(each.user, found.room) for each in people]
