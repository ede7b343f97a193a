"""Headers that Django has no setting for, and packed pages."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.translation import gettext as _

from core.pages import refusal
from core.product import rules
from core.text import file_size
from marketplace.bodies import MARK, BodyTooLong
from marketplace.health import healthz, readyz

#: Powers of the browser that our pages do without, but for those that a view names for its own page.
POWERS = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb",
)  # fmt: skip


def permissions(allowed: Collection[str] = ()) -> str:
    """Return the header that turns powers off, or leaves those of `allowed` to the page itself and nobody else."""
    return ", ".join(f"{power}=(self)" if power in allowed else f"{power}=()" for power in POWERS)


PROBES = {"/healthz": healthz, "/readyz": readyz}


class BrowserPolicyMiddleware:
    """Tells browsers which powers pages may use and that other sites may not embed what we serve."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to the answer."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", permissions(getattr(response, "allowed_powers", ())))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class ProbeMiddleware:
    """Answers what machines ask before anything looks at the host: they ask by an address, which is no name of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, or pass the request on."""
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


class PageCompressionMiddleware(GZipMiddleware):
    """Packs pages, whose length it blurs so that it tells no secret (BREACH); files are packed already or pictures."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Pack what is a page."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class BodyLimitMiddleware:
    """Answers a request that was too long to be read (`marketplace.bodies`) with a page that says the limits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what is marked; pass everything else on."""
        if not getattr(request, "scope", {}).get(MARK):
            return self.get_response(request)
        limits = {"size": file_size(rules().file_bytes_maximum), "count": rules().files_per_form}
        text = _("Files may have %(size)s each, and %(count)s of them may be sent at once.") % limits
        return refusal(request, BodyTooLong(text))
