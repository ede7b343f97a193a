"""A chargeback with all that belongs to it, for finance staff: what is frozen where, and what speaks for the charge."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from events.models import Event
from events.queries import history_of
from payments.models import Charge, Chargeback, FrozenPart, FrozenRelease, MoneyCase


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
