"""Schedules of withdrawals, and why available money has not come as far as the party's own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Max

from payments.models import GatewayAccount, ProviderTransfer, ScheduledWithdrawal, WithdrawalSchedule


def schedule_of(party_id: int) -> WithdrawalSchedule | None:
    """Return the schedule of a party with its bank account, if it ever set one."""
    return WithdrawalSchedule.objects.filter(party_id=party_id).select_related("method").first()


def latest_scheduled(party_id: int) -> ScheduledWithdrawal | None:
    """Return what the schedule of a party did last."""
    return ScheduledWithdrawal.objects.filter(party_id=party_id).order_by("-day").first()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why available money is not at the party's own account yet; `until` is when a refused transfer is tried again."""

    reason: Literal["no_account", "checking", "restricted", "refused", "under_way"]
    until: datetime | None = None


def why_waiting(party_id: int, account: GatewayAccount | None) -> Waiting:
    """Return what the transfers to the party's account at the provider wait for."""
    if account is None:
        return Waiting("no_account")
    if account.status != GatewayAccount.Status.ENABLED:
        return Waiting("checking" if account.status == GatewayAccount.Status.PENDING else "restricted")
    refused = ProviderTransfer.objects.filter(party_id=party_id, status=ProviderTransfer.Status.DENIED)
    until = refused.aggregate(until=Max("retry_at"))["until"]
    return Waiting("refused", until) if until else Waiting("under_way")
