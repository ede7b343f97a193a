"""Invoices as those see them whom they concern."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotFound
from payments.models import Invoice
from payments.permissions import can_see_invoices


def invoices_of(party_id: int) -> QuerySet[Invoice]:
    """Return what a party bought and what was sold in its name, newest first."""
    mine = Invoice.objects.filter(Q(buyer_party_id=party_id) | Q(seller_party_id=party_id))
    return mine.select_related("credits").order_by("-issued_at", "-year", "-sequence", "pk")


def invoice_for(actor: Actor, invoice_id: uuid.UUID) -> Invoice:
    """Return one document of the actor's party, or any for finance staff. Raises NotFound."""
    invoice = Invoice.objects.select_related("credits").filter(pk=invoice_id).first()
    if invoice is None or not can_see_invoices(actor, invoice.buyer_party_id, invoice.seller_party_id):
        raise NotFound(_("There is no such invoice."))
    return invoice
