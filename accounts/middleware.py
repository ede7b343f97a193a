"""What every request knows of its person: who acts, in which time zone, and that they agreed to the texts in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from accounts.models import Party
from accounts.queries import Acting, acting, consents_missing, remembered_versions
from core.actor import Actor
from core.clock import now
from core.money import sums_shown

GetResponse = Callable[[HttpRequest], HttpResponse]
#: The session's keys: the party the person chose, and the versions they are known to have agreed to.
PARTY, AGREED = "party_id", "agreed"
#: Where sums are prices that everybody reads, or what one is typing oneself: apps, and pages of others.
OPEN_SUMS = {"", "jobs", "profiles", "taxonomy", "accounts"}
OPEN_PAGES = {"proposals:new", "proposals:quote", "proposals:connects"}
#: Pages one may use before agreeing to new texts: reading them, agreeing, leaving with one's data, changing looks.
BEFORE_CONSENT = {
    "accounts:consent",
    "accounts:terms",
    "accounts:privacy",
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "accounts:data",
    "accounts:export_request",
    "accounts:export_download",
    "accounts:erase",
    "home",
    "language",
    "theme",
    "healthz",
    "readyz",
}


class Request(HttpRequest):
    """A request behind ActorMiddleware, for the type checker."""

    actor: Actor
    party: Party | None
    htmx: HtmxDetails


class ActorMiddleware:
    """Gives each request its actor and party, in one query for people who signed in, and the person's time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with `request.actor` and `request.party` set."""
        mine = cast("Request", request)
        who = _acting(request)
        mine.actor, mine.party = who.actor, who.party
        with timezone.override(_zone(request)), sums_shown(who.actor.sees_sums or _has_sums_for_all(request)):
            return self.get_response(request)


class ConsentMiddleware:
    """Asks signed-in people to agree to new terms or a new privacy notice before they go on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Send the person to the page that asks, unless the page is one they need before that."""
        match = request.resolver_match
        if match is None or match.view_name in BEFORE_CONSENT or not request.user.is_authenticated:
            return None
        at = now()
        versions = remembered_versions(at)
        if request.session.get(AGREED) == versions:
            return None
        if not consents_missing(request.user.pk, at):
            request.session[AGREED] = versions
            return None
        if request.method not in {"GET", "HEAD"}:
            messages.warning(
                request,
                _("Nothing was sent: please agree to the new texts first, then send it again."),
            )
        address = f"{reverse('accounts:consent')}?{urlencode({'next': _page(request)})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


def _acting(request: HttpRequest) -> Acting:
    if not request.user.is_authenticated:
        return Acting(Actor.anonymous(), None)
    chosen = request.session.get(PARTY)
    return acting(request.user, chosen if isinstance(chosen, int) else None)


def _has_sums_for_all(request: HttpRequest) -> bool:
    """Test whether the sums of the page asked for are no secret of a party; asked for the few who do not see those."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return False
    return match.namespace in OPEN_SUMS or match.view_name in OPEN_PAGES


def _zone(request: HttpRequest) -> ZoneInfo | None:
    user = request.user
    return ZoneInfo(user.time_zone) if user.is_authenticated else None


def _page(request: HttpRequest) -> str:
    return request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
