"""Invoices as those see them whom they concern."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.errors import NotFound
from core.product import rules
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


def identity_of(party_id: int) -> dict[str, str]:
    """Return what is printed of a party on documents, as it stands now."""
    party = Party.objects.select_related("legal_profile").get(pk=party_id)
    profile = getattr(party, "legal_profile", None)
    if profile is None:
        return {"name": party.name, "address": "", "country": str(party.country), "siret": "", "vat_number": ""}
    return {
        "name": profile.legal_name,
        "address": profile.address,
        "country": str(profile.country),
        "siret": profile.siret,
        "vat_number": profile.vat_number,
    }


def operator_identity() -> dict[str, str]:
    """Return what is printed of the operator on documents, as the settings say now."""
    return {
        "name": rules().operator_name,
        "address": rules().operator_address.replace(", ", "\n"),
        "country": rules().operator_country,
        "siret": rules().operator_register_number,
        "vat_number": rules().operator_vat_number,
    }
