"""Schedules of withdrawals: set and stopped by the party's people, paused by the clock or by a bank that refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from payments.models import PayoutMethod, WithdrawalSchedule, next_day
from payments.permissions import can_change_schedule, can_use_payout_method


class ScheduleMethodNotUsable(DomainError):
    """The bank account was removed, failed, belongs to another party, or is too new."""


class BadSchedule(DomainError):
    """The days are not offered, or the minimum amount is not above zero."""


class ScheduleNotRunning(DomainError):
    """There is no schedule to stop."""


@transaction.atomic
def set_withdrawal_schedule(
    *, party_id: int, rhythm: str, threshold: int, method_id: int, by: Actor, at: datetime
) -> WithdrawalSchedule:
    """Withdraw on certain days all that can leave, if it is at least `threshold`. The edge has re-authenticated `by`.

    From: nothing, on, paused, off. To: on. Money: none before its day. Event: payments.schedule_set.

    Raises NotAllowed if `by` may not withdraw for the party, BadSchedule, ScheduleMethodNotUsable.
    """
    Party.objects.locked(party_id)
    if not can_change_schedule(by, party_id):
        raise NotAllowed(_("You may not change when this account withdraws."))
    if rhythm not in WithdrawalSchedule.Rhythm.values or threshold <= 0:
        raise BadSchedule(_("Choose the days and an amount above zero."))
    method = PayoutMethod.objects.filter(pk=method_id).first()
    if method is None or not can_use_payout_method(party_id, method, at):
        raise ScheduleMethodNotUsable(_("This bank account cannot be used yet, or not any more. Choose another one."))
    schedule, _is_new = WithdrawalSchedule.objects.update_or_create(
        party_id=party_id,
        defaults={
            "method": method,
            "rhythm": rhythm,
            "threshold": threshold,
            "status": WithdrawalSchedule.Status.ON,
            "next_at": next_day(rhythm, at),
            "changed_by_id": by.person_id,
            "changed_at": at,
        },
    )
    tell_of_schedule("payments.schedule_set", schedule, by, at, rhythm=rhythm, next_at=schedule.next_at)
    return schedule


@transaction.atomic
def stop_withdrawal_schedule(*, party_id: int, by: Actor, at: datetime) -> WithdrawalSchedule:
    """Withdraw on demand only. The edge has re-authenticated `by`.

    From: on, paused. To: off. Money: none; a withdrawal that was requested goes on. Event: payments.schedule_stopped.

    Raises NotAllowed if `by` may not withdraw for the party, ScheduleNotRunning if there is nothing to stop.
    """
    Party.objects.locked(party_id)
    if not can_change_schedule(by, party_id):
        raise NotAllowed(_("You may not change when this account withdraws."))
    schedule = WithdrawalSchedule.objects.filter(party_id=party_id).first()
    if schedule is None or schedule.status == WithdrawalSchedule.Status.OFF:
        raise ScheduleNotRunning(_("There is no schedule to stop."))
    schedule.status, schedule.next_at = WithdrawalSchedule.Status.OFF, None
    schedule.changed_by_id, schedule.changed_at = by.person_id, at
    schedule.save()
    tell_of_schedule("payments.schedule_stopped", schedule, by, at)
    return schedule


def pause_schedule(*, party_id: int, method_id: int, at: datetime) -> bool:
    """Withdraw by schedule no more to a bank account that cannot be used, until the party's people choose another.

    Runs inside the caller's transaction, which holds the party.
    From: on. To: paused. Money: none. Event: payments.schedule_paused.
    """
    on = WithdrawalSchedule.objects.filter(party_id=party_id, status=WithdrawalSchedule.Status.ON)
    schedule = on.filter(method_id=method_id).first()
    if schedule is None:
        return False
    schedule.status, schedule.next_at = WithdrawalSchedule.Status.PAUSED, None
    schedule.save(update_fields=["status", "next_at"])
    tell_of_schedule("payments.schedule_paused", schedule, Actor.system(), at)
    return True


def tell_of_schedule(kind: str, schedule: WithdrawalSchedule, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a schedule."""
    record(
        kind=kind,
        actor=by,
        subject=f"withdrawal_schedule:{schedule.pk}",
        scope=f"party:{schedule.party_id}",
        at=at,
        party=schedule.party_id,
        threshold=schedule.threshold,
        currency=rules().currency,
        **more,
    )
