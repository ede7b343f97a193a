"""A chargeback with all that belongs to it, for finance staff: what is frozen where, and what speaks for the charge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from django.db.models import QuerySet, Sum

from core.money import format_money
from core.pdf import Document
from core.product import rules
from events.models import Event
from events.queries import history_of
from payments.gateway import EVIDENCE_FILES, EVIDENCE_TEXTS, Evidence, EvidenceFile
from payments.models import Charge, Chargeback, FrozenPart, FrozenRelease, Invoice, MoneyCase, Refund, Release
from payments.registry import purpose_named

#: Characters of each text that a bank reads.
LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the sum in question was when it was contested, in minor units.

    The first five are frozen; `refunds` is what did not reach the payer, on its way or as credit. `missing` was paid
    out; `fees` is what the operator earned of it, and gives up where the chargeback is lost; `uncovered` had gone back
    before.
    """

    held: int
    cases: int
    refunds: int
    pending: int
    available: int
    missing: int
    fees: int
    uncovered: int


@dataclass(frozen=True, slots=True)
class ChargebackFile:
    """A chargeback on one screen."""

    chargeback: Chargeback
    charge: Charge
    sources: Sources
    cases: tuple[MoneyCase, ...]
    history: tuple[Event, ...]


def sources_of_chargeback(chargeback: Chargeback) -> Sources:
    """Return where the money of a chargeback was."""
    held = cases = refunds = 0
    for part in FrozenPart.objects.filter(case=chargeback.holder):
        kind = part.taken_from.partition(":")[0]
        held += part.whole if not kind else 0
        cases += part.whole if kind == "case" else 0
        refunds += part.whole if kind in {"refund", "credit"} else 0
    rows = list(FrozenRelease.objects.filter(case=chargeback.holder))
    return Sources(
        held=held,
        cases=cases,
        refunds=refunds,
        pending=sum(row.frozen for row in rows if not row.is_available),
        available=sum(row.frozen for row in rows if row.is_available),
        missing=chargeback.missing,
        fees=sum(row.whole - row.frozen - row.missing for row in rows),
        uncovered=chargeback.uncovered,
    )


def contested_releases(party_id: int) -> QuerySet[FrozenRelease]:
    """Return what banks look at of the money that a party was paid, oldest first."""
    mine = FrozenRelease.objects.filter(payee_id=party_id, closed_at=None)
    return mine.select_related("release__payer").order_by("pk")


def chargeback_file(chargeback_id: int) -> ChargebackFile | None:
    """Return everything about a chargeback, for staff; None for one that does not exist."""
    chargeback = Chargeback.objects.select_related("charge__party", "charge__method").filter(pk=chargeback_id).first()
    if chargeback is None:
        return None
    charge = chargeback.charge
    return ChargebackFile(
        chargeback=chargeback,
        charge=charge,
        sources=sources_of_chargeback(chargeback),
        cases=tuple(MoneyCase.objects.filter(subject=chargeback.holder).order_by("pk")),
        history=tuple(history_of(chargeback.holder, f"charge:{charge.pk}", limit=100)),
    )


def evidence_of(chargeback: Chargeback, *, words: str = "") -> Evidence:
    """Return what speaks for a contested charge: what its purpose knows, a receipt, and the `words` of staff.

    Texts are cut to what a bank reads.
    """
    charge = chargeback.charge
    collect = purpose_named(charge.purpose).evidence
    found = collect(charge) if collect else Evidence(texts=_texts_of(charge), files={})
    texts = {**found.texts, "other": words}
    files = {**found.files, "receipt": _receipt(charge)}
    return Evidence(
        texts={name: texts[name][:LONGEST_TEXT] for name in EVIDENCE_TEXTS if texts.get(name)},
        files={name: files[name] for name in EVIDENCE_FILES if name in files},
    )


def _texts_of(charge: Charge) -> dict[str, str]:
    return {
        "product": charge.title,
        "service_date": (charge.settled_at or charge.created_at).astimezone(UTC).date().isoformat(),
        "customer_name": charge.party.name,
    }


def _receipt(charge: Charge) -> EvidenceFile:
    """Return the payment and what became of it, as a document."""
    title = f"Payment {charge.provider_id}"
    paper = Document(
        title, author=rules().brand_name, language="en", page_of=lambda page, pages: f"{title}, {page}/{pages}"
    )
    paper.heading(title, is_large=True)
    paper.pairs(
        [
            ("What for", charge.title),
            ("Paid by", charge.party.name),
            ("Paid with", str(charge.method)),
            ("Paid on", f"{(charge.settled_at or charge.created_at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
            ("Amount", format_money(charge.amount, charge.currency)),
            ("The payer was present", "yes" if charge.is_payer_present else "no"),
        ]
    )
    returned = Refund.objects.filter(charge=charge, status=Refund.Status.CONFIRMED).aggregate(total=Sum("amount"))
    if returned["total"]:
        paper.text(f"Returned to the payer before: {format_money(returned['total'], charge.currency)}")
    releases = Release.objects.filter(charge=charge).order_by("pk")
    for release in releases:
        approved = f"{release.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        amount = format_money(release.gross, release.currency)
        paper.text(f"Approved and paid on: {release.title}, {amount}, {approved}")
    for invoice in Invoice.objects.filter(release__in=releases).order_by("pk"):
        paper.text(f"Invoice {invoice.number} of {format_money(invoice.total, invoice.currency)}")
    return EvidenceFile("receipt.pdf", "application/pdf", paper.render())
