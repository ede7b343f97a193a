"""What people change about themselves and their parties."""

from __future__ import annotations

from typing import Literal, cast

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import TextNotPublic, add_hat, open_agency, save_party, save_user
from accounts.forms import HatForm, PartyForm, UserForm
from accounts.middleware import PARTY, Request
from accounts.models import User
from accounts.permissions import can_edit_party
from accounts.queries import memberships_of, own_hats_of
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited

HATS: tuple[Literal["client", "freelancer"], ...] = ("client", "freelancer")
AGENCY: Literal["agency"] = "agency"
#: Digits of the largest key that is looked up.
KEY_DIGITS = 18


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: Request) -> HttpResponse:
    """Change one's name, language, time zone and country."""
    user = cast("User", request.user)
    initial = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language,
        "time_zone": user.time_zone,
        "country": str(user.country),
    }
    form = UserForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_user(user_id=user.pk, **form.cleaned_data, by=request.actor, at=now())
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your settings are saved."))
            return redirect("accounts:settings")
    worn = own_hats_of(user.pk)
    context = {"form": form, "hats_missing": [hat for hat in HATS if hat not in worn]}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def party(request: Request) -> HttpResponse:
    """Change what the party says about itself; members without that right read it."""
    mine = request.party
    if mine is None:
        return redirect("accounts:settings")
    initial = {
        "company_name": mine.name if mine.is_company else "",
        "about": mine.about,
        "place": mine.place,
        "country": str(mine.country),
        "time_zone": mine.time_zone,
    }
    may_edit = can_edit_party(request.actor, mine.pk)
    if request.method == "POST" and not may_edit:
        raise NotAllowed(_("Only owners and administrators may change these settings."))
    form = PartyForm(request.POST if request.method == "POST" else None, initial=initial, kind=mine.kind)
    if request.method == "POST" and form.is_valid():
        data = {"company_name": "", **form.cleaned_data}
        try:
            save_party(party_id=mine.pk, **data, by=request.actor, at=now())
        except TextNotPublic as error:
            for name, problems in error.problems.items():
                form.add_error(name, problems)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("accounts:party")
    context = {"form": form, "party": mine, "may_edit": may_edit}
    return render(request, "accounts/party.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET"])
def security(request: Request) -> HttpResponse:
    """Show how one signs in, with the ways to change it."""
    user = cast("User", request.user)
    methods = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "has_second_step": bool(methods & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}),
        "has_passkeys": Authenticator.Type.WEBAUTHN in methods,
        "has_codes": Authenticator.Type.RECOVERY_CODES in methods,
    }
    return render(request, "accounts/security.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@limited("hat_add", limit=30, seconds=HOUR)
def hat_add(request: Request, hat: str) -> HttpResponse:
    """Add the other hat, or an agency, and act with it."""
    kind = next((each for each in (*HATS, AGENCY) if each == hat), None)
    if kind is None:
        raise Http404
    if kind in HATS and kind in own_hats_of(cast("User", request.user).pk):
        messages.info(request, _("You have this account already: the menu at the top right switches to it."))
        return redirect("accounts:settings")
    form = HatForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data.get("company_name", "")
        try:
            if kind == AGENCY:
                made = open_agency(name=name, by=request.actor, at=now())
            else:
                made = add_hat(kind=kind, company_name=name, by=request.actor, at=now())
        except DomainError as error:
            form.add_error(None, error.message)
            return render(request, "accounts/hat_add.html", {"form": form, "kind": kind}, status=409)
        request.session[PARTY] = made.pk
        said = {
            "client": _("You can hire now. The menu at the top right switches between your accounts."),
            "freelancer": _("You can work now. The menu at the top right switches between your accounts."),
            AGENCY: _("The agency is open. Invite the people who work for it."),
        }
        messages.success(request, said[kind])
        return redirect("accounts:people" if kind == AGENCY else "start")
    return render(request, "accounts/hat_add.html", {"form": form, "kind": kind}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["POST"])
def party_switch(request: Request) -> HttpResponse:
    """Act for another party of one's own from now on."""
    asked = request.POST.get("party", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= KEY_DIGITS):
        raise Http404
    if not memberships_of(cast("User", request.user).pk).filter(party_id=int(asked)).exists():
        raise Http404
    request.session[PARTY] = int(asked)
    return redirect(reverse("start"))
