"""The page of one charge, and those for its second step: the provider's own, or the sandbox's bank."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import translate_url
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import NotAllowed, NotFound
from payments.actions import ask_about_charge
from payments.gateway import GatewayRefused, GatewayUnreachable
from payments.gateways import gateway_named, sandbox_gateway
from payments.models import Charge, PaymentMethod
from payments.permissions import can_follow_charge
from payments.queries import advice_of, charge_for, charges_for, is_hard_decline, reason_of
from payments.registry import link_to, words_to
from payments.views.provider import with_fields

#: Answers of the provider can take a moment; the page asks for itself again until there is one.
UNDECIDED = {Charge.Status.PLANNED, Charge.Status.WAITING}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def charge_page(request: Request, charge_id: int) -> HttpResponse:
    """Show how a payment stands, and what comes next; a POST asks the provider now."""
    charge = charge_for(request.actor, charge_id)
    if request.method == "POST":
        if not can_follow_charge(request.actor, charge):
            raise NotAllowed(_("You may not pay for this account."))
        if charge.status in UNDECIDED:
            with suppress(GatewayUnreachable):  # the page says that there is no answer yet, which is so
                ask_about_charge(charge_id=charge.pk, at=now())
        return redirect("payments:charge", charge_id=charge.pk)
    is_waiting_for_payer = charge.status == Charge.Status.WAITING and bool(charge.next_url)
    is_debit = charge.method.kind == PaymentMethod.Kind.SEPA_DEBIT
    is_collecting = charge.status == Charge.Status.WAITING and is_debit and not is_waiting_for_payer
    is_denied = charge.status == Charge.Status.DENIED
    context = {
        "charge": charge,
        "is_collecting": is_collecting,
        "is_undecided": charge.status in UNDECIDED and not is_waiting_for_payer and not is_collecting,
        "is_waiting_for_payer": is_waiting_for_payer,
        "next_url": _for_reader(charge.next_url),
        "can_follow": can_follow_charge(request.actor, charge),
        "reason": reason_of(charge.failure_code) if is_denied else "",
        "advice": advice_of(charge.failure_code) if is_denied else "",
        "needs_other_card": is_denied and is_hard_decline(charge.failure_code),
        "back_url": link_to(charge.scope),
        "back_words": words_to(charge.scope),
    }
    return render(request, "payments/charge.html", context)


def _for_reader(url: str) -> str:
    """Return the address of the second step; one of our own pages in the reader's language."""
    reader = translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(settings.LANGUAGE_CODE):
        return translate_url(url, reader) if url else ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_bank(request: Request, payment_id: str) -> HttpResponse:
    """Play the payer's bank: approve or refuse a test payment. Only the people of the party that pays come here."""
    charge = charges_for(request.actor).filter(provider_id=payment_id).first()
    sandbox = sandbox_gateway()
    if charge is None or charge.method.gateway != sandbox.name:
        raise NotFound(_("There is no such payment."))
    if not can_follow_charge(request.actor, charge):
        raise NotAllowed(_("You may not pay for this account."))
    if request.method == "POST" and request.POST.get("answer") in {"approve", "refuse"}:
        at = now()
        sandbox.decide(payment_id, is_approved=request.POST["answer"] == "approve", at=at)
        ask_about_charge(charge_id=charge.pk, at=at)
        return redirect("payments:charge", charge_id=charge.pk)
    is_open = charge.status == Charge.Status.WAITING and bool(charge.next_url)
    return render(request, "payments/sandbox_bank.html", {"charge": charge, "is_open": is_open})


@login_required
@require_http_methods(["GET", "HEAD"])
def second_step(request: Request, payment_id: str) -> HttpResponse:
    """Let the payer confirm a charge in the provider's own frames; what comes of it is asked of the provider."""
    charge = charges_for(request.actor).filter(provider_id=payment_id).first()
    if charge is None or not gateway_named(charge.method.gateway).has_own_fields:
        raise NotFound(_("There is no such payment."))
    if not can_follow_charge(request.actor, charge):
        raise NotAllowed(_("You may not pay for this account."))
    step, refusal = None, ""
    if charge.status == Charge.Status.WAITING and charge.next_url:
        try:
            step = gateway_named(charge.method.gateway).second_step(payment_id, at=now())
        except (GatewayUnreachable, GatewayRefused):
            refusal = _("Our payment provider does not answer. Try again in a moment.")
    context = {
        "charge": charge,
        "step": step,
        "refusal": refusal,
        "has_errors": bool(refusal),
        "js_url": settings.STRIPE_JS_URL,
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
    }
    return with_fields(render(request, "payments/second_step.html", context, status=409 if refusal else 200))
