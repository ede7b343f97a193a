"""What the link of an invitation leads to: the question, and why there is none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import accept_invitation, decline_invitation, digest_of
from accounts.forms import INVITED, ROLE_TEXTS
from accounts.middleware import PARTY, Request
from accounts.queries import JoinState, joining
from core.clock import now
from core.errors import DomainError
from core.limits import HOUR, limited

STATUSES = {
    JoinState.UNKNOWN: 404,
    JoinState.ANOTHER: 403,
    JoinState.ENDED: 409,
    JoinState.CLOSED: 409,
    JoinState.OLD: 409,
}


@never_cache
@require_http_methods(["GET"])
@limited("join_look", limit=300, seconds=HOUR, methods=("GET",))
def join(request: Request, token: str) -> HttpResponse:
    """Show who invites to what, or why the link leads no further; looking uses nothing up."""
    return _page(request, token)


@never_cache
@require_http_methods(["POST"])
@limited("join", limit=60, seconds=HOUR)
def join_accept(request: Request, token: str) -> HttpResponse:
    """Join the party and act for it from now on; a visitor is asked who they are first."""
    if request.actor.user_id is None:
        return redirect("accounts:join", token)
    try:
        membership = accept_invitation(token=token, by=request.actor, at=now())
    except DomainError:
        return _page(request, token)
    request.session.pop(INVITED, None)
    request.session[PARTY] = membership.party_id
    messages.success(request, _("You joined %(party)s and act for it now.") % {"party": membership.party.name})
    return redirect("accounts:people")


@never_cache
@require_http_methods(["POST"])
@limited("join", limit=60, seconds=HOUR)
def join_decline(request: Request, token: str) -> HttpResponse:
    """Say no."""
    try:
        decline_invitation(token=token, by=request.actor, at=now())
    except DomainError:
        return _page(request, token)
    request.session.pop(INVITED, None)
    messages.success(request, _("You declined the invitation."))
    return redirect("home" if request.actor.user_id is None else "start")


def _page(request: Request, token: str) -> HttpResponse:
    shown = joining(digest_of(token), request.actor, now())
    if shown.state == JoinState.VISITOR and shown.invitation is not None:
        request.session[INVITED] = shown.invitation.pk
    context = {
        "joining": shown,
        "invitation": shown.invitation,
        "token": token,
        "role_text": ROLE_TEXTS[shown.invitation.role] if shown.invitation else "",
    }
    return render(request, "accounts/join.html", context, status=STATUSES.get(shown.state, 200))
