"""The sections of a profile that hold lists, changed in place."""

from __future__ import annotations

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
from core.errors import DomainError, NotAllowed, NotFound
from messaging.guard import LeadsAway
from profiles.actions import add_item, change_item, delete_item, move_item
from profiles.forms import ITEM_FORMS, ItemForm
from profiles.models import Certification, Entry, PortfolioItem, Profile, Section
from profiles.permissions import can_have_profile
from profiles.queries import filled_sections, item_of, own_profile
from profiles.tips import tips_of

Item = Entry | PortfolioItem | Certification


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item_add(request: Request, section: str) -> HttpResponse:
    """Ask what an entry says and put it at the end of its section."""
    return _write(request, own_or_refuse(request), _known(section), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item_change(request: Request, section: str, item_id: int) -> HttpResponse:
    """Show an entry and write it anew."""
    profile = own_or_refuse(request)
    return _write(request, profile, _known(section), item_of(profile, _known(section), item_id))


@login_required
@require_http_methods(["POST"])
def item_move(request: Request, section: str, item_id: int) -> HttpResponse:
    """Move an entry one place up, or down with `down`."""
    profile, where = own_or_refuse(request), _known(section)
    places = 1 if "down" in request.POST else -1
    move_item(profile_id=profile.pk, section=where, item_id=item_id, places=places, by=request.actor, at=now())
    return _section(request, profile, where)


@login_required
@require_http_methods(["POST"])
def item_delete(request: Request, section: str, item_id: int) -> HttpResponse:
    """Take an entry off."""
    profile, where = own_or_refuse(request), _known(section)
    delete_item(profile_id=profile.pk, section=where, item_id=item_id, by=request.actor, at=now())
    if not request.htmx:
        messages.success(request, _("The entry is deleted."))
    return _section(request, profile, where)


def own_or_refuse(request: Request) -> Profile:
    """Return the reader's own profile. Raises NotAllowed without a freelancer's hat, NotFound without a profile."""
    if not can_have_profile(request.actor):
        raise NotAllowed(
            _("Only freelancers and agencies have a profile. Switch to yours, or add one in the settings.")
        )
    profile = own_profile(request.actor.party_id)
    if profile is None:
        raise NotFound(_("There is no such profile."))
    return profile


def _known(section: str) -> Section:
    if section not in Section.values:
        raise NotFound(_("There is no such section."))
    return Section(section)


def _write(request: Request, profile: Profile, section: Section, item: Item | None) -> HttpResponse:
    is_post = request.method == "POST"
    data = (request.POST, request.FILES) if is_post else (None, None)
    kind: Any = ITEM_FORMS[section]
    form: ItemForm = kind(*data, section=section, item=item, by=request.actor)
    refusal, status = "", 200
    if is_post:
        status = 422
        if form.is_valid():
            try:
                if item is None:
                    add_item(profile_id=profile.pk, texts=form.texts(), by=request.actor, at=now())
                else:
                    change_item(profile_id=profile.pk, item_id=item.pk, texts=form.texts(), by=request.actor, at=now())
            except LeadsAway as error:
                for name, several in error.problems.items():
                    form.add_error(name, several)
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                return _section(request, profile, section)
    context = {
        "form": form,
        "item": item,
        "section": section,
        "refusal": refusal,
        "has_errors": status != 200,
        "tips": tips_of(section),
        "address": reverse("profiles:item_change", args=[section, item.pk])
        if item
        else reverse("profiles:item_add", args=[section]),
    }
    template = "profiles/_item_form.html" if request.htmx else "profiles/item.html"
    return render(request, template, context, status=status)


def _section(request: Request, profile: Profile, section: Section) -> HttpResponse:
    """Show a section again: the fragment where it was changed in place, else the page at that section."""
    if not request.htmx:
        return redirect(reverse("profiles:edit") + f"#{section}")
    filled = next(each for each in filled_sections(profile, now().date()) if each.section == section)
    return render(request, "profiles/_section.html", {"filled": filled, "profile": profile, "words": tips_of(section)})
