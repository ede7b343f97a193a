"""Mails that were sent where there is no mail server: only in the set-up that starts its own services."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import SentMail

PER_PAGE = 30


def embedded_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 where a mail server takes the mails, and to other machines: links that sign people in are no news.

    Who asks is told by the connection: `Host` says what the visitor likes.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (settings.EMBEDDED and _is_this_machine(request.META.get("REMOTE_ADDR", ""))):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _is_this_machine(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a socket in the file system has no address, and only this machine reaches it
        return not address


@require_http_methods(["GET"])
@never_cache
@embedded_only
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first."""
    page = Paginator(SentMail.objects.defer("text", "html"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/mailbox.html", {"page": page})


@require_http_methods(["GET"])
@never_cache
@embedded_only
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Show one mail as text, its links to be followed."""
    return render(request, "accounts/mail.html", {"mail": get_object_or_404(SentMail, pk=mail_id)})
