"""Invoices and credit notes on paper: the stored row as a PDF, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

from core.money import format_money
from core.pdf import Column, Document
from core.product import rules
from core.templatetags.jalon import percent_bps
from payments.models import Invoice
from payments.tax import mention_of

Kind = Invoice.Kind


def invoice_pdf(invoice: Invoice) -> bytes:
    """Return the document; the same row gives the same bytes in the same language."""
    brand = rules().brand_name
    name = _("Credit note") if invoice.is_credit_note else _("Invoice")
    paper = Document(
        f"{name} {invoice.number}",
        author=str(invoice.seller["name"]),
        language=get_language() or "en",
        page_of=lambda page, pages: f"{invoice.number}, {page}/{pages}",
    )
    paper.heading(f"{name} {invoice.number}", is_large=True)
    issued_on = date_format(invoice.issued_at.astimezone(UTC).date(), "DATE_FORMAT")
    facts = [(_("Date"), issued_on), (_("Work done and approved on"), issued_on)]
    if invoice.kind != Kind.WORK:
        facts = facts[:1]
    if invoice.credits:
        facts.append((_("Takes back"), invoice.credits.number))
    paper.pairs(facts)
    paper.gap()
    paper.side_by_side(
        [_("Seller"), *identity_lines(invoice.seller)],
        [_("Customer"), *identity_lines(invoice.buyer)],
    )
    paper.gap()
    money = [format_money(amount, invoice.currency) for amount in (invoice.net, invoice.vat, invoice.total)]
    rate = percent_bps(invoice.vat_bps) if invoice.vat_bps else "–"
    paper.table(
        [
            Column(_("Description"), 0.46),
            Column(_("Without VAT"), 0.18, is_end=True),
            Column(_("Rate of VAT"), 0.18, is_end=True),
            Column(_("Total"), 0.18, is_end=True),
        ],
        [[_description(invoice), money[0], rate, money[2]]],
        [
            [_("Total without VAT"), "", "", money[0]],
            [_("VAT"), "", "", money[1]],
            [_("Total"), "", "", money[2]],
        ],
    )
    paper.gap()
    for line in _mentions(invoice, brand, issued_on):
        paper.text(line, is_muted=True)
    return paper.render()


def identity_lines(identity: Mapping[str, str]) -> list[str]:
    """Return the lines that a document prints of one side."""
    country = countries.name(identity["country"]) if identity["country"] else ""
    address = [line.strip() for line in identity["address"].splitlines() if line.strip()]
    numbers = [
        f"SIRET {identity['siret']}" if identity["siret"] else "",
        _("VAT number %(number)s") % {"number": identity["vat_number"]} if identity["vat_number"] else "",
    ]
    return [line for line in (identity["name"], *address, str(country), *numbers) if line]


def _description(invoice: Invoice) -> str:
    texts = {
        Kind.WORK: _("Work: %(title)s"),
        Kind.CLIENT_FEE: _("Client fee: %(title)s"),
        Kind.FREELANCER_FEE: _("Freelancer fee: %(title)s"),
        Kind.SALE: "%(title)s",
    }
    return texts[Kind(invoice.kind)] % {"title": invoice.title}


def _mentions(invoice: Invoice, brand: str, issued_on: str) -> list[str]:
    tax = mention_of(invoice.vat_reason, str(invoice.seller["country"]))
    lines = [tax] if tax else []
    if invoice.kind == Kind.WORK:
        lines.append(
            _("Issued by %(operator)s in the name and on behalf of %(seller)s (billing mandate, version %(version)s).")
            % {
                "operator": invoice.seller["issued_by"],
                "seller": invoice.seller["name"],
                "version": invoice.mandate_version,
            }
        )
    if invoice.is_credit_note:
        lines.append(_("This amount was returned."))
    else:
        lines.append(
            _("Paid through %(brand)s on %(date)s. Nothing is left to pay.") % {"brand": brand, "date": issued_on}
        )
    lines.append(_("This document is not an electronic invoice in the sense of the French reform."))
    return lines
