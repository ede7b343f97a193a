"""Withdrawals by schedule: on its day each one asks, through the verb of everybody, for all that can leave."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError
from payments.actions.schedules import pause_schedule, tell_of_schedule
from payments.actions.withdrawals import (
    AccountNotEnabled,
    DebtOpen,
    NotEnoughAvailable,
    PayoutMethodNotUsable,
    request_withdrawal,
)
from payments.models import PayoutMethod, ScheduledWithdrawal, Withdrawal, WithdrawalSchedule, next_day
from payments.queries import purse

logger = logging.getLogger("jalon.payments")

Outcome = ScheduledWithdrawal.Outcome
#: Why a day is skipped; any other refusal is a bug, and is tried again at the next tick.
_SKIPPED: dict[type[DomainError], ScheduledWithdrawal.Outcome] = {
    NotEnoughAvailable: Outcome.BELOW_THRESHOLD,
    DebtOpen: Outcome.DEBT,
    PayoutMethodNotUsable: Outcome.METHOD,
    AccountNotEnabled: Outcome.ACCOUNT,
}


def request_scheduled_withdrawals(*, at: datetime, limit: int = 500) -> int:
    """Withdraw for every schedule whose day has come, and return how many days were dealt with.

    A day that was missed is made up for once, however many there were; one that was dealt with never comes again.
    """
    on = WithdrawalSchedule.objects.filter(status=WithdrawalSchedule.Status.ON, next_at__lte=at)
    done = 0
    for party_id in list(on.order_by("next_at", "pk").values_list("party_id", flat=True)[:limit]):
        try:
            done += run_withdrawal_schedule(party_id=party_id, at=at)
        except Exception:
            logger.exception("the withdrawal schedule of party %s failed", party_id)
    return done


@transaction.atomic
def run_withdrawal_schedule(*, party_id: int, at: datetime) -> bool:
    """Withdraw all that can leave, if the party's schedule is due and it is at least the minimum amount.

    From: on. To: on with its next day, or paused where the bank account is of no use any more.
    Money: h1 by `request_withdrawal`, or none, with the reason.
    Event: payments.withdrawal_requested, or payments.schedule_skipped_*, or payments.schedule_paused.
    """
    Party.objects.locked(party_id)
    schedule = WithdrawalSchedule.objects.select_related("method").get(party_id=party_id)
    if schedule.status != WithdrawalSchedule.Status.ON or schedule.next_at is None or schedule.next_at > at:
        return False
    day, is_usable = schedule.next_at.date(), schedule.method.status == PayoutMethod.Status.ACTIVE
    if not ScheduledWithdrawal.objects.filter(party_id=party_id, day=day).exists():
        outcome, withdrawal = _request(schedule, at)
        ScheduledWithdrawal.objects.create(
            party_id=party_id, day=day, outcome=outcome, withdrawal=withdrawal, created_at=at
        )
        if withdrawal is None and is_usable:
            tell_of_schedule(
                f"payments.schedule_skipped_{outcome.value}", schedule, Actor.system(), at, day=day.isoformat()
            )
    schedule.next_at = next_day(schedule.rhythm, at)
    schedule.save(update_fields=["next_at"])
    if not is_usable:
        pause_schedule(party_id=party_id, method_id=schedule.method_id, at=at)
    return True


def _request(schedule: WithdrawalSchedule, at: datetime) -> tuple[ScheduledWithdrawal.Outcome, Withdrawal | None]:
    """Ask for all that can leave, or for the minimum amount, which is then refused for the reason that counts."""
    amount = max(purse(schedule.party_id).withdrawable, schedule.threshold)
    try:
        withdrawal = request_withdrawal(
            party_id=schedule.party_id, method_id=schedule.method_id, amount=amount, by=Actor.system(), at=at
        )
    except tuple(_SKIPPED) as refusal:
        return _SKIPPED[type(refusal)], None
    return Outcome.WITHDRAWN, withdrawal
