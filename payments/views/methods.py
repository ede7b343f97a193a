"""The pages on which a payment method is added: the sandbox's form, or the provider's own fields."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.pages import next_page
from payments.actions import add_payment_method, begin_setup, finish_setup
from payments.forms import SandboxCardForm
from payments.gateway import GatewayRefused, GatewayUnreachable
from payments.gateways import current_gateway, gateway_named
from payments.models import MethodSetup
from payments.permissions import can_pay
from payments.queries import reason_of, setup_for
from payments.views.provider import with_fields

SILENT = (GatewayUnreachable, GatewayRefused)


def payer(request: Request) -> int:
    """Return the party that pays. Raises NotAllowed for people who may not spend for one."""
    party_id = request.actor.party_id
    if party_id is None or not can_pay(request.actor):
        raise NotAllowed(_("Only people who may spend money of an account see its payments."))
    return party_id


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def method_new(request: Request) -> HttpResponse:
    """Add a payment method, then lead back to where it was needed."""
    party_id = payer(request)
    if current_gateway().has_own_fields:
        return _consent(request, party_id)
    form = SandboxCardForm(request.POST if request.method == "POST" else None)
    following = next_page(request)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            number = form.cleaned_data["number"]
            try:
                method = add_payment_method(party_id=party_id, number=number, by=request.actor, at=now())
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The card ending in %(last4)s is saved.") % {"last4": method.last4})
                return redirect(following or "payments:client")
    context = {"form": form, "next": following, "refusal": refusal, "has_errors": status != 200}
    return render(request, "payments/method_new.html", context, status=status)


def _consent(request: Request, party_id: int) -> HttpResponse:
    """Say what a method will be charged for; a POST agrees and leads on to the provider's fields."""
    following, refusal, status = next_page(request), "", 200
    if request.method == "POST":
        try:
            setup, _begun = begin_setup(party_id=party_id, by=request.actor, at=now())
        except SILENT:
            refusal, status = _("Our payment provider does not answer. Try again in a moment."), 409
        else:
            return redirect(_with_next(reverse("payments:method_fields", args=[setup.pk]), following))
    context = {"next": following, "refusal": refusal, "has_errors": bool(refusal), "kinds": settings.STRIPE_METHODS}
    return render(request, "payments/method_consent.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def method_fields(request: Request, setup_id: int) -> HttpResponse:
    """Show the fields of the provider, in its own frames; a POST looks what came of what was typed there."""
    payer(request)
    setup = setup_for(request.actor, setup_id)
    gateway = gateway_named(setup.gateway)
    provider_id = setup.provider_id
    if not gateway.has_own_fields or provider_id is None:
        raise NotFound(_("There is no such page."))
    following, refusal, status = next_page(request), "", 200
    begun = None
    try:
        if request.method == "POST":
            setup = finish_setup(setup_id=setup.pk, by=request.actor, at=now())
            refusal, status = _("The card is not saved yet. Enter it below."), 422
        if setup.status == MethodSetup.Status.OPEN:
            begun = gateway.fetch_setup(provider_id, at=now())
    except SILENT:
        refusal, status = _("Our payment provider does not answer. Try again in a moment."), 409
    if setup.status == MethodSetup.Status.SAVED and setup.method:
        messages.success(request, _("The card ending in %(last4)s is saved.") % {"last4": setup.method.last4})
        return redirect(following or "payments:client")
    if setup.status == MethodSetup.Status.REFUSED:
        messages.error(request, reason_of(setup.code))
        return redirect(_with_next(reverse("payments:method_new"), following))
    context = {
        "setup": setup,
        "begun": begun,
        "next": following,
        "refusal": refusal,
        "has_errors": bool(refusal),
        "js_url": settings.STRIPE_JS_URL,
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "return_url": request.build_absolute_uri(),
    }
    return with_fields(render(request, "payments/method_fields.html", context, status=status))


def _with_next(path: str, following: str) -> str:
    return f"{path}?{urlencode({'next': following})}" if following else path
