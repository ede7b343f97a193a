"""The bell."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import PARTY, Request
from accounts.models import Party
from accounts.queries import memberships_of
from core.clock import now
from core.errors import NotFound
from core.product import rules
from notifications.actions import choose_channels, read_all_notices, read_notice, stop_mails
from notifications.forms import ChannelsForm
from notifications.models import Group
from notifications.queries import DIGEST, choices_for, lines, localised, notices_for, stopped

PER_PAGE = 20
#: Notices that the bell shows at once.
LATEST = 5


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
    """Note that a notice was seen and go to the page it tells of; a prefetch notes nothing.

    A notice for another of the person's accounts switches to that one first: its page is nobody else's to see.
    """
    notice = notices_for(request.actor).select_related("party").filter(pk=notice_id).first()
    if notice is None:
        raise NotFound("")
    if "prefetch" not in request.headers.get("Sec-Purpose", "") and request.method == "GET":
        read_notice(notice_id=notice.pk, by=request.actor, at=now())
        _act_for(request, notice.party)
    return HttpResponseRedirect(localised(notice.path, get_language() or "en"))


@require_POST
@login_required
def notices_read(request: Request) -> HttpResponse:
    """Note that all notices were seen."""
    read_all_notices(by=request.actor, at=now())
    return _latest(request) if request.headers.get("HX-Target") == "bell-list" else redirect("notifications:list")


@require_safe
@login_required
def notices_latest(request: Request) -> HttpResponse:
    """Show the newest notices below the bell."""
    return _latest(request)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: Request) -> HttpResponse:
    """Choose how one hears of each group of notices."""
    form = ChannelsForm(request.POST or None, chosen=choices_for(request.actor))
    if form.is_valid():
        choose_channels(choices=form.cleaned_data, by=request.actor, at=now())
        messages.success(request, _("Saved."))
        return redirect("notifications:preferences")
    return render(
        request,
        "notifications/preferences.html",
        {"form": form, "hour": rules().digest_hour},
        status=422 if form.errors else 200,
    )


@csrf_exempt  # mail programs post without a page of ours; the link is signed
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request, token: str) -> HttpResponse:
    """Ask whether mails of one kind shall end, and end them: RFC 8058 posts at once, people press a button."""
    what = stopped(token)[1]
    if request.method == "POST":
        stop_mails(token=token, at=now())
    context = {
        "is_done": request.method == "POST",
        "is_digest": what == DIGEST,
        "group": "" if what == DIGEST else Group(what).label,
    }
    return render(request, "notifications/stop.html", context)


def _latest(request: Request) -> HttpResponse:
    found = notices_for(request.actor)
    context = {"lines": lines(found[:LATEST]), "unread": found.filter(read_at=None).count()}
    return render(request, "notifications/_latest.html", context)


def _act_for(request: Request, party: Party | None) -> None:
    """Act for this party from now on, and say so, if the person belongs to it and acts for another one."""
    if party is None or party.pk == request.actor.party_id:
        return
    if memberships_of(request.actor.person_id).filter(party_id=party.pk).exists():
        request.session[PARTY] = party.pk
        messages.info(request, _("You now act for %(party)s: this notice is for that account.") % {"party": party.name})


def _has_unread(request: Request) -> bool:
    return bool(notices_for(request.actor).filter(read_at=None).exists())
