"""Alice and Bob after a contract between them that is over, with all money where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.tests.cast import Person
from contracts import actions
from contracts.actions import MilestoneTerms
from contracts.models import Contract
from contracts.tests import cast
from core.product import rules
from jobs.actions import close_job
from messaging.actions import post_message
from messaging.models import Room
from messaging.queries import room_of
from payments.actions import mature_releases, plan_transfers, request_withdrawal
from payments.models import PayoutMethod, Withdrawal
from payments.queries import purse
from payments.tests import cards
from tests.remembered import remembered

#: Days after which a bank account may be used and money has matured.
LATER = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Past:
    """What lies behind the two, and the moment at which nothing is left to do."""

    deal: cast.Deal
    contract: Contract
    room: Room
    bank: PayoutMethod
    withdrawal: Withdrawal | None
    at: datetime

    @property
    def alice(self) -> Person:
        """Return the client."""
        return self.deal.alice

    @property
    def bob(self) -> Person:
        """Return the freelancer."""
        return self.deal.bob


@remembered
def make_past(*, at: datetime = cast.AT) -> Past:
    """Return a contract that was paid and ended, its money withdrawn and arrived, its job closed."""
    earned = make_paid(at=at)
    later = earned.at
    money = purse(earned.deal.freelancer.pk)
    withdrawal = request_withdrawal(
        party_id=earned.deal.freelancer.pk,
        method_id=earned.bank.pk,
        amount=money.withdrawable,
        by=earned.bob.actor,
        at=later,
    )
    cast.settle(later)
    arrived = later + cards.SANDBOX_TIME
    cast.settle(arrived)
    return replace(earned, withdrawal=cast.fresh(withdrawal), at=arrived + cards.SANDBOX_TIME)


@remembered
def make_paid(*, at: datetime = cast.AT) -> Past:
    """Return a contract that was paid and ended, its money available to Bob, its job closed."""
    deal = cast.make_deal(at=at)
    bank = cards.make_bank(deal.bob, at)
    contract = cast.sign(deal, MilestoneTerms("First screens", 100_000), at=at)
    room = room_of(contract.scope)
    assert room is not None
    post_message(room_id=room.pk, text="When do the fares change?", token="a" * 20, by=deal.alice.actor, at=at)
    post_message(room_id=room.pk, text="In spring, as always.", token="b" * 20, by=deal.bob.actor, at=at)
    cast.released(deal, contract)
    actions.end_contract(
        contract_id=contract.pk, reason="done", note="", decisions={}, by=deal.alice.actor, at=at + timedelta(hours=1)
    )
    if cast.fresh(deal.job).status in {"open", "paused"}:
        close_job(job_id=deal.job.pk, by=deal.alice.actor, at=at)
    cast.settle(at)
    later = at + max(LATER, timedelta(days=rules().security_days))
    mature_releases(at=later)
    plan_transfers(at=later)
    cast.settle(later)
    return Past(deal, cast.fresh(contract), room, bank, None, later + cards.SANDBOX_TIME)
