"""Waiting for the address to be verified, and agreeing to new texts."""

from __future__ import annotations

from typing import cast

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.stagekit import stash_login
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.core import ratelimit
from allauth.mfa.base.views import authenticate as mfa_authenticate
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import (
    AddressTaken,
    AddressVerified,
    Newcomer,
    correct_address,
    give_consent,
    register_user,
    vacate_address,
)
from accounts.forms import PENDING, ConsentForm, CorrectAddressForm
from accounts.middleware import AGREED, Request
from accounts.models import LegalDocument, User
from accounts.queries import consents_missing, current_versions
from core.actor import Actor
from core.clock import now
from core.pages import next_page

#: How often one sign-up may correct its address.
CORRECTIONS = 3


def _pending(request: HttpRequest) -> EmailVerificationStage | None:
    """Return the log-in of this session that waits for its address, if there is one."""
    stage: EmailVerificationStage | None = LoginStageController.enter(request, EmailVerificationStage.key)
    return stage


def _address_of(login: Login) -> str:
    return login.email or (cast("User", login.user).email if login.user else "")


def _send(request: HttpRequest, login: Login) -> bool:
    """Send what belongs to the address: the link to its new owner, or word to the owner of an account that has it."""
    email = _address_of(login)
    own = EmailAddress.objects.filter(user=login.user, email=email).first() if login.user else None
    address = own or EmailAddress(user=None, email=email)
    return bool(send_verification_email_to_address(request, address, signup=True))


@require_http_methods(["GET"])
@never_cache
def verification_sent(request: HttpRequest) -> HttpResponse:
    """Say where the link went, and what to do when it does not come."""
    return _waiting(request, CorrectAddressForm())


def _waiting(request: HttpRequest, form: CorrectAddressForm, *, status: int = 200) -> HttpResponse:
    stage = _pending(request)
    if stage is None:
        request.session.pop(PENDING, None)
    context = {
        "email": _address_of(stage.login) if stage else "",
        "form": form,
        "can_correct": bool(stage and stage.state.get("corrections", 0) < CORRECTIONS),
    }
    return render(request, "account/verification_sent.html", context, status=status)


@require_http_methods(["POST"])
def verification_resend(request: HttpRequest) -> HttpResponse:
    """Send the link again, a few times in ten minutes."""
    stage = _pending(request)
    if stage is None:
        messages.info(request, _("Log in, and we send the link again."))
        return redirect("account_login")
    if not _send(request, stage.login):
        messages.warning(
            request, _("Nothing was sent: there are mails on their way already. Try again in ten minutes.")
        )
    return redirect("account_email_verification_sent")


@require_http_methods(["POST"])
def verification_correct(request: HttpRequest) -> HttpResponse:
    """Put the address that was meant in place of the one that was typed, and send the link there."""
    stage = _pending(request)
    if stage is None:
        messages.info(request, _("Sign up again with the right address."))
        return redirect("account_signup")
    form = CorrectAddressForm(request.POST)
    if not form.is_valid():
        return _waiting(request, form, status=422)
    tries = stage.state.get("corrections", 0)
    if tries >= CORRECTIONS or not ratelimit.consume(request, action="correct_address"):
        form.add_error("email", _("The address was corrected too often. Wait an hour, or sign up again."))
        return _waiting(request, form, status=429)
    email = form.cleaned_data["email"]
    try:
        _correct(request, stage.login, email)
    except AddressVerified as error:
        form.add_error(None, error.message)
        return _waiting(request, form, status=409)
    stage.state["corrections"] = tries + 1
    stash_login(request, stage.login)
    if not _send(request, stage.login):
        messages.warning(
            request, _("Nothing was sent: there are mails on their way already. Try again in ten minutes.")
        )
    return redirect("account_email_verification_sent")


def _correct(request: HttpRequest, login: Login, email: str) -> None:
    """Move the account, or the sign-up that never became one, to `email`; a taken address looks the same from here.

    Also from elsewhere: the address that was typed first is free again, and its link is dead, in either case.
    """
    login.email = email
    user = cast("User | None", login.user)
    packed = request.session.get(PENDING)
    try:
        if user is not None:
            correct_address(user_id=user.pk, email=email, by=Actor(user_id=user.pk), at=now())
        elif packed:
            login.user = register_user(newcomer=Newcomer(**packed).at_address(email), at=now())
            del request.session[PENDING]
    except AddressTaken:
        if user is not None:
            vacate_address(user_id=user.pk, by=Actor(user_id=user.pk), at=now())


@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the second factor or for a passkey; a form with neither is shown again."""
    if request.method == "POST" and not {"code", "credential"} & request.POST.keys():
        return redirect("mfa_authenticate")
    answer: HttpResponse = mfa_authenticate(request)
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def consent(request: Request) -> HttpResponse:
    """Ask for agreement to the texts that are new to this person."""
    at = now()
    user = cast("User", request.user)
    onward = next_page(request, otherwise=reverse("start"))
    missing = consents_missing(user.pk, at)
    if not missing:
        request.session[AGREED] = current_versions(at)
        return HttpResponseRedirect(onward)
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        shown = {kind: request.POST.get(kind, "") for kind in missing}
        if shown == {kind: str(version) for kind, version in missing.items()}:
            for kind, version in missing.items():
                give_consent(kind=LegalDocument.Kind(kind), version=version, by=request.actor, at=at)
            request.session[AGREED] = current_versions(at)
            return HttpResponseRedirect(onward)
        form = ConsentForm()
        messages.warning(request, _("A newer version was published meanwhile. Please read it first."))
    documents = [
        {"kind": kind, "version": version, "label": LegalDocument.Kind(kind).label, "url": reverse(f"accounts:{kind}")}
        for kind, version in missing.items()
    ]
    context = {"form": form, "documents": documents, "next": onward}
    return render(request, "accounts/consent.html", context, status=422 if form.errors else 200)
