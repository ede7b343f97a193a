"""The pages of those who pay: cards, what is held, and every charge and refund."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.money import format_money
from core.product import rules
from payments.actions import ask_credit_back, make_default_method, remove_payment_method
from payments.queries import (
    charges_for,
    credit_page,
    credit_total,
    held_by_client,
    method_for,
    reason_of,
    usable_methods,
)
from payments.registry import link_to
from payments.views.methods import payer

PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD"])
def payments_page(request: Request) -> HttpResponse:
    """Show cards, held money by contract, and what was charged and returned."""
    party_id = payer(request)
    page = Paginator(charges_for(request.actor), PAGE).get_page(request.GET.get("page"))
    held, credit = held_by_client(party_id), credit_page(party_id)
    context = {
        "methods": usable_methods(party_id),
        "held": [(line, link_to(line.scope)) for line in held],
        "held_total": sum(line.held.total for line in held),
        "page": page,
        "charges": [(charge, link_to(charge.scope), reason_of(charge.failure_code)) for charge in page],
        "credit": credit,
        "credit_lines": [(each, link_to(each.scope)) for each in credit.credits],
        "credit_payments": [(each, link_to(each.scope)) for each in credit.payments],
        "currency": rules().currency,
    }
    return render(request, "payments/client.html", context)


@login_required
@require_POST
def credit_ask_back(request: Request) -> HttpResponse:
    """Ask for all the credit back: to other cards at once where they can take some, else by staff."""
    party_id = payer(request)
    try:
        refunds = ask_credit_back(party_id=party_id, by=request.actor, at=now())
    except DomainError as error:
        if isinstance(error, NotAllowed):
            raise
        messages.error(request, error.message)
        return redirect("payments:client")
    returned = sum(refund.credit for refund in refunds)
    if returned:
        amount = format_money(returned, rules().currency)
        messages.success(request, _("%(amount)s is on its way back to your cards.") % {"amount": amount})
    if credit_total(party_id):
        messages.success(request, _("Our staff will contact you to pay your credit out."))
    return redirect("payments:client")


@login_required
@require_POST
def method_remove(request: Request, method_id: int) -> HttpResponse:
    """Remove a card."""
    payer(request)
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
    payer(request)
    method = method_for(request.actor, method_id)
    make_default_method(method_id=method.pk, by=request.actor, at=now())
    messages.success(request, _("The card ending in %(last4)s is used first from now on.") % {"last4": method.last4})
    return redirect("payments:client")
