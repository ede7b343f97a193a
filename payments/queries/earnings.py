"""What parties earned in a year: for their own certificate, and for the operator's report to the tax office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import ExtractQuarter, ExtractYear

from payments.models import FrozenRelease, GiveBack, Release

_SUMS = ("gross", "vat", "fee", "fee_vat")


@dataclass(frozen=True, slots=True)
class Earned:
    """What one party earned in one quarter: minor units, less what was given back or lost at a bank in that time.

    `activities` counts the releases. `net` is what the party got.
    """

    party_id: int
    quarter: int
    currency: str
    activities: int = 0
    gross: int = 0
    vat: int = 0
    fee: int = 0
    fee_vat: int = 0

    @property
    def net(self) -> int:
        """Return what is left after the operator's fee and the VAT on it."""
        return self.gross + self.vat - self.charged

    @property
    def charged(self) -> int:
        """Return what the operator took, VAT included."""
        return self.fee + self.fee_vat

    def plus(self, other: Earned, sign: int = 1) -> Earned:
        """Return both together, or what is left when the other is taken away."""
        sums = {name: getattr(self, name) + sign * getattr(other, name) for name in _SUMS}
        return replace(self, activities=self.activities + max(sign, 0) * other.activities, **sums)


def earnings_of(year: int, *, party_id: int | None = None) -> list[Earned]:
    """Return what each party (or one) earned in each quarter of a year (UTC), in three queries.

    In the order of parties and quarters; quarters without any movement are left out.
    """
    since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found: dict[tuple[int, int, str], Earned] = {}
    sides: list[tuple[QuerySet[Release] | QuerySet[GiveBack] | QuerySet[FrozenRelease], str, str, int]] = [
        (Release.objects.all(), "payee", "created_at", 1),
        (GiveBack.objects.all(), "release__payee", "created_at", -1),
        (FrozenRelease.objects.filter(is_lost=True), "payee", "closed_at", -1),
    ]
    for rows, payee, moment, sign in sides:
        mine = rows.filter(**{payee: party_id}) if party_id is not None else rows
        for part in _by_quarter(mine.filter(**{f"{moment}__gte": since, f"{moment}__lt": until}), payee, moment):
            key = (part.party_id, part.quarter, part.currency)
            found[key] = found.get(key, Earned(*key)).plus(part, sign)
    return [found[key] for key in sorted(found)]


def years_earned(party_id: int) -> list[int]:
    """Return the years (UTC) in which money was released to a party, newest first."""
    years = Release.objects.filter(payee=party_id).annotate(year=ExtractYear("created_at", tzinfo=UTC))
    return list(years.order_by("-year").values_list("year", flat=True).distinct())


def total_of(parts: Sequence[Earned]) -> Earned:
    """Return the sum of parts of one party, of which there is at least one, under quarter 0."""
    total = replace(parts[0], quarter=0)
    for part in parts[1:]:
        total = total.plus(part)
    return total


def _by_quarter(
    rows: QuerySet[Release] | QuerySet[GiveBack] | QuerySet[FrozenRelease], payee: str, moment: str
) -> list[Earned]:
    currency = "release__currency" if payee.startswith("release__") else "currency"
    sums = rows.annotate(quarter=ExtractQuarter(moment, tzinfo=UTC)).values(payee, currency, "quarter")
    sums = sums.annotate(count=Count("pk"), **{f"sum_{name}": Sum(name) for name in _SUMS}).order_by()
    return [
        Earned(row[payee], row["quarter"], row[currency], row["count"], *(row[f"sum_{name}"] for name in _SUMS))
        for row in sums
    ]
