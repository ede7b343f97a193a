"""The page on which a party says what it is before the law, and lets its invoices be written."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import DetailsNotPossible, accept_mandate, save_legal_profile
from accounts.forms import LegalForm
from accounts.middleware import Request
from accounts.models import Party
from accounts.permissions import WORKING_KINDS, can_edit_party
from accounts.queries import Gap, gaps_before_work, has_mandate, legal_profile, mandate_version
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.pages import next_page

#: Digits of a number that a form may carry.
KEY_DIGITS = 9


@login_required
@require_http_methods(["GET", "POST"])
def legal_status(request: Request) -> HttpResponse:
    """Declare or change it, accept the mandate, then lead back to where it was needed; others of the party read it."""
    mine = request.party
    if mine is None:
        return redirect("accounts:settings")
    may_edit = can_edit_party(request.actor, mine.pk)
    if request.method == "POST" and not may_edit:
        raise NotAllowed(_("Only owners and administrators may change these settings."))
    profile, at = legal_profile(mine.pk), now()
    is_earner = mine.kind in WORKING_KINDS
    mandate = mandate_version(at) if is_earner and not has_mandate(mine.pk, at) else 0
    initial = LegalForm.initial_of(profile) if profile else {"legal_name": mine.name, "country": str(mine.country)}
    form = LegalForm(
        request.POST if request.method == "POST" else None, initial=initial, kind=mine.kind, mandate=mandate
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _is_saved(request, mine, form, mandate):
            messages.success(request, _("Your legal status is saved."))
            onward = next_page(request)
            return HttpResponseRedirect(onward) if onward else redirect("accounts:legal_status")
    context = {
        "form": form,
        "party": mine,
        "profile": profile,
        "may_edit": may_edit,
        "is_earner": is_earner,
        "mandate": mandate,
        "next": next_page(request),
        "must_register": profile is not None and Gap.REGISTRATION in gaps_before_work(mine.pk, at),
    }
    return render(request, "accounts/legal_status.html", context, status=status)


def _is_saved(request: Request, party: Party, form: LegalForm, mandate: int) -> bool:
    """Save both at once; what is refused is written beside its field, and nothing is saved."""
    at = now()
    try:
        with transaction.atomic():
            save_legal_profile(party_id=party.pk, details=form.details(), by=request.actor, at=at)
            if mandate:
                accept_mandate(party_id=party.pk, version=_shown(request), by=request.actor, at=at)
    except DetailsNotPossible as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    except NotAllowed:
        raise
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    return True


def _shown(request: Request) -> int:
    """Return the version of the mandate that the page showed, which the box carries; 0, never in force, for none."""
    text = request.POST.get("mandate", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS else 0
