"""A client's lists of freelancers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from profiles.actions import (
    delete_talent_list,
    make_talent_list,
    rename_talent_list,
    save_talent,
    take_off_list,
)
from profiles.forms.lists import NEW, SaveTalentForm, TalentListForm
from profiles.models import TalentEntry, TalentList
from profiles.permissions import can_keep_talent, can_read_talent_lists, can_see_profile
from profiles.queries import (
    profile_for_public,
    talent_entries_for,
    talent_entry_for,
    talent_list_for,
    talent_lists_for,
)

PER_PAGE = 20


@login_required
@require_safe
def talent_lists(request: Request) -> HttpResponse:
    """Show who is on the lists of the client that the reader acts for: on all of them, or on one."""
    if not can_read_talent_lists(request.actor):
        raise NotAllowed(_("Only clients have talent lists. Switch to your client account to see yours."))
    lists = list(talent_lists_for(request.actor))
    asked = request.GET.get("list", "")
    chosen = next((each for each in lists if str(each.pk) == asked), None)
    entries = talent_entries_for(request.actor)
    page = Paginator(entries.filter(talent_list=chosen) if chosen else entries, PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "lists": lists,
        "chosen": chosen,
        "page": page,
        "rows": [(entry, can_see_profile(request.actor, entry.profile)) for entry in page],
        "can_change": can_keep_talent(request.actor),
    }
    return render(request, "profiles/talent_lists.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("talent_save", limit=600, seconds=HOUR)
def talent_save(request: Request, slug: str) -> HttpResponse:
    """Choose a list and write a note, and put the person of a profile on it."""
    profile = profile_for_public(request.actor, slug)
    if not can_keep_talent(request.actor):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))
    lists = list(talent_lists_for(request.actor))
    mine = list(talent_entries_for(request.actor).filter(profile=profile))
    form = SaveTalentForm(request.POST or None, lists=lists, initial=_initial(mine))
    refusal, status = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            entry = _put(request, form, profile.pk)
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            messages.success(
                request,
                _("%(name)s is on the list “%(list)s”.")
                % {"name": profile.party.public_name, "list": entry.talent_list.title},
            )
            return redirect("profiles:public", slug=profile.slug)
    context = {"profile": profile, "form": form, "mine": mine, "refusal": refusal, "has_errors": status != 200}
    return render(request, "profiles/talent_save.html", context, status=status)


def _initial(mine: list[TalentEntry]) -> dict[str, str]:
    """Return what the form shows of the entry that was made last."""
    if not mine:
        return {}
    chosen = mine[0].talent_list
    return {"chosen": str(chosen.pk) if chosen.name else "", "note": mine[0].note}


@transaction.atomic
def _put(request: Request, form: SaveTalentForm, profile_id: int) -> TalentEntry:
    chosen, at = form.cleaned_data["chosen"], now()
    list_id: int | None
    if chosen == NEW:
        list_id = make_talent_list(name=form.cleaned_data["new_name"], by=request.actor, at=at).pk
    else:
        list_id = int(chosen) if chosen else None
    return save_talent(profile_id=profile_id, list_id=list_id, note=form.cleaned_data["note"], by=request.actor, at=at)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def talent_list_new(request: Request) -> HttpResponse:
    """Begin a list."""
    if not can_keep_talent(request.actor):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))
    return _name_page(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def talent_list_edit(request: Request, list_id: int) -> HttpResponse:
    """Give a list another name."""
    chosen = talent_list_for(request.actor, list_id)
    if not can_keep_talent(request.actor):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))
    return _name_page(request, chosen)


def _name_page(request: Request, chosen: TalentList | None) -> HttpResponse:
    form = TalentListForm(request.POST or None, initial={"name": chosen.title if chosen else ""})
    refusal, status = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            if chosen is None:
                saved = make_talent_list(name=name, by=request.actor, at=now())
            else:
                saved = rename_talent_list(list_id=chosen.pk, name=name, by=request.actor)
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            response = redirect("profiles:talent_lists")
            response["Location"] += f"?list={saved.pk}"
            return response
    context = {"chosen": chosen, "form": form, "refusal": refusal, "has_errors": status != 200}
    return render(request, "profiles/talent_list_edit.html", context, status=status)


@login_required
@require_POST
def talent_list_delete(request: Request, list_id: int) -> HttpResponse:
    """Forget a list and who was on it."""
    delete_talent_list(list_id=talent_list_for(request.actor, list_id).pk, by=request.actor)
    messages.success(request, _("The list is deleted."))
    return redirect("profiles:talent_lists")


@login_required
@require_POST
def talent_remove(request: Request, entry_id: int) -> HttpResponse:
    """Take somebody off a list."""
    entry = talent_entry_for(request.actor, entry_id)
    take_off_list(entry_id=entry.pk, by=request.actor)
    response = redirect("profiles:talent_lists")
    response["Location"] += f"?list={entry.talent_list_id}"
    return response
