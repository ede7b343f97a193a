"""What is held, for whom and on what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from core.money import split
from payments.models import Holding


@dataclass(frozen=True, slots=True)
class Held:
    """What is held on a holder, in minor units: the gross of the work and the client fee on top, each with its VAT."""

    gross: int
    client_fee: int
    vat: int = 0
    client_fee_vat: int = 0

    @property
    def work(self) -> int:
        """Return what is held for the work, VAT included."""
        return self.gross + self.vat

    @property
    def fee(self) -> int:
        """Return what is held for the operator, VAT included."""
        return self.client_fee + self.client_fee_vat

    @property
    def total(self) -> int:
        """Return what the client paid for it."""
        return self.work + self.fee


NOTHING = Held(0, 0)
_SUMS = {
    "gross": Sum("gross_left"),
    "client_fee": Sum("fee_left"),
    "vat": Sum("vat_left"),
    "client_fee_vat": Sum("fee_vat_left"),
}


def held(holder: str) -> Held:
    """Return what is held on one holder, such as "milestone:7"."""
    return held_many([holder])[holder]


def held_many(holders: Collection[str]) -> dict[str, Held]:
    """Return what is held on each of the holders, in one query."""
    rows = (
        Holding.objects.filter(holder__in=holders, gross_left__gt=0)
        .values("holder")
        .annotate(**_SUMS)
        .order_by("holder")
    )
    found = {row["holder"]: _held(row) for row in rows}
    return {holder: found.get(holder, NOTHING) for holder in holders}


def held_part(holder: str, gross: int) -> Held:
    """Return what goes along when `gross` is taken from a holder now: its VAT, the client fee and the VAT on that."""
    shares = [part for _holding, part in shares_of(holdings_of(holder), gross)]
    return Held(
        gross=sum(part.gross for part in shares),
        client_fee=sum(part.client_fee for part in shares),
        vat=sum(part.vat for part in shares),
        client_fee_vat=sum(part.client_fee_vat for part in shares),
    )


def holdings_of(holder: str) -> QuerySet[Holding]:
    """Return what is left on a holder, in the order in which it is used: oldest charge first."""
    return Holding.objects.filter(holder=holder, gross_left__gt=0).order_by("created_at", "pk")


def shares_of(holdings: Iterable[Holding], gross: int) -> list[tuple[Holding, Held]]:
    """Return what is taken from each holding so that all of it is `gross`, or all there is where that is less.

    VAT and client fee follow in proportion; the last part of a holding takes what is left of them, so that no
    rounding stays behind.
    """
    shares, missing = [], gross
    for holding in holdings:
        if not missing:
            break
        part = min(holding.gross_left, missing)
        weights = [part, holding.gross_left - part]
        share = Held(
            gross=part,
            client_fee=split(holding.fee_left, weights)[0],
            vat=split(holding.vat_left, weights)[0],
            client_fee_vat=split(holding.fee_vat_left, weights)[0],
        )
        shares.append((holding, share))
        missing -= part
    return shares


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What a client has held for one contract or offer."""

    scope: str
    payee: str
    held: Held


def held_by_client(party_id: int) -> list[HeldLine]:
    """Return what a client has held, one line for each contract or offer, in one query."""
    rows = (
        Holding.objects.filter(payer_id=party_id, gross_left__gt=0)
        .values("scope", "payee__name")
        .annotate(**_SUMS)
        .order_by("scope", "payee__name")
    )
    return [HeldLine(row["scope"], row["payee__name"], _held(row)) for row in rows]


def _held(row: Mapping[str, Any]) -> Held:
    return Held(row["gross"], row["client_fee"], row["vat"], row["client_fee_vat"])
