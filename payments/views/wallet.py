"""The pages of those who earn: wallet, statement, withdrawals, bank accounts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from core.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.money import LARGEST, format_money
from core.product import rules
from payments.actions import (
    add_payout_method,
    ask_about_account,
    begin_onboarding,
    cancel_withdrawal,
    remove_payout_method,
    request_withdrawal,
    set_withdrawal_schedule,
    stop_withdrawal_schedule,
)
from payments.actions.payouts import AccountElsewhere
from payments.forms import BankForm, ScheduleForm, WithdrawForm
from payments.gateway import GatewayRefused, GatewayUnreachable
from payments.gateways import current_gateway
from payments.models import GatewayAccount, WithdrawalSchedule
from payments.permissions import can_see_wallet, can_use_payout_method
from payments.queries import (
    contested_releases,
    giveable_releases,
    latest_scheduled,
    missing_words,
    payout_method_for,
    purse,
    schedule_of,
    usable_payout_methods,
    wallet,
    why_waiting,
    withdrawal_for,
    withdrawals_of,
)
from payments.registry import link_to
from payments.views.provider import with_onboarding

LATEST = 10


View = Callable[..., HttpResponse]
#: Asks for the password or the second factor, unless the person gave it minutes ago.
proved: Callable[[View], View] = reauthentication_required


def earners_only(view: View) -> View:
    """Refuse people who may not move the money of a freelancer or agency, before anything else is asked of them."""

    @functools.wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_see_wallet(request.actor, request.actor.party_id):
            raise NotAllowed(_("Only people who may move money of a freelancer or agency account see its wallet."))
        return view(request, *args, **kwargs)

    return guarded


@login_required
@earners_only
@require_http_methods(["GET", "HEAD"])
def wallet_page(request: Request) -> HttpResponse:
    """Show what is held, pending, available and on its way, by contract, and what to do next."""
    party_id, at = earner(request), now()
    mine = wallet(party_id, at)
    context = {
        "wallet": mine,
        "lines": [(line, link_to(line.scope)) for line in mine.lines],
        "withdrawals": withdrawals_of(party_id)[:LATEST],
        "has_own_onboarding": current_gateway().has_own_onboarding,
        "missing": missing_words(mine.account),
        "is_account_enabled": mine.account is not None and mine.account.status == GatewayAccount.Status.ENABLED,
        "usable": [method for method in mine.payout_methods if can_use_payout_method(party_id, method, at)],
        "waiting": [method for method in mine.payout_methods if not can_use_payout_method(party_id, method, at)],
        "why_waiting": why_waiting(party_id, mine.account) if mine.purse.arriving else None,
        "giveable": [(release, link_to(release.scope)) for release in giveable_releases(party_id, at)[:LATEST]],
        "contested": [(line, link_to(line.release.scope)) for line in contested_releases(party_id)],
        "schedule": schedule_of(party_id),
        "latest_scheduled": latest_scheduled(party_id),
        "now": at,
        "wait_days": rules().payout_method_wait_days,
        "security_days": rules().security_days,
        "currency": rules().currency,
    }
    return render(request, "payments/wallet.html", context)


@login_required
@earners_only
@proved
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: Request) -> HttpResponse:
    """Choose an amount and a bank account, see exactly what happens, then withdraw."""
    party_id, at = earner(request), now()
    money = purse(party_id)
    methods = usable_payout_methods(party_id, at)
    data = request.POST if request.method == "POST" else None
    # once confirmed, the verb decides: the second send of the same form is met by its token, not by what is left
    maximum = LARGEST if "confirmed" in request.POST else money.withdrawable
    form = WithdrawForm(data, methods=methods, maximum=maximum)
    refusal, status, is_checked = "", 200, False
    if request.method == "POST":
        is_checked = form.is_valid()
        status = 200 if is_checked else 422
        if is_checked and "confirmed" in request.POST:
            try:
                withdrawal = request_withdrawal(
                    party_id=party_id,
                    method_id=form.cleaned_data["method"].pk,
                    amount=form.cleaned_data["amount"],
                    token=form.cleaned_data["token"],
                    by=request.actor,
                    at=at,
                )
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status, is_checked = error.message, error.status_code, False
            else:
                sum_text = format_money(withdrawal.amount, withdrawal.currency)
                messages.success(request, _("%(amount)s is on its way to your bank.") % {"amount": sum_text})
                return redirect("payments:wallet")
    context = {
        "form": form,
        "refusal": refusal,
        "has_errors": status != 200,
        "is_checked": is_checked,
        "purse": money,
        "has_methods": methods.exists(),
        "wait_days": rules().payout_method_wait_days,
        "security_days": rules().security_days,
        "currency": rules().currency,
    }
    return render(request, "payments/withdraw.html", context, status=status)


@login_required
@earners_only
@proved
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal_schedule(request: Request) -> HttpResponse:
    """Choose the days on which what can leave goes to the bank by itself, or none."""
    party_id, at = earner(request), now()
    methods = usable_payout_methods(party_id, at)
    data = request.POST if request.method == "POST" else None
    form = ScheduleForm(data, methods=methods, schedule=schedule_of(party_id))
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _change_schedule(party_id, form.cleaned_data, by=request.actor, at=at)
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The schedule of your withdrawals is saved."))
                return redirect("payments:wallet")
    context = {"form": form, "refusal": refusal, "has_errors": status != 200, "has_methods": methods.exists()}
    context["wait_days"] = rules().payout_method_wait_days
    return render(request, "payments/withdrawal_schedule.html", context, status=status)


def _change_schedule(party_id: int, chosen: dict[str, Any], *, by: Actor, at: datetime) -> None:
    """Call the verb that was meant; to stop what does not run is no mistake."""
    if chosen["rhythm"] != ScheduleForm.NONE:
        set_withdrawal_schedule(
            party_id=party_id,
            rhythm=chosen["rhythm"],
            threshold=chosen["threshold"],
            method_id=chosen["method"].pk,
            by=by,
            at=at,
        )
        return
    schedule = schedule_of(party_id)
    if schedule is not None and schedule.status != WithdrawalSchedule.Status.OFF:
        stop_withdrawal_schedule(party_id=party_id, by=by, at=at)


@login_required
@earners_only
@require_POST
def withdrawal_cancel(request: Request, withdrawal_id: int) -> HttpResponse:
    """Stop a withdrawal that was not sent yet."""
    withdrawal = withdrawal_for(request.actor, withdrawal_id)
    try:
        cancel_withdrawal(withdrawal_id=withdrawal.pk, by=request.actor, at=now())
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The withdrawal is cancelled. The money is available again."))
    return redirect("payments:wallet")


@login_required
@earners_only
@proved
@require_http_methods(["GET", "HEAD", "POST"])
def onboarding(request: Request) -> HttpResponse:
    """Say what the provider asks and why; a POST leads to its own pages, where it is told and the bank is named."""
    party_id = earner(request)
    if not current_gateway().has_own_onboarding:
        return redirect("payments:payout_method_new")
    refusal = ""
    if request.method == "POST":
        try:
            url = begin_onboarding(
                party_id=party_id,
                return_url=request.build_absolute_uri(reverse("payments:wallet")),
                refresh_url=request.build_absolute_uri(reverse("payments:onboarding")),
                by=request.actor,
                at=now(),
            )
        except (GatewayUnreachable, GatewayRefused):
            refusal = _("Our payment provider does not answer. Try again in a moment.")
        except AccountElsewhere as error:
            refusal = error.message
        else:
            return with_onboarding(redirect(url))
    account = GatewayAccount.objects.filter(party_id=party_id).first()
    context = {
        "missing": missing_words(account),
        "is_account_enabled": account is not None and account.status == GatewayAccount.Status.ENABLED,
        "refusal": refusal,
        "has_errors": bool(refusal),
        "wait_days": rules().payout_method_wait_days,
    }
    return with_onboarding(render(request, "payments/onboarding.html", context, status=409 if refusal else 200))


@login_required
@earners_only
@require_POST
def account_check(request: Request) -> HttpResponse:
    """Ask the provider how the account stands now."""
    with suppress(GatewayUnreachable, GatewayRefused):  # the wallet shows what was known before
        ask_about_account(party_id=earner(request), by=request.actor, at=now())
    return redirect("payments:wallet")


@login_required
@earners_only
@proved
@require_http_methods(["GET", "HEAD", "POST"])
def payout_method_new(request: Request) -> HttpResponse:
    """Add a bank account."""
    party_id = earner(request)
    if current_gateway().has_own_onboarding:
        return redirect("payments:onboarding")
    form = BankForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                method = add_payout_method(
                    party_id=party_id, iban=form.cleaned_data["iban"], by=request.actor, at=now()
                )
            except NotAllowed:
                raise
            except DomainError as error:
                refusal, status = error.message, error.status_code
            else:
                messages.success(request, _("The bank account %(label)s is saved.") % {"label": method.label})
                return redirect("payments:wallet")
    context = {
        "form": form,
        "refusal": refusal,
        "has_errors": status != 200,
        "wait_days": rules().payout_method_wait_days,
    }
    return render(request, "payments/payout_method_new.html", context, status=status)


@login_required
@earners_only
@proved
@require_POST
def payout_method_remove(request: Request, method_id: int) -> HttpResponse:
    """Remove a bank account."""
    method = payout_method_for(request.actor, method_id)
    try:
        remove_payout_method(method_id=method.pk, by=request.actor, at=now())
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The bank account %(label)s is removed.") % {"label": method.label})
    return redirect("payments:wallet")


def earner(request: Request) -> int:
    """Return the party that earns."""
    if request.actor.party_id is None:
        raise NotAllowed(_("Choose an account first."))
    return request.actor.party_id
