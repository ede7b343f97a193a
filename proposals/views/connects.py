"""Connects: the balance, where it came from and went, and buying more."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import Request
from accounts.permissions import reads_all
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.product import rules
from payments.actions import run_charge
from payments.queries import charge_quote, latest_charge, operator_tax, usable_methods
from payments.tax import UNTAXED, ChargeTaxes
from proposals.actions import buy_connects
from proposals.forms import ConnectsCardForm, MovementsForm, QuantityForm
from proposals.models import CONNECTS_PURPOSE
from proposals.permissions import can_buy_connects, can_submit_proposal
from proposals.queries import connects_left, connects_statement, expiry_forecast, purchase_to_confirm


def freelancer_party(request: Request) -> int:
    """Return the freelancer party that the reader acts for. Raises NotFound for everyone else."""
    if request.actor.party_id is None or request.actor.party_kind == "client" or request.actor.impersonator_id:
        raise NotFound("")
    if not reads_all(request.actor):
        raise NotAllowed(_("Your role in this account may not do this."))
    return request.actor.party_id


@login_required
@require_safe
def connects(request: Request) -> HttpResponse:
    """Show the balance of connects, the lots with their expiry and every movement."""
    party_id = freelancer_party(request)
    asked = MovementsForm(request.GET)
    asked.is_valid()
    since, until = asked.period()
    group, older = asked.group_name(), asked.cleaned_data.get("older")
    statement = connects_statement(party_id, older_than=older, group=group, since=since, until=until)
    forecast = expiry_forecast(party_id, now())
    context = {
        "left": sum(each.amount for each in forecast),
        "costs": rules().connect_costs,
        "forecast": forecast,
        "asked": asked,
        "is_narrowed": bool(since or until or group),
        "to_confirm": purchase_to_confirm(party_id),
        "lines": statement.lines,
        "older_than": statement.older_than,
        "is_first_page": not older,
        "packs": [(count, count * rules().connect_price) for count in rules().connect_packs],
        "vat": operator_tax(party_id),
        "form": QuantityForm(),
        "can_buy": can_buy_connects(request.actor, party_id),
        "can_bid": can_submit_proposal(request.actor),
        "currency": rules().currency,
    }
    return render(request, "proposals/connects.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connects_buy(request: Request) -> HttpResponse:
    """Confirm a number of connects and its exact price, and charge the chosen card."""
    party_id = freelancer_party(request)
    if not can_buy_connects(request.actor, party_id):
        raise NotAllowed(_("You may not buy connects for this account."))
    source = request.POST if request.method == "POST" else request.GET
    quantity_form = QuantityForm(source if "quantity" in source else {"quantity": rules().connect_packs[0]})
    methods = usable_methods(party_id)
    if not quantity_form.is_valid():
        context = {"quantity_form": quantity_form, "has_errors": True, "currency": rules().currency}
        return render(request, "proposals/connects_buy.html", context, status=422)
    quantity = quantity_form.cleaned_data["quantity"]
    form = ConnectsCardForm(request.POST if request.method == "POST" else None, methods=methods)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            at = now()
            try:
                purchase = buy_connects(
                    party_id=party_id,
                    quantity=quantity,
                    method_id=form.cleaned_data["method"].pk,
                    token=form.cleaned_data["token"],
                    by=request.actor,
                    at=at,
                )
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                charge = latest_charge(CONNECTS_PURPOSE, purchase.pk)
                if charge is None:
                    raise RuntimeError("a purchase was stored without its charge")
                run_charge(charge_id=charge.pk, at=at)
                return redirect("payments:charge", charge_id=charge.pk)
    context = {
        "quantity": quantity,
        "quantity_form": quantity_form,
        "price": charge_quote(quantity * rules().connect_price, 0, ChargeTaxes(operator_tax(party_id), UNTAXED)),
        "currency": rules().currency,
        "form": form,
        "has_methods": methods.exists(),
        "refusal": refusal,
        "has_errors": status != 200,
        "left_after": connects_left(party_id, now()) + quantity,
    }
    return render(request, "proposals/connects_buy.html", context, status=status)
