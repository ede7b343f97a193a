"""Reads of connects: what a party holds, how it moved and when it expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from core.product import rules
from ledger.models import CONNECT
from ledger.queries import entries_of
from payments.models import Charge
from proposals.models import CONNECTS_PURPOSE, ConnectClaim, ConnectLot, ConnectSpend, connects_account


@dataclass(frozen=True, slots=True)
class ConnectsLine:
    """One movement of connects; `spend` names the proposal where there is one."""

    at: datetime
    kind: str
    amount: int
    balance: int
    spend: ConnectSpend | None


@dataclass(frozen=True, slots=True)
class ConnectsStatement:
    """One page of movements; `older_than` asks for the next and is None on the last."""

    lines: tuple[ConnectsLine, ...]
    older_than: int | None


def live_lots(party_id: int, at: datetime) -> QuerySet[ConnectLot]:
    """Return the lots that a party can spend from, those that expire first in front."""
    return ConnectLot.objects.filter(party_id=party_id, left__gt=0, expires_at__gt=at).order_by("expires_at", "pk")


def connects_left(party_id: int, at: datetime) -> int:
    """Return how many connects a party can spend."""
    return live_lots(party_id, at).aggregate(total=Sum("left"))["total"] or 0


def purchase_to_confirm(party_id: int) -> Charge | None:
    """Return the oldest charge for connects of a party that waits for somebody to confirm it at the bank."""
    waiting = Charge.objects.filter(party_id=party_id, purpose=CONNECTS_PURPOSE, status=Charge.Status.WAITING)
    return waiting.exclude(next_url="").filter(given_up_at=None).order_by("pk").first()


def connects_owed(party_id: int) -> int:
    """Return how many connects a party has to buy again: their payment was taken back, and they were spent."""
    return ConnectClaim.objects.filter(party_id=party_id).aggregate(total=Sum("owed"))["total"] or 0


def free_connects(party_id: int, at: datetime) -> int:
    """Return how many of a party's connects were given, not bought."""
    return live_lots(party_id, at).filter(origin__in=ConnectLot.FREE).aggregate(total=Sum("left"))["total"] or 0


def lots_out_of_balance() -> QuerySet[ConnectLot]:
    """Return the lots whose parts do not add up: more is left and spent than they held."""
    return ConnectLot.objects.annotate(
        spent=Sum("spent_parts__amount", filter=Q(spent_parts__spend__returned_at=None), default=0)
    ).filter(spent__gt=F("amount") - F("left"))


#: The kinds of movement that each choice of the statement shows.
MOVEMENTS = {
    "received": ("connects_welcome", "connects_monthly", "connects_purchase"),
    "spent": ("connects_spent",),
    "returned": ("connects_returned",),
    "gone": ("connects_expired", "connects_taken_back", "connects_bought_back"),
}


def connects_statement(
    party_id: int,
    *,
    older_than: int | None = None,
    group: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> ConnectsStatement:
    """Return one page of a party's movements of connects, newest first, each with its reason and its job.

    `group` is a key of `MOVEMENTS`, or nothing for all; `since` and `until` are moments, from and before.
    """
    page = entries_of(
        [connects_account(party_id)],
        CONNECT,
        limit=30,
        older_than=older_than,
        kinds=MOVEMENTS.get(group),
        since=since,
        until=until,
    )
    spend_ids = {
        int(line.key.rpartition(":")[2]) for line in page.lines if line.kind in {"connects_spent", "connects_returned"}
    }
    spends = ConnectSpend.objects.filter(pk__in=spend_ids).select_related("proposal__job").in_bulk()
    lines = []
    for line in page.lines:
        spend = (
            spends.get(int(line.key.rpartition(":")[2]))
            if line.kind in {"connects_spent", "connects_returned"}
            else None
        )
        is_given_back = line.key.startswith("connect-lot:claim:")  # a lot like a bought one, but nobody paid for it now
        kind = "connects_given_back" if is_given_back else line.kind
        lines.append(ConnectsLine(line.at, kind, line.amount, line.balance, spend))
    return ConnectsStatement(tuple(lines), page.older_than)


@dataclass(frozen=True, slots=True)
class Expiry:
    """What of a party's connects goes on one day unless it is spent before: when, how many, and how many are left."""

    at: datetime
    amount: int
    left: int
    is_soon: bool


def expiry_forecast(party_id: int, at: datetime) -> tuple[Expiry, ...]:
    """Return day by day, of the reader's zone, what of a party's connects expires; together it is all they hold."""
    lots = list(live_lots(party_id, at))
    left = sum(lot.left for lot in lots)
    soon = at + timedelta(days=rules().connect_reminder_days)
    days = []
    for _day, group in groupby(lots, lambda lot: timezone.localdate(lot.expires_at)):
        same = list(group)
        amount = sum(lot.left for lot in same)
        left -= amount
        days.append(Expiry(same[0].expires_at, amount, left, same[0].expires_at <= soon))
    return tuple(days)
