"""What the browser's own sending of uploads needs of the server."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


class UploadMiddleware:
    """Tells a script that sent a form where to go next, instead of leading it there.

    A script that follows a redirect would fetch the page that only the reader should open: with it, the word that all
    went well would be gone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Turn a redirect of such a request into an address; leave every other answer as it is."""
        response = self.get_response(request)
        if request.headers.get("X-Upload") != "1" or response.status_code not in {301, 302, 303}:
            return response
        told = HttpResponse(status=204, headers={"X-Location": response["Location"]})
        told.cookies = response.cookies
        return told
