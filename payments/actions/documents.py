"""Issuing invoices and credit notes: numbered without gaps, made once for each sale, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import MandateAcceptance
from core.actor import Actor
from core.product import rules
from events.actions import record
from payments.models import (
    Charge,
    Chargeback,
    CreditPayment,
    FrozenRelease,
    GiveBack,
    Invoice,
    InvoiceSeries,
    Release,
)
from payments.queries.documents import identity_of, operator_identity
from payments.registry import purpose_named

OPERATOR = "operator"
Kind = Invoice.Kind


@dataclass(frozen=True, slots=True)
class Sale:
    """One side of what a release or a charge sold: a sum without VAT, its VAT, and why it is that."""

    kind: str
    net: int
    vat: int
    vat_bps: int
    vat_reason: str
    seller_party_id: int | None
    buyer_party_id: int


def sales_of(release: Release) -> list[Sale]:
    """Return what a release sold: the freelancer's work, and the operator's fee to each side. Nothing of zero."""
    paid: Charge | CreditPayment | None = release.charge or release.credit_payment
    if paid is None:  # an advance of the operator: nobody was charged for it yet
        return []
    sales = [
        Sale(
            Kind.WORK, release.gross, release.vat, paid.vat_bps, paid.vat_reason, release.payee_id, release.payer_id
        ),
        Sale(
            Kind.CLIENT_FEE, release.client_fee, release.client_fee_vat, paid.fee_vat_bps, paid.fee_vat_reason,
            None, release.payer_id,
        ),
        Sale(
            Kind.FREELANCER_FEE, release.fee, release.fee_vat, release.fee_vat_bps, release.fee_vat_reason,
            None, release.payee_id,
        ),
    ]  # fmt: skip
    return [sale for sale in sales if sale.net + sale.vat]


@transaction.atomic
def issue_release_invoices(*, release_id: int, at: datetime) -> list[Invoice]:
    """Invoice what a release sold; a second time finds them and makes none.

    The work is invoiced in the freelancer's name where their billing mandate allowed it when it was released: without
    one they invoice it themselves, whenever this runs. From: nothing. To: issued. Money: none.
    Event: payments.invoice_issued, one for each.
    """
    release = Release.objects.select_related("charge", "credit_payment").get(pk=release_id)
    made = []
    for sale in sales_of(release):
        mandate = _mandate_of(sale.seller_party_id, release.created_at)
        if sale.kind == Kind.WORK and not mandate:
            continue
        invoice = _issue(
            sale, source=f"release:{release.pk}", scope=release.scope, title=release.title, currency=release.currency,
            mandate_version=mandate, at=at, release=release, charge=release.charge,
        )  # fmt: skip
        made += [invoice] if invoice else []
    return made


@transaction.atomic
def issue_sale_invoice(*, charge_id: int, at: datetime) -> Invoice | None:
    """Invoice something that the operator sold for a confirmed charge, such as connects; once.

    From: nothing. To: issued. Money: none. Event: payments.invoice_issued.
    """
    charge = Charge.objects.get(pk=charge_id)
    sale = Sale(Kind.SALE, charge.gross, charge.vat, charge.vat_bps, charge.vat_reason, None, charge.party_id)
    return _issue(
        sale, source=f"charge:{charge.pk}", scope=charge.scope, title=charge.title, currency=charge.currency,
        mandate_version=0, at=at, charge=charge,
    )  # fmt: skip


@transaction.atomic
def issue_credit_notes(*, give_back_id: int, at: datetime) -> list[Invoice]:
    """Take back, of each invoice of a release, what was given back of it; a second time makes none.

    The invoices come first, also where the news of the release is still on its way.
    From: nothing. To: issued. Money: none. Event: payments.invoice_issued, one for each.
    """
    back = GiveBack.objects.get(pk=give_back_id)
    issue_release_invoices(release_id=back.release_id, at=at)
    sums = {
        Kind.WORK: (back.gross, back.vat),
        Kind.CLIENT_FEE: (back.client_fee, back.client_fee_vat),
        Kind.FREELANCER_FEE: (back.fee, back.fee_vat),
    }
    invoices = Invoice.objects.filter(release_id=back.release_id, credits=None).order_by("kind")
    return _credit(invoices, sums, source=f"give_back:{back.pk}", at=at)


@transaction.atomic
def issue_chargeback_credit_notes(*, chargeback_id: int, at: datetime) -> list[Invoice]:
    """Take back what the operator had invoiced of a payment that it lost; a second time makes none.

    Its fees of each release are given back, and what it sold for the payment itself. The work stays invoiced: the
    client owes it to the freelancer still (ADR 0010). From: nothing. To: issued. Money: none, the loss was posted.
    Event: payments.invoice_issued, one for each.
    """
    chargeback = Chargeback.objects.select_related("charge").get(pk=chargeback_id)
    source = f"chargeback:{chargeback.pk}"
    made: list[Invoice] = []
    if chargeback.status != Chargeback.Status.LOST:
        return made
    for lost in FrozenRelease.objects.filter(case=chargeback.holder, is_lost=True).order_by("pk"):
        issue_release_invoices(release_id=lost.release_id, at=at)
        sums = {
            Kind.CLIENT_FEE: (lost.client_fee, lost.client_fee_vat),
            Kind.FREELANCER_FEE: (lost.fee, lost.fee_vat),
        }
        invoices = Invoice.objects.filter(release_id=lost.release_id, credits=None, kind__in=sums).order_by("kind")
        made += _credit(invoices, sums, source=f"{source}:{lost.release_id}", at=at)
    if chargeback.uncovered and purpose_named(chargeback.charge.purpose).loss:
        issue_sale_invoice(charge_id=chargeback.charge_id, at=at)
        sums = {Kind.SALE: (chargeback.uncovered - chargeback.sale_vat, chargeback.sale_vat)}
        sold = Invoice.objects.filter(source=f"charge:{chargeback.charge_id}", kind=Kind.SALE, credits=None)
        made += _credit(sold, sums, source=source, at=at)
    return made


def _credit(
    invoices: Iterable[Invoice], sums: Mapping[Kind, tuple[int, int]], *, source: str, at: datetime
) -> list[Invoice]:
    """Issue a credit note for each invoice of whose kind something, without and with VAT, is taken back."""
    made = []
    for invoice in invoices:
        net, vat = sums[Kind(invoice.kind)]
        if not net + vat:
            continue
        sale = Sale(
            invoice.kind, net, vat, invoice.vat_bps, invoice.vat_reason, invoice.seller_party_id, invoice.buyer_party_id
        )
        note = _issue(
            sale, source=source, scope=invoice.scope, title=invoice.title, currency=invoice.currency,
            mandate_version=invoice.mandate_version, at=at, release_id=invoice.release_id, charge_id=invoice.charge_id,
            credits=invoice,
        )  # fmt: skip
        made += [note] if note else []
    return made


def _issue(
    sale: Sale, *, source: str, scope: str, title: str, currency: str, mandate_version: int, at: datetime, **rows: Any
) -> Invoice | None:
    """Make a document under the next number of its issuer's year; None if there is one of this kind and source."""
    issuer = f"party:{sale.seller_party_id}" if sale.seller_party_id else OPERATOR
    series, _is_new = InvoiceSeries.objects.get_or_create(issuer=issuer, year=at.year)
    series = InvoiceSeries.objects.locked(series.pk)
    if Invoice.objects.filter(kind=sale.kind, source=source).exists():
        return None
    series.last += 1
    series.save(update_fields=["last"])
    invoice = Invoice.objects.create(
        kind=sale.kind,
        issuer=issuer,
        year=at.year,
        sequence=series.last,
        number=f"{_prefix(sale.seller_party_id)}{at.year}-{series.last:05d}",
        source=source,
        scope=scope,
        seller_party_id=sale.seller_party_id,
        buyer_party_id=sale.buyer_party_id,
        seller=_seller(sale.seller_party_id),
        buyer=identity_of(sale.buyer_party_id),
        title=title,
        currency=currency,
        net=sale.net,
        vat=sale.vat,
        vat_bps=sale.vat_bps,
        vat_reason=sale.vat_reason,
        total=sale.net + sale.vat,
        mandate_version=mandate_version,
        issued_at=at,
        **rows,
    )
    record(
        kind="payments.invoice_issued",
        actor=Actor.system(),
        subject=f"invoice:{invoice.pk}",
        scope=scope,
        at=at,
        number=invoice.number,
        document=invoice.kind,
        party=invoice.buyer_party_id,
        amount=invoice.total,
        currency=currency,
    )
    return invoice


def _seller(party_id: int | None) -> dict[str, str]:
    """Return what is printed of the seller, with who issues the document where that is somebody else."""
    if party_id is None:
        return operator_identity()
    return {**identity_of(party_id), "issued_by": rules().operator_name}


def _prefix(seller_party_id: int | None) -> str:
    """Return what tells the numbers of one issuer from those of all others."""
    return f"F{seller_party_id}-" if seller_party_id else "OP-"


def _mandate_of(party_id: int | None, at: datetime) -> int:
    """Return the newest version of the billing mandate that a seller had accepted by then; 0 for none."""
    if party_id is None:
        return 0
    accepted = MandateAcceptance.objects.filter(party_id=party_id, accepted_at__lte=at).order_by("-version").first()
    return accepted.version if accepted else 0
