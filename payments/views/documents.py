"""Invoices and credit notes: the list of a party's, and each as a PDF."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.errors import NotAllowed
from payments.papers import invoice_pdf
from payments.permissions import can_see_invoices
from payments.queries import invoice_for, invoices_of
from payments.registry import link_to

PAGE = 30


@login_required
@require_safe
def invoices(request: Request) -> HttpResponse:
    """List what the party bought and sold, newest first."""
    party_id = request.actor.party_id
    if party_id is None or not can_see_invoices(request.actor, party_id):
        raise NotAllowed(_("Only people who may spend money of an account see its invoices."))
    page = Paginator(invoices_of(party_id), PAGE).get_page(request.GET.get("page"))
    lines = [(invoice, link_to(invoice.scope), invoice.seller_party_id == party_id) for invoice in page]
    return render(request, "payments/invoices.html", {"page": page, "lines": lines})


@login_required
@require_safe
def invoice(request: Request, invoice_id: uuid.UUID) -> HttpResponse:
    """Send one as a PDF."""
    document = invoice_for(request.actor, invoice_id)
    answer = HttpResponse(invoice_pdf(document), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{document.number}.pdf"'
    return answer
