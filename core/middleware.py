"""What happens around every request: its id, its headers, and refusals turned into pages."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.errors import DomainError
from core.pages import in_place_of_main, not_offered, refusal
from core.request import request_scope

logger = logging.getLogger("jalon.refusals")
BAD_REQUEST, METHOD_NOT_ALLOWED = 400, 405
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request an id that events, logs and the answer carry."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside a scope of its own."""
        with request_scope() as request_id:
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class RefusalMiddleware:
    """Answers a refused rule that a view let pass with a page that says what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; give an empty "not offered" its page, and a whole page for htmx its place."""
        response = self.get_response(request)
        if response.status_code == METHOD_NOT_ALLOWED and not response.content:
            response = not_offered(request, response["Allow"])
        if request.headers.get("HX-Request") and response.status_code >= BAD_REQUEST and is_whole_page(response):
            in_place_of_main(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a DomainError into its page; leave bugs to become a 500."""
        if not isinstance(exception, DomainError):
            return None
        logger.info("refused %s", type(exception).__name__)
        return refusal(request, exception)


def is_whole_page(response: HttpResponse) -> bool:
    """Test whether an answer is a page of its own, not a fragment."""
    return not response.streaming and response.content[:15].lower() == b"<!doctype html>"
