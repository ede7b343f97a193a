"""What must be true of connects; run by check_books."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from ledger.checks import Difference
from ledger.queries import balances
from proposals.models import ConnectLot
from proposals.queries import lots_out_of_balance

CONNECT = "CONNECT"


def lots_equal_balances() -> Iterator[Difference]:
    """Find parties whose lots do not sum to their balance of connects in the ledger."""
    held = dict(
        ConnectLot.objects.values("party_id").annotate(total=Sum("left")).values_list("party_id", "total").order_by()
    )
    names = {f"connects:party:{party_id}": total for party_id, total in held.items()}
    posted = balances(list(names), CONNECT)
    for name, total in names.items():
        if posted.get(name, 0) != total:
            yield Difference(
                "connects: lots and balances", name, f"lots hold {total}, the ledger {posted.get(name, 0)}"
            )


def lots_not_overspent() -> Iterator[Difference]:
    """Find lots from which more was spent than they held."""
    for lot in lots_out_of_balance():
        yield Difference("connects: no lot spent twice", str(lot), "more was spent from it than it held")
