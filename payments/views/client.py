"""The pages of those who pay: cards, what is held, and every charge and refund."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import HOUR, limited
from core.product import rules
from payments.actions import add_payment_method, make_default_method, remove_payment_method
from payments.forms import SandboxCardForm
from payments.permissions import can_pay
from payments.queries import charges_for, held_by_client, method_for, reason_of, usable_methods
from payments.registry import link_to

PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD"])
def payments_page(request: Request) -> HttpResponse:
    """Show cards, held money by contract, and what was charged and returned."""
    party_id = _payer(request)
    page = Paginator(charges_for(request.actor), PAGE).get_page(request.GET.get("page"))
    held = held_by_client(party_id)
    context = {
        "methods": usable_methods(party_id),
        "held": [(line, link_to(line.scope)) for line in held],
        "held_total": sum(line.held.total for line in held),
        "page": page,
        "charges": [(charge, link_to(charge.scope), reason_of(charge.failure_code)) for charge in page],
        "currency": rules().currency,
    }
    return render(request, "payments/client.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("method_new", limit=30, seconds=HOUR)
def method_new(request: Request) -> HttpResponse:
    """Add a test card, then lead back to where it was needed."""
    party_id = _payer(request)
    form = SandboxCardForm(request.POST if request.method == "POST" else None)
    following = request.POST.get("next") or request.GET.get("next") or ""
    is_own = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    if not (is_own and following.startswith("/")):
        following = ""
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
                return HttpResponseRedirect(following) if following else redirect("payments:client")
    context = {"form": form, "next": following, "refusal": refusal, "has_errors": status != 200}
    return render(request, "payments/method_new.html", context, status=status)


@login_required
@require_POST
def method_remove(request: Request, method_id: int) -> HttpResponse:
    """Remove a card."""
    _payer(request)
    method = method_for(request.actor, method_id)
    try:
        remove_payment_method(method_id=method.pk, by=request.actor, at=now())
    except DomainError as error:
        if isinstance(error, NotAllowed):
            raise
        messages.error(request, error.message)
    else:
        messages.success(request, _("The card ending in %(last4)s is removed.") % {"last4": method.last4})
    return redirect("payments:client")


@login_required
@require_POST
def method_default(request: Request, method_id: int) -> HttpResponse:
    """Make a card the one that is offered first."""
    _payer(request)
    method = method_for(request.actor, method_id)
    make_default_method(method_id=method.pk, by=request.actor, at=now())
    messages.success(request, _("The card ending in %(last4)s is used first from now on.") % {"last4": method.last4})
    return redirect("payments:client")


def _payer(request: Request) -> int:
    """Return the party that pays. Raises NotAllowed for people who may not spend for one."""
    party_id = request.actor.party_id
    if party_id is None or not can_pay(request.actor):
        raise NotAllowed(_("Only people who may spend money of an account see its payments."))
    return party_id
