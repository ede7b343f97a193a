"""What must be true of held money; run by check_books."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, Sum

from contracts.queries import ended_with_open_milestones, finals_that_hold, frozen_by_state, held_by_state
from core.product import rules
from ledger.checks import Difference
from ledger.models import Account
from payments.models import FrozenPart, Holding

HELD, FROZEN, FINALS = "contracts: held money", "contracts: frozen money", "contracts: ended ones hold nothing"


def held_equals_state() -> Iterator[Difference]:
    """Find offers and milestones that hold something else in the ledger than their state says.

    A state speaks of work without VAT: what is held of that with it is said by the holdings, whose sums the ledger
    must hold.
    """
    wanted = held_by_state()
    ours = Q(holder__startswith="offer:") | Q(holder__startswith="milestone:")
    sums = Holding.objects.filter(ours, gross_left__gt=0).values("holder").order_by("holder")
    vat = dict(sums.annotate(total=Sum("vat_left")).values_list("holder", "total"))
    wanted = {holder: wanted.get(holder, 0) + vat.get(holder, 0) for holder in wanted.keys() | vat.keys()}
    held = dict(
        Account.objects.filter(Q(owner__startswith="offer:") | Q(owner__startswith="milestone:"), kind="held")
        .filter(currency=rules().currency)
        .exclude(balance=0)
        .values_list("owner", "balance")
    )
    for holder in sorted(wanted.keys() | held.keys()):
        if wanted.get(holder, 0) != held.get(holder, 0):
            yield Difference(HELD, holder, f"its state says {wanted.get(holder, 0)}, the ledger {held.get(holder, 0)}")


def frozen_equals_state() -> Iterator[Difference]:
    """Find milestones whose frozen money is not what their open case and chargebacks have frozen."""
    parts = FrozenPart.objects.filter(closed_at=None, source__startswith="milestone:")
    frozen = dict(parts.values("source").annotate(total=Sum("gross")).values_list("source", "total").order_by("source"))
    wanted = frozen_by_state()
    for holder in sorted(wanted.keys() | frozen.keys()):
        if wanted.get(holder, 0) != frozen.get(holder, 0):
            message = f"its state says {wanted.get(holder, 0)}, the frozen parts {frozen.get(holder, 0)}"
            yield Difference(FROZEN, holder, message)


def finals_hold_nothing() -> Iterator[Difference]:
    """Find ended contracts with work still open, and finished milestones whose parts are not their amount."""
    for contract in ended_with_open_milestones():
        yield Difference(FINALS, contract.scope, "it has ended, but a milestone of it is not finished")
    for milestone in finals_that_hold():
        yield Difference(FINALS, milestone.holder, "it is finished, but its parts are not its amount")
