"""A client's credit: how much, where it came from, and which cards could still take some of it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Min, Q, QuerySet, Sum

from accounts.models import Party
from payments.models import Credit, CreditPayment, PaymentMethod, Refund


def open_credits(party_id: int) -> QuerySet[Credit]:
    """Return what is left of a client's credit at the gateway in use, oldest first; play money never pays for real."""
    return Credit.objects.filter(party_id=party_id, gateway=settings.PAYMENT_GATEWAY, left__gt=0).order_by("pk")


def credit_total(party_id: int) -> int:
    """Return how much credit a client can use now, in minor units."""
    return open_credits(party_id).aggregate(total=Sum("left"))["total"] or 0


@dataclass(frozen=True, slots=True)
class CreditPage:
    """What the payments page says of credit, in minor units.

    `to_cards` is what other cards of the client could take back at once, `waiting` what staff have to pay out.
    """

    total: int
    to_cards: int
    waiting: int
    credits: tuple[Credit, ...]
    payments: tuple[CreditPayment, ...]

    @property
    def can_ask(self) -> bool:
        """Test whether asking for it back would do anything."""
        return self.total > self.waiting or self.to_cards > 0


def credit_page(party_id: int) -> CreditPage:
    """Return what the payments page of a client says of its credit."""
    credits_left = tuple(open_credits(party_id))
    total = sum(credit.left for credit in credits_left)
    return CreditPage(
        total=total,
        to_cards=min(sum(rooms_for_credit(party_id).values()), total) if total else 0,
        waiting=sum(credit.left for credit in credits_left if credit.asked_back_at),
        credits=credits_left,
        payments=tuple(CreditPayment.objects.filter(party_id=party_id).order_by("-pk")[:20]),
    )


#: What the provider could still return of each paid charge, and nobody else is promised: not what went back, not what
#: is held or frozen, not what went to the payee or still will.
_ROOMS = """
SELECT c.id, c.amount
    - coalesce((SELECT sum(r.amount) FROM payments_refund r WHERE r.charge_id = c.id
                AND r.status NOT IN ('denied', 'dropped')), 0)
    - coalesce((SELECT sum(h.gross_left + h.vat_left + h.fee_left + h.fee_vat_left) FROM payments_holding h
                WHERE h.charge_id = c.id), 0)
    - coalesce((SELECT sum(f.gross + f.vat + f.client_fee + f.client_fee_vat) FROM payments_frozenpart f
                WHERE f.charge_id = c.id AND f.closed_at IS NULL), 0)
    - coalesce((SELECT sum(greatest(l.remaining, coalesce(t.amount, 0)))
                FROM payments_release l
                LEFT JOIN (SELECT release_id, sum(amount - coalesce(back, 0)) AS amount
                           FROM payments_providertransfer s
                           LEFT JOIN (SELECT transfer_id, sum(amount) AS back FROM payments_transferreversal
                                      WHERE status = 'confirmed' GROUP BY 1) AS b ON b.transfer_id = s.id
                           WHERE status <> 'denied' GROUP BY 1) AS t ON t.release_id = l.id
                WHERE l.charge_id = c.id), 0)
FROM payments_charge c JOIN payments_paymentmethod m ON m.id = c.method_id
WHERE c.party_id = %s AND c.status = 'confirmed' AND m.status = %s AND m.gateway = %s AND m.id <> ALL (%s)
  AND NOT EXISTS (SELECT FROM payments_chargeback x WHERE x.charge_id = c.id AND x.status <> 'won')
ORDER BY c.id
"""


def rooms_for_credit(party_id: int) -> dict[int, int]:
    """Return what each charge of a client could take of its credit, in minor units, oldest first.

    Cards that are removed, or that refused a refund before, take none.
    """
    refused = Refund.objects.filter(charge__party_id=party_id, status=Refund.Status.DENIED)
    methods = list(refused.values_list("charge__method_id", flat=True).distinct())
    with connection.cursor() as cursor:
        given: list[Any] = [party_id, PaymentMethod.Status.ACTIVE.value, settings.PAYMENT_GATEWAY, methods]
        cursor.execute(_ROOMS, given)
        return {charge_id: int(room) for charge_id, room in cursor.fetchall() if room > 0}


@dataclass(frozen=True, slots=True)
class CreditOwner:
    """A client that has credit, for the queue of finance staff. `asked_back_at` is empty where nobody asked."""

    party: Party
    total: int
    asked_back_at: datetime | None
    oldest_at: datetime


def credit_queue() -> list[CreditOwner]:
    """Return every client with credit at the gateway in use, those who asked it back first, longest first."""
    left = Q(credits__left__gt=0, credits__gateway=settings.PAYMENT_GATEWAY)
    parties = Party.objects.filter(left).annotate(
        credit_left=Sum("credits__left", filter=left),
        credit_asked_at=Min("credits__asked_back_at", filter=left),
        credit_since=Min("credits__created_at", filter=left),
    )
    owners = [
        CreditOwner(party, party.credit_left, party.credit_asked_at, party.credit_since)  # type: ignore[attr-defined]
        for party in parties
    ]
    return sorted(owners, key=lambda owner: (owner.asked_back_at is None, owner.asked_back_at or owner.oldest_at))
