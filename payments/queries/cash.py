"""What the platform's balance at the provider has to cover, and what of it is the operator's own."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet, Sum

from core.product import rules
from ledger.queries import balances
from payments.models import OperatorCash


@dataclass(frozen=True, slots=True)
class Cover:
    """The platform's balance by our books and what is owed of it, in minor units.

    `earnings` is what freelancers have that was not transferred to their own accounts, frozen parts included.
    """

    platform: int
    held: int
    refunding: int
    credit: int
    earnings: int
    tax: int
    leaving: int

    @property
    def owed(self) -> int:
        """Return everything that belongs to others."""
        return self.held + self.refunding + self.credit + self.earnings + self.tax

    @property
    def spare(self) -> int:
        """Return what the operator could take out now; below 0 where it has to top up."""
        return self.platform - self.owed - self.leaving


_SUMS = """
SELECT coalesce(sum(balance) FILTER (WHERE kind IN ('held', 'held_fee')), 0),
       coalesce(sum(balance) FILTER (WHERE kind = 'refunding'), 0),
       coalesce(sum(balance) FILTER (WHERE kind = 'credit'), 0),
       coalesce(sum(balance) FILTER (WHERE kind = 'pending'), 0),
       coalesce(sum(balance) FILTER (WHERE kind = 'frozen' AND owner NOT LIKE 'chargeback:%%'), 0)
FROM ledger_account WHERE currency = %s
"""
#: Available money and withdrawals of each party that its own account at the provider does not cover; what is being
#: taken back from there is no cover any more, nor is what a chargeback has frozen of it: what follows to that account
#: next is other money.
_NOT_TRANSFERRED = """
SELECT coalesce(sum(greatest(amount, 0)), 0) FROM (
    SELECT owner, sum(amount) AS amount FROM (
        SELECT owner, balance AS amount FROM ledger_account
        WHERE kind IN ('available', 'connected') AND currency = %(currency)s
        UNION ALL SELECT 'party:' || party_id, amount FROM payments_withdrawal
        WHERE status IN ('reserved', 'sent', 'reconciling') AND currency = %(currency)s
        UNION ALL SELECT 'party:' || v.party_id, v.amount FROM payments_transferreversal v
        JOIN payments_providertransfer t ON t.id = v.transfer_id AND t.status = 'confirmed'
        WHERE v.status IN ('planned', 'denied') AND v.currency = %(currency)s
        UNION ALL SELECT 'party:' || r.payee_id, least(f.frozen, greatest(sent.amount - back.amount - r.remaining, 0))
        FROM (SELECT release_id, sum(frozen) AS frozen FROM payments_frozenrelease
              WHERE closed_at IS NULL AND is_available AND currency = %(currency)s GROUP BY release_id) AS f
        JOIN payments_release r ON r.id = f.release_id
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount FROM payments_providertransfer t
                            WHERE t.release_id = r.id AND t.status <> 'denied') AS sent
        CROSS JOIN LATERAL (SELECT coalesce(sum(v.amount), 0) AS amount FROM payments_transferreversal v
                            JOIN payments_providertransfer t ON t.id = v.transfer_id AND t.status <> 'denied'
                            WHERE t.release_id = r.id AND v.status <> 'dropped') AS back
    ) AS each GROUP BY owner
) AS parties
"""


def cover() -> Cover:
    """Return what the platform's balance has to cover now; one who decides by it holds the lock of cash."""
    currency = rules().currency
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [currency])
        held, refunding, credit, pending, frozen = (int(each) for each in cursor.fetchone())
        cursor.execute(_NOT_TRANSFERRED, {"currency": currency})
        available = int(cursor.fetchone()[0])
    hot = balances(["gateway", "tax:payable"], currency)
    leaving = OperatorCash.objects.filter(kind=OperatorCash.Kind.CASHOUT, status=OperatorCash.Status.PLANNED)
    return Cover(
        platform=-hot["gateway"],
        held=held,
        refunding=refunding,
        credit=credit,
        # what the banks withhold has left the balance, and the frozen money that answers for it is owed to nobody yet
        earnings=pending + available + frozen,
        tax=max(hot["tax:payable"], 0),
        leaving=leaving.aggregate(total=Sum("amount"))["total"] or 0,
    )


def latest_cash() -> QuerySet[OperatorCash]:
    """Return what went in and out of the platform's balance by hand, newest first."""
    return OperatorCash.objects.select_related("party").order_by("-pk")
