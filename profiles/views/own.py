"""What a freelancer says in one press: available now, on vacation, an amount shown or hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import NotFound
from profiles.actions import (
    confirm_available_now,
    end_vacation,
    hide_work_amount,
    show_work_amount,
    start_vacation,
    stop_available_now,
)
from profiles.forms import VacationForm
from profiles.queries import own_work
from profiles.views.items import own_or_refuse

#: Each button, the verb it calls, and what the page then says.
AVAILABILITY: Mapping[str, tuple[Callable[..., Any], Any]] = {
    "now": (confirm_available_now, _("You are shown as available now for the next days.")),
    "stop": (stop_available_now, _("You are not shown as available now any more.")),
    "back": (end_vacation, _("Welcome back: your vacation has ended.")),
}
AMOUNTS: Mapping[str, Callable[..., Any]] = {"hide": hide_work_amount, "show": show_work_amount}


@login_required
@require_http_methods(["POST"])
def availability(request: Request, what: str) -> HttpResponse:
    """Say that one is available now, or no longer, or back from vacation."""
    profile = own_or_refuse(request)
    if what not in AVAILABILITY:
        raise NotFound("")
    verb, words = AVAILABILITY[what]
    verb(profile_id=profile.pk, by=request.actor, at=now())
    messages.success(request, words)
    return redirect(reverse("profiles:edit") + "#now")


@login_required
@require_http_methods(["POST"])
def vacation(request: Request) -> HttpResponse:
    """Go on vacation until a day."""
    profile = own_or_refuse(request)
    form = VacationForm(request.POST)
    if not form.is_valid():
        for error in form.errors["until"]:
            messages.error(request, str(error))
        return redirect(reverse("profiles:edit") + "#now")
    start_vacation(profile_id=profile.pk, until=form.cleaned_data["until"], by=request.actor, at=now())
    messages.success(request, _("Enjoy your vacation. Your profile says when you are back."))
    return redirect(reverse("profiles:edit") + "#now")


@login_required
@require_http_methods(["POST"])
def work_amount(request: Request, work_id: int, what: str) -> HttpResponse:
    """Hide what a contract brought, or show it again."""
    profile = own_or_refuse(request)
    if what not in AMOUNTS:
        raise NotFound("")
    AMOUNTS[what](profile_id=profile.pk, work_id=work_id, by=request.actor, at=now())
    if not request.htmx:
        return redirect(reverse("profiles:edit") + "#history")
    return render(request, "profiles/_history.html", {"history": list(own_work(profile.party_id))})
