"""Asking for a testimonial, answering one without an account, and what the freelancer does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotFound
from core.limits import HOUR, limited
from messaging.guard import LeadsAway
from profiles.actions import (
    TestimonialNotPossible,
    TestimonialTooShort,
    ask_for_testimonial,
    check_link,
    decline_testimonial,
    hide_testimonial,
    show_testimonial,
    withdraw_testimonial,
    write_testimonial,
)
from profiles.forms import RequestForm, WordsForm
from profiles.models import Profile, Testimonial
from profiles.queries import own_testimonials, testimonial_asked
from profiles.views.items import own_or_refuse

OWN: Mapping[str, Callable[..., Testimonial]] = {
    "withdraw": withdraw_testimonial,
    "hide": hide_testimonial,
    "show": show_testimonial,
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("testimonial_ask", limit=30, seconds=HOUR)
def testimonial_ask(request: Request) -> HttpResponse:
    """Ask whom to write to, and have the mail sent."""
    profile = own_or_refuse(request)
    form = RequestForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                ask_for_testimonial(profile_id=profile.pk, request=form.request(), by=request.actor, at=now())
            except LeadsAway as error:
                _add(form, error)
            except TestimonialNotPossible as error:
                refusal, status = error.message, error.status_code
            else:
                if not request.htmx:
                    messages.success(request, _("The mail is on its way. You are told when there is an answer."))
                return _list(request, profile)
    context = {"form": form, "refusal": refusal, "has_errors": status != 200, "profile": profile}
    template = "profiles/_testimonial_form.html" if request.htmx else "profiles/testimonial_ask.html"
    return render(request, template, context, status=status)


@login_required
@require_http_methods(["POST"])
def testimonial_change(request: Request, testimonial_id: int, what: str) -> HttpResponse:
    """Take a request back, or hide or show what was published."""
    profile = own_or_refuse(request)
    if what not in OWN:
        raise NotFound("")
    OWN[what](profile_id=profile.pk, testimonial_id=testimonial_id, by=request.actor, at=now())
    return _list(request, profile)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("testimonial_write", limit=30, seconds=HOUR)
def testimonial_write(request: Request, token: str) -> HttpResponse:
    """Let a client from outside write their words, or say no; the link of the mail is all they need."""
    testimonial = testimonial_asked(token)
    try:
        check_link(testimonial, now())
    except DomainError as error:
        return _said(request, testimonial, error.message, status=error.status_code)
    if request.method == "POST" and "decline" in request.POST:
        decline_testimonial(token=token, by=request.actor, at=now())
        return _said(request, testimonial, _("You said no. Your address is deleted, and you are not asked again."))
    form = WordsForm(request.POST if request.method == "POST" else None, testimonial=testimonial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                write_testimonial(token=token, words=form.words(), by=request.actor, at=now())
            except LeadsAway as error:
                _add(form, error)
            except TestimonialTooShort as error:
                form.add_error("text", error.message)
            else:
                return _said(
                    request, testimonial, _("Thank you. Staff read your words before they are shown on the profile.")
                )
    context = {"form": form, "testimonial": testimonial, "has_errors": status != 200, "token": token}
    return render(request, "profiles/testimonial_write.html", context, status=status)


def _said(request: Request, testimonial: Testimonial, words: str, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"testimonial": testimonial, "words": words}
    return render(request, "profiles/testimonial_said.html", context, status=status)


def _add(form: RequestForm | WordsForm, error: LeadsAway) -> None:
    for name, several in error.problems.items():
        form.add_error(name, several)


def _list(request: Request, profile: Profile) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("profiles:edit") + "#testimonials")
    context = {"profile": profile, "testimonials": own_testimonials(profile)}
    return render(request, "profiles/_testimonials.html", context)
