"""The page on which the one who earned money gives some of it back to the client."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.money import LARGEST, format_money
from core.product import rules
from payments.actions import give_back_release
from payments.forms import GiveBackForm
from payments.queries import give_back_ends_at, most_to_give_back, quote_give_back, release_for
from payments.registry import link_to
from payments.views.wallet import earners_only


@login_required
@earners_only
@require_http_methods(["GET", "HEAD", "POST"])
def release_give_back(request: Request, release_id: int) -> HttpResponse:
    """Choose how much goes back, see exactly who gives and who gets what, then give it back."""
    release, at = release_for(request.actor, release_id), now()
    ends_at, most = give_back_ends_at(release), most_to_give_back(release)
    # once confirmed, the verb decides: the second send of the same form is met by its token, not by what is left
    maximum = LARGEST if "confirmed" in request.POST else most
    form = GiveBackForm(request.POST if request.method == "POST" else None, maximum=maximum)
    refusal, status, quote = "", 200, None
    if request.method == "POST" and "edit" not in request.POST:
        status = 422
        if form.is_valid():
            gross, status = form.cleaned_data["amount"], 200
            if "confirmed" in request.POST:
                try:
                    given = give_back_release(
                        release_id=release.pk,
                        gross=gross,
                        reason=form.cleaned_data["reason"],
                        seen_total=_seen(request, "seen_total"),
                        seen_remaining=_seen(request, "seen_remaining"),
                        token=form.cleaned_data["token"],
                        by=request.actor,
                        at=at,
                    )
                except NotAllowed:
                    raise
                except DomainError as error:
                    refusal, status = error.message, error.status_code
                else:
                    said = _("%(amount)s goes back to %(client)s.") % {
                        "amount": format_money(given.amount, release.currency),
                        "client": release.payer.name,
                    }
                    messages.success(request, said)
                    return redirect(link_to(release.scope) or "payments:wallet")
            else:
                quote = quote_give_back(release, gross)
    context = {
        "release": release,
        "back": link_to(release.scope),
        "form": form,
        "quote": quote,
        "most": most,
        "is_open": most > 0 and at < ends_at,
        "ends_at": ends_at,
        "is_to_credit": release.charge_id is None,
        "refusal": refusal,
        "has_errors": status != 200,
        "currency": rules().currency,
    }
    return render(request, "payments/give_back.html", context, status=status)


def _seen(request: Request, name: str) -> int:
    """Return a sum that the page had shown, -1 for one that it never shows."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else -1
