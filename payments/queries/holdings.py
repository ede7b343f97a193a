"""What is held, for whom and on what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Sum

from payments.models import Holding


@dataclass(frozen=True, slots=True)
class Held:
    """What is held on a holder, in minor units: the gross of the work and the client fee on top."""

    gross: int
    client_fee: int

    @property
    def total(self) -> int:
        """Return what the client paid for it."""
        return self.gross + self.client_fee


def held(holder: str) -> Held:
    """Return what is held on one holder, such as "milestone:7"."""
    return held_many([holder])[holder]


def held_many(holders: Collection[str]) -> dict[str, Held]:
    """Return what is held on each of the holders, in one query."""
    rows = (
        Holding.objects.filter(holder__in=holders, gross_left__gt=0)
        .values("holder")
        .annotate(gross=Sum("gross_left"), client_fee=Sum("fee_left"))
        .order_by("holder")
    )
    found = {row["holder"]: Held(row["gross"], row["client_fee"]) for row in rows}
    return {holder: found.get(holder, Held(0, 0)) for holder in holders}


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
        .annotate(gross=Sum("gross_left"), client_fee=Sum("fee_left"))
        .order_by("scope", "payee__name")
    )
    return [HeldLine(row["scope"], row["payee__name"], Held(row["gross"], row["client_fee"])) for row in rows]
