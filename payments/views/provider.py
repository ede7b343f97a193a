"""The provider's own hosts on pages of ours: which may be loaded, framed, called and posted to, and where."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

#: Where Stripe's script, fields, bank pages and calls live; everything it needs and nothing else.
STRIPE = {
    "script-src": ["https://js.stripe.com", "https://*.js.stripe.com"],
    "frame-src": ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
    "img-src": ["https://*.stripe.com"],
}
ONBOARDING = ["https://connect.stripe.com"]
REAL_HOST = "js.stripe.com"


def with_fields(response: HttpResponse) -> HttpResponse:
    """Let this one answer load the provider's script and the frames in which cards are typed."""
    script = urlsplit(settings.STRIPE_JS_URL)
    own = f"{script.scheme}://{script.netloc}"
    parts = ("script-src", "frame-src", "connect-src")
    return _allow(response, STRIPE if script.hostname == REAL_HOST else {part: [own] for part in parts})


def with_onboarding(response: HttpResponse) -> HttpResponse:
    """Let the form of this one answer lead to the provider's pages about accounts."""
    base = urlsplit(settings.STRIPE_API_BASE)
    hosts = [f"{base.scheme}://{base.netloc}"] if settings.STRIPE_API_BASE else ONBOARDING
    return _allow(response, {"form-action": hosts})


def _allow(response: HttpResponse, sources: dict[str, list[str]]) -> HttpResponse:
    marked: Any = response
    marked._csp_update = sources  # noqa: SLF001  (what django-csp's own decorator does, for sources known only now)
    return response
