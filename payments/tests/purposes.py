"""A purpose of the tests' own: pays for `thing:<reference>`, holds the money there, and notes what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from accounts.tests.cast import Person
from payments import actions, registry
from payments.models import Charge, PaymentMethod, Refund
from payments.tax import UNTAXED_CHARGE, ChargeTaxes

NAME = "tests.thing"


@dataclass
class Told:
    """What the purpose heard, in order."""

    payee_id: int
    refunds_at_once: bool = False
    heard: list[str] = field(default_factory=list)

    def settled(self, charge: Charge, at: datetime) -> None:
        """Hold the money, or send it straight back."""
        self.heard.append(f"settled {charge.reference}")
        holder = f"thing:{charge.reference}"
        actions.hold_charge(charge=charge, holder=holder, payee_id=self.payee_id, at=at)
        if self.refunds_at_once:
            actions.refund_holding(holder=holder, gross=charge.gross, title="Too late", scope=charge.scope, at=at)

    def failed(self, charge: Charge, at: datetime) -> None:
        """Note it."""
        self.heard.append(f"failed {charge.reference} {charge.failure_code}")

    def refunded(self, refund: Refund, at: datetime) -> None:
        """Note it."""
        self.heard.append(f"refunded {refund.amount}")

    def refund_failed(self, refund: Refund, at: datetime) -> None:
        """Note it."""
        self.heard.append(f"refund failed {refund.amount}")


@contextmanager
def purpose_for(payee: Person) -> Iterator[Told]:
    """Register the purpose while the block runs."""
    assert payee.party is not None
    told = Told(payee.party.pk)
    before = registry._purposes.get(NAME)
    registry.register_purpose(
        NAME,
        lock=lambda reference: None,
        settled=told.settled,
        failed=told.failed,
        refunded=told.refunded,
        refund_failed=told.refund_failed,
    )
    try:
        yield told
    finally:
        registry._purposes.pop(NAME)
        if before:
            registry._purposes[NAME] = before


def start(
    payer: Person,
    card: PaymentMethod,
    *,
    at: datetime,
    reference: int = 7,
    gross: int = 100_000,
    client_fee: int = 5_000,
    taxes: ChargeTaxes = UNTAXED_CHARGE,
) -> Charge:
    """Start a charge for a thing."""
    assert payer.party is not None
    return actions.start_charge(
        payer_id=payer.party.pk,
        method_id=card.pk,
        purpose=NAME,
        reference=reference,
        scope="contract:5",
        title="Logo",
        gross=gross,
        client_fee=client_fee,
        taxes=taxes,
        by=payer.actor,
        at=at,
    )
