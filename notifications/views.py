"""The bell."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import NotFound
from notifications.actions import read_all_notices, read_notice
from notifications.queries import lines, localised, notices_for

PER_PAGE = 20


@require_safe
@login_required
def notice_list(request: Request) -> HttpResponse:
    """List a person's notices, newest first."""
    page = Paginator(notices_for(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": lines(list(page.object_list)), "has_unread": _has_unread(request)}
    return render(request, "notifications/list.html", context)


@require_safe
@login_required
def notice_open(request: Request, notice_id: int) -> HttpResponse:
    """Note that a notice was seen and go to the page it tells of; a prefetch notes nothing."""
    notice = notices_for(request.actor).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound("")
    if "prefetch" not in request.headers.get("Sec-Purpose", "") and request.method == "GET":
        read_notice(notice_id=notice.pk, by=request.actor, at=now())
    return HttpResponseRedirect(localised(notice.path, get_language() or "en"))


@require_POST
@login_required
def notices_read(request: Request) -> HttpResponse:
    """Note that all notices were seen."""
    read_all_notices(by=request.actor, at=now())
    return redirect("notifications:list")


def _has_unread(request: Request) -> bool:
    return bool(notices_for(request.actor).filter(read_at=None).exists())
