"""What must be true of connects; run by check_books."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from ledger.checks import Difference
from ledger.models import CONNECT, Account
from proposals.models import ConnectLot, connects_account
from proposals.queries import lots_out_of_balance


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
