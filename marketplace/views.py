"""Pages of the house itself: landing, fees, shortcuts, theme and language, the component sheet, refused forms."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.utils.translation import get_language, get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django.views.defaults import page_not_found, permission_denied

from accounts.middleware import Request
from core.clock import now, offset
from core.errors import DomainError
from core.pages import next_page
from core.product import rules
from jobs.queries import search as job_search
from marketplace.actions import advance_clock, parse_step
from marketplace.context import THEMES, Shell, address
from marketplace.forms import ClockForm, SheetForm
from marketplace.indexing import absolute
from marketplace.permissions import can_advance_clock
from marketplace.queries import categories_with_jobs, counts, fee_versions, quote
from marketplace.templatetags.states import LOOKS
from profiles.actions import documents
from profiles.models import ProfileReview
from profiles.queries import talent
from profiles.tips import TIPS
from proposals.matching import CRITERIA
from taxonomy import matching, phrases

YEAR = 365 * 24 * 3600
#: The milestone on which the landing and the fees page count out the fees, in minor units.
EXAMPLE = 100_000
#: A text in the Markdown that people may use, for the component sheet.
SAMPLE = (
    "# Heading\n\nA paragraph with **weight**, `code` and a [link](https://www.djangoproject.com/).\n\n- one\n- two\n"
)


@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def home(request: HttpRequest) -> HttpResponse:
    """Show the landing page; on the bare address, in the language the reader chose last or the browser asks for."""
    wanted = get_language_from_request(request)
    if request.path == "/" and wanted != get_language():
        return redirect(translate_url(request.get_full_path(), wanted))
    versions = fee_versions(now())
    context = {
        "categories": categories_with_jobs(),
        "counts": counts(),
        "rules": rules(),
        "quote": quote(versions[0], EXAMPLE) if versions else None,
    }
    return render(request, "marketplace/landing.html", context)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the page on which the reader's day begins: for whom they act decides."""
    shell = Shell(request)
    if shell.is_client:
        names = ("jobs:mine",)
    elif shell.actor.is_staff and not shell.is_freelancer:
        names = ("admin:index",)
    else:
        names = ("jobs:list",)
    return redirect(next(filter(None, map(address, names)), reverse("home")))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what to leave alone, and where the map of the public pages is."""
    context = {"sitemap": absolute(reverse("sitemap"))}
    return render(request, "marketplace/robots.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
def fees(request: HttpRequest) -> HttpResponse:
    """Show the public table of fees, version by version, and what a milestone costs and brings."""
    quotes = [quote(version, EXAMPLE) for version in fee_versions(now())]
    return render(
        request, "marketplace/fees.html", {"quotes": quotes, "current": quotes[0] if quotes else None, "rules": rules()}
    )


@require_safe
def ranking(request: HttpRequest) -> HttpResponse:
    """Show what decides the order of jobs and freelancers, with the numbers that search uses."""
    numbers = {
        "title": phrases.IN_TITLE,
        "skills": phrases.IN_SKILLS,
        "text": phrases.IN_TEXT,
        "chosen": phrases.CHOSEN,
        "mentioned": phrases.MENTIONED,
        "phrase": phrases.SKILL_WEIGHT,
        "faint": phrases.FAINT_WEIGHT,
        "ranked": matching.RANKED,
        "fading": round(job_search.FADING * 100),
        "days": job_search.FADES // 86_400,
        "quality_part": round((1 - talent.KEPT) * 100),
        "approved": documents.APPROVED,
        "photo": documents.PHOTO,
        "speciality": documents.SPECIALITY,
        "earned": documents.EARNED,
        "ended": documents.ENDED,
        "much": documents.MUCH_EARNED,
        "contracts": documents.MANY_CONTRACTS,
    }
    context = {"numbers": numbers, "criteria": CRITERIA, "currency": rules().currency}
    return render(request, "marketplace/ranking.html", context)


@require_safe
def guide_profile(request: HttpRequest) -> HttpResponse:
    """Say how to write a profile that is found and chosen: the tips that stand beside each section of its form."""
    parts = [(point.label, TIPS[point].words) for point in ProfileReview.Point if point in TIPS]
    return render(request, "marketplace/guide_profile.html", {"parts": parts, "hours": rules().profile_review_hours})


@require_safe
def guide_job(request: HttpRequest) -> HttpResponse:
    """Say how to write a job post that brings good proposals."""
    return render(request, "marketplace/guide_job.html", {"rules": rules()})


@require_safe
def keyboard(request: HttpRequest) -> HttpResponse:
    """List the keyboard shortcuts, with a switch for those of a single key."""
    return render(request, "marketplace/keyboard.html")


@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Turn single-key shortcuts on or off on this device."""
    choice = "off" if request.POST.get("keys") == "off" else "on"
    response = redirect("keyboard")
    _keep(request, response, "keys", choice)
    messages.success(
        request, _("Single-key shortcuts are off.") if choice == "off" else _("Single-key shortcuts are on.")
    )
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme the reader chose on this device, and lead back."""
    choice = request.POST.get("theme", "")
    response = HttpResponseRedirect(next_page(request, otherwise=reverse("home")))
    if choice in THEMES:
        _keep(request, response, "theme", choice)
    elif choice == "auto":
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language the reader chose, and lead back to the same page in it."""
    choice = request.POST.get("language", "")
    back = next_page(request, otherwise=reverse("home"))
    if choice not in dict(settings.LANGUAGES):
        return HttpResponseRedirect(back)
    response = HttpResponseRedirect(translate_url(back, choice))
    _keep(request, response, settings.LANGUAGE_COOKIE_NAME, choice)
    return response


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show every component in its states; only where the installation is for trying out, or to staff."""
    if not (settings.EMBEDDED or settings.DEBUG or Shell(request).actor.is_staff):
        raise Http404
    states: dict[str, list[str]] = {}
    for kind, value in LOOKS:
        states.setdefault(kind, []).append(value)
    context = {
        "form": SheetForm({"price": "0", "pay": "milestone", "letter": "", "level": ""}),
        "moment": now(),
        "states": [{"kind": kind, "states": values} for kind, values in states.items()],
        "steps": [_("Funded"), _("Submitted"), _("Your review"), _("Released")],
        "prose": SAMPLE,
    }
    return render(request, "marketplace/design.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def demo_clock(request: Request) -> HttpResponse:
    """Show the demonstration clock to staff, and move it; there is no such page where time is real."""
    if not can_advance_clock(request.actor):
        raise Http404
    form = ClockForm(request.POST or None)
    results: list[tuple[str, int]] | None = None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            totals: Counter[str] = Counter()
            try:
                advance_clock(
                    step=parse_step(form.cleaned_data["step"]),
                    reason=form.cleaned_data["reason"],
                    by=request.actor,
                    at=now(),
                    told=lambda name, count: totals.update({name: count}),
                )
            except DomainError as error:
                form.add_error("step", error.message)
            else:
                results, status, form = sorted(totals.items()), 200, ClockForm()
    context = {
        "form": form,
        "results": results,
        "done": sum(count for _name, count in results or ()),
        "moment": now(),
        "is_moved": bool(offset()),
        "offset_days": offset().days,
        "has_errors": status != 200,
    }
    return render(request, "marketplace/demo_clock.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its token: the page was open too long, or its reader signed in or out meanwhile."""
    return render(request, "403_csrf.html", status=403)


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Remember a choice on this device for a year."""
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    return _let_go(page_not_found(request, exception))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the reader may not see the page."""
    return _let_go(permission_denied(request, exception))


def _let_go(response: HttpResponse) -> HttpResponse:
    """Give back the database connection: under ASGI Django makes these pages in a thread that never would."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    return response
