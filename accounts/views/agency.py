"""What an agency decides about its people, and what each of them decides."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import appear_for_agency, disappear_for_agency, save_agency_rules
from accounts.forms import AgencyForm
from accounts.middleware import Request
from accounts.models import Party
from accounts.permissions import can_edit_agency
from accounts.queries import membership_in
from core.clock import now
from core.errors import NotAllowed, NotFound


@login_required
@require_http_methods(["GET", "POST"])
def agency(request: Request) -> HttpResponse:
    """Show and change the rules of the agency one acts for, and say whether one is named on its page."""
    mine = _own(request)
    may_edit = can_edit_agency(request.actor, mine)
    if request.method == "POST":
        if not may_edit:
            raise NotAllowed(_("Only owners and administrators of the agency may change this."))
        form = AgencyForm(request.POST)
        if form.is_valid():
            save_agency_rules(party_id=mine.pk, **form.cleaned_data, by=request.actor, at=now())
            messages.success(request, _("The settings are saved."))
            return redirect("accounts:agency")
    else:
        form = AgencyForm(initial={"workers_see_sums": mine.workers_see_sums})
    membership = membership_in(request.actor.user_id, mine.pk)
    context = {"form": form, "party": mine, "may_edit": may_edit, "membership": membership}
    return render(request, "accounts/agency.html", context)


@login_required
@require_POST
def agency_appear(request: Request) -> HttpResponse:
    """Put one's name on the agency's public page, or take it off with `remove`."""
    mine = _own(request)
    verb = disappear_for_agency if request.POST.get("remove") else appear_for_agency
    verb(party_id=mine.pk, by=request.actor, at=now())
    messages.success(request, _("The settings are saved."))
    return redirect("accounts:agency")


def _own(request: Request) -> Party:
    if request.party is None or request.party.kind != Party.Kind.AGENCY:
        raise NotFound(_("Only agencies have these settings."))
    return request.party
