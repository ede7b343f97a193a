"""Pages that answer a refusal, and the way on from a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import DomainError


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Render the page of a refused rule: 403, 404, 409, 413, 429 or 503 with the message for the user.

    A thing one may not see gets the same page as one that does not exist.
    """
    status = error.status_code if error.status_code in {403, 404, 409, 413, 429, 503} else 409
    context = {} if status == 404 else {"message": error.message}
    return render(request, f"{status}.html", context, status=status)


def not_offered(request: HttpRequest, allowed: str) -> HttpResponse:
    """Render the page of a method that an address does not take, such as a link to what only a form does."""
    response = render(request, "405.html", status=405)
    response["Allow"] = allowed
    return response


def next_page(request: HttpRequest, otherwise: str = "") -> str:
    """Return the page that `next` of a form or an address leads to, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if is_ours and asked.startswith("/") else otherwise


def in_place_of_main(response: HttpResponse) -> None:
    """Tell htmx to show a whole page that came instead of a fragment where pages stand, not inside the fragment."""
    response["HX-Retarget"] = response["HX-Reselect"] = "#main"
    response["HX-Reswap"] = "outerHTML show:top"
