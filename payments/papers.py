"""Invoices, receipts and certificates on paper: stored rows as a PDF, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

from core.money import format_money
from core.pdf import Column, Document
from core.product import rules
from core.templatetags.jalon import percent_bps
from payments.models import Charge, Invoice, Refund, Release
from payments.queries import Earned
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


def receipt_pdf(charge: Charge) -> bytes:
    """Return the receipt of a confirmed charge: what was paid, with what, and what became of the money until now."""
    title = _("Receipt of payment %(number)s") % {"number": charge.pk}
    paper = Document(
        title,
        author=rules().brand_name,
        language=get_language() or "en",
        page_of=lambda page, pages: f"{title}, {page}/{pages}",
    )
    paper.heading(title, is_large=True)
    paper.pairs(
        [
            (_("What for"), charge.title),
            (_("Paid by"), charge.party.name),
            (_("Paid with"), str(charge.method)),
            (_("Paid on"), _moment(charge.settled_at or charge.created_at)),
            (_("The payer was present"), _("yes") if charge.is_payer_present else _("no")),
            (_("Number at the payment provider"), charge.provider_id or "–"),
        ]
    )
    paper.gap()
    sums = [
        (charge.title, charge.gross),
        (_("VAT"), charge.vat),
        (_("Fee"), charge.client_fee),
        (_("VAT on the fee"), charge.client_fee_vat),
    ]
    paper.table(
        [Column(_("Description"), 0.7), Column(_("Amount"), 0.3, is_end=True)],
        [[name, format_money(amount, charge.currency)] for name, amount in sums if amount],
        [[_("Total paid"), format_money(charge.amount, charge.currency)]],
    )
    paper.gap()
    returned = Refund.objects.filter(charge=charge, status=Refund.Status.CONFIRMED).aggregate(total=Sum("amount"))
    if returned["total"]:
        amount = format_money(returned["total"], charge.currency)
        paper.text(_("Returned to the payer: %(amount)s") % {"amount": amount})
    for release in Release.objects.filter(charge=charge).order_by("pk"):
        facts = {"title": release.title, "amount": format_money(release.gross, release.currency)}
        facts["moment"] = _moment(release.created_at)
        paper.text(_("Approved and paid to the freelancer: %(title)s, %(amount)s, %(moment)s") % facts)
    for invoice in Invoice.objects.filter(charge=charge, buyer_party=charge.party_id).order_by("issued_at", "pk"):
        facts = {"number": invoice.number, "amount": format_money(invoice.total, invoice.currency)}
        text = (
            _("Credit note %(number)s: %(amount)s") if invoice.is_credit_note else _("Invoice %(number)s: %(amount)s")
        )
        paper.text(text % facts)
    paper.text(_("A receipt is no invoice. Invoices are under Payments, Invoices."), is_muted=True)
    return paper.render()


def earnings_pdf(
    year: int, holder: Sequence[str], quarters: Sequence[Earned], total: Earned, *, printed_at: datetime
) -> bytes:
    """Return the certificate of what a party earned in a year, by quarter and together.

    `holder` is the name and address of the party, one line each.
    """
    title = _("Earnings certificate %(year)s") % {"year": year}
    brand = rules().brand_name
    paper = Document(
        title,
        author=brand,
        language=get_language() or "en",
        page_of=lambda page, pages: f"{title}, {page}/{pages}",
    )
    paper.heading(title, is_large=True)
    paper.pairs([(_("Account"), holder[0]), (_("Printed on"), _moment(printed_at))])
    paper.gap()
    paper.side_by_side([_("Freelancer"), *holder], [_("Issued by"), brand])
    paper.gap()
    columns = [
        Column(_("Quarter"), 0.2),
        Column(_("Work without VAT"), 0.2, is_end=True),
        Column(_("VAT of the work"), 0.2, is_end=True),
        Column(_("Fees, with VAT"), 0.2, is_end=True),
        Column(_("Net"), 0.2, is_end=True),
    ]
    rows = [[f"{part.quarter}/{year}", *_sums_of(part)] for part in quarters]
    paper.table(columns, rows, [[_("Year"), *_sums_of(total)]])
    paper.gap()
    paper.text(
        _("Money counts on the day on which it was released, less what was given back or lost at a bank in that time."),
        is_muted=True,
    )
    paper.text(_("All days are in UTC."), is_muted=True)
    return paper.render()


def _sums_of(part: Earned) -> list[str]:
    return [format_money(amount, part.currency) for amount in (part.gross, part.vat, part.charged, part.net)]


def _moment(moment: datetime) -> str:
    return date_format(moment.astimezone(UTC), "DATETIME_FORMAT") + " UTC"


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
