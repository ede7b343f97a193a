"""What must be true of connects; run by check_books."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.models import Sum

from ledger.checks import Difference
from ledger.models import CONNECT, Account
from proposals.models import ConnectLot, connects_account
from proposals.queries import lots_out_of_balance

#: What rows say was moved on accounts of connects, beside what the books say: each lot came in once, each part of a
#: proposal was charged once for each of its sequence, and returned once if its row says so and else never.
MOVEMENTS = """
WITH rows AS (
    SELECT 'connect-lot:' || key AS key, 'connects:party:' || party_id AS account, amount
    FROM proposals_connectlot WHERE amount > 0
    UNION ALL
    SELECT 'connect-spend:' || spend.id, 'connects:party:' || proposal.party_id, -spend.amount
    FROM proposals_connectspend spend JOIN proposals_proposal proposal ON proposal.id = spend.proposal_id
    UNION ALL
    SELECT 'connect-return:' || spend.id, 'connects:party:' || proposal.party_id, spend.amount
    FROM proposals_connectspend spend JOIN proposals_proposal proposal ON proposal.id = spend.proposal_id
    WHERE spend.returned_at IS NOT NULL
),
books AS (
    SELECT transfer.key, account.name AS account, entry.amount
    FROM ledger_transfer transfer
    JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'connects'
    WHERE transfer.key LIKE 'connect-lot:%%' OR transfer.key LIKE 'connect-spend:%%'
        OR transfer.key LIKE 'connect-return:%%'
)
SELECT coalesce(rows.key, books.key), coalesce(rows.amount, 0), coalesce(books.amount, 0)
FROM rows FULL JOIN books ON books.key = rows.key AND books.account = rows.account
WHERE rows.amount IS DISTINCT FROM books.amount ORDER BY 1
"""
#: Proposals whose bid for a place is not what was spent on it and did not come back.
BOOSTS = """
SELECT coalesce(bid.id, paid.proposal_id), coalesce(bid.boost, 0), coalesce(paid.amount, 0)
FROM (SELECT id, boost FROM proposals_proposal WHERE boost > 0) AS bid
FULL JOIN (
    SELECT proposal_id, sum(amount) AS amount FROM proposals_connectspend
    WHERE part = 'boost' AND returned_at IS NULL GROUP BY proposal_id
) AS paid ON paid.proposal_id = bid.id
WHERE bid.boost IS DISTINCT FROM paid.amount ORDER BY 1
"""


def lots_equal_balances() -> Iterator[Difference]:
    """Find parties whose lots do not sum to their balance of connects in the ledger."""
    held = dict(
        ConnectLot.objects.values("party_id").annotate(total=Sum("left")).values_list("party_id", "total").order_by()
    )
    lots = {connects_account(party_id): total for party_id, total in held.items()}
    accounts = Account.objects.filter(kind="connects", currency=CONNECT).exclude(balance=0)
    posted = dict(accounts.values_list("name", "balance"))
    for name in sorted(lots.keys() | posted.keys()):
        if lots.get(name, 0) != posted.get(name, 0):
            message = f"lots hold {lots.get(name, 0)}, the ledger {posted.get(name, 0)}"
            yield Difference("connects: lots and balances", name, message)


def lots_not_overspent() -> Iterator[Difference]:
    """Find lots from which more was spent than has left them."""
    for lot in lots_out_of_balance():
        yield Difference("connects: no lot spent twice", str(lot), "more was spent from it than has left it")


def movements_have_rows() -> Iterator[Difference]:
    """Find connects that came in, were spent or came back otherwise than lots and spends say."""
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENTS, [])
        for key, told, posted in cursor.fetchall():
            yield Difference("connects: movements and rows", key, f"its row says {told}, the ledger {posted}")


def boosts_are_paid() -> Iterator[Difference]:
    """Find proposals whose boost is not what was spent on it and not returned."""
    with connection.cursor() as cursor:
        cursor.execute(BOOSTS, [])
        for pk, boost, paid in cursor.fetchall():
            yield Difference("connects: boosts are paid", f"proposal:{pk}", f"it bids {boost}, {paid} are spent on it")
