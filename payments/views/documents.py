"""Invoices and credit notes, receipts, and the certificate of a year: the list of a party's, and each as a PDF."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import NotAllowed, NotFound
from core.limits import HOUR, limited
from payments.models import Charge
from payments.papers import earnings_pdf, identity_lines, invoice_pdf, receipt_pdf
from payments.permissions import can_see_invoices, can_see_wallet
from payments.queries import (
    charge_for,
    earnings_of,
    identity_of,
    invoice_for,
    invoices_of,
    total_of,
    years_earned,
)
from payments.registry import link_to
from payments.views.wallet import earner, earners_only

PAGE = 30
MOST_YEARS = 9999


@login_required
@require_safe
def invoices(request: Request) -> HttpResponse:
    """List what the party bought and sold, newest first."""
    party_id = request.actor.party_id
    if party_id is None or not can_see_invoices(request.actor, party_id):
        raise NotAllowed(_("Only people who may spend money of an account see its invoices."))
    page = Paginator(invoices_of(party_id), PAGE).get_page(request.GET.get("page"))
    lines = [(invoice, link_to(invoice.scope), invoice.seller_party_id == party_id) for invoice in page]
    years = years_earned(party_id) if can_see_wallet(request.actor, party_id) else []
    return render(request, "payments/invoices.html", {"page": page, "lines": lines, "years": years})


@login_required
@require_safe
def invoice(request: Request, invoice_id: uuid.UUID) -> HttpResponse:
    """Send one as a PDF."""
    document = invoice_for(request.actor, invoice_id)
    return _paper(invoice_pdf(document), document.number)


@login_required
@require_safe
@limited("receipt_pdf", limit=60, seconds=HOUR, methods=("GET",))
def receipt(request: Request, charge_id: int) -> HttpResponse:
    """Send the receipt of a payment as a PDF; there is none of one that was not paid."""
    charge = charge_for(request.actor, charge_id)
    if charge.status != Charge.Status.CONFIRMED:
        raise NotFound(_("There is no receipt: nothing was paid."))
    return _paper(receipt_pdf(charge), f"receipt-{charge.pk}")


@login_required
@earners_only
@require_safe
@limited("earnings_pdf", limit=60, seconds=HOUR, methods=("GET",))
def earnings(request: Request, year: int) -> HttpResponse:
    """Send the certificate of what the party earned in a year as a PDF."""
    party_id = earner(request)
    quarters = earnings_of(year, party_id=party_id) if 0 < year < MOST_YEARS else []
    if not quarters:
        raise NotFound(_("Nothing was earned in this year."))
    holder = identity_lines(identity_of(party_id))
    return _paper(earnings_pdf(year, holder, quarters, total_of(quarters), printed_at=now()), f"earnings-{year}")


def _paper(pdf: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer
