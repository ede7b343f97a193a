"""Withdrawals: a freelancer's available money on its way to the bank, on demand or by a schedule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models.methods import PayoutMethod


class Withdrawal(models.Model):
    """One payment to the bank; reserved at once, sent by a worker, and never paid and returned both."""

    class Status(models.TextChoices):
        RESERVED = "reserved", _("being prepared")
        SENT = "sent", _("on its way to your bank")
        PAID = "paid", _("paid")
        RETURNED = "returned", _("returned")
        CANCELLED = "cancelled", _("cancelled")
        RECONCILING = "reconciling", _("being checked")

    TRANSITIONS = table(
        transition(None, "request_withdrawal", "freelancer", Status.RESERVED),
        transition(Status.RESERVED, "cancel_withdrawal", "freelancer, staff", Status.CANCELLED),
        transition([Status.RESERVED, Status.RECONCILING], "settle_payout", "system", Status.SENT),
        transition([Status.RESERVED, Status.SENT, Status.RECONCILING], "settle_payout", "system", Status.PAID),
        transition([Status.RESERVED, Status.SENT, Status.RECONCILING], "settle_payout", "system", Status.RETURNED),
        transition(Status.PAID, "settle_payout", "system", Status.RETURNED),
        transition(Status.RESERVED, "reconcile_withdrawal", "system", Status.RECONCILING),
        transition([Status.RESERVED, Status.RECONCILING], "settle_payout", "system", Status.CANCELLED),
    )  # fmt: skip
    #: Its money waits on the way.
    OPEN = frozenset({Status.RESERVED, Status.SENT, Status.RECONCILING})

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="withdrawals")
    method = models.ForeignKey(PayoutMethod, on_delete=models.PROTECT, related_name="withdrawals")
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    currency = models.CharField(max_length=3)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.RESERVED)
    failure_code = models.CharField(max_length=60, blank=True)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    token = models.UUIDField(null=True, blank=True, help_text="Of the form: one form withdraws once.")
    requested_by_id = models.BigIntegerField(help_text="User.")
    created_at = models.DateTimeField(_("requested"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    closed_at = models.DateTimeField(_("returned or cancelled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Withdrawal"].as_manager()

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_withdrawal_positive"),
            models.UniqueConstraint(fields=["party", "token"], name="payments_withdrawal_one_per_form"),
            models.CheckConstraint(
                condition=Q(status__in=["returned", "cancelled"], closed_at__isnull=False)
                | (~Q(status__in=["returned", "cancelled"]) & Q(closed_at=None)),
                name="payments_withdrawal_closed_at",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid_at__isnull=False), name="payments_withdrawal_paid_at"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["party", "-created_at"], name="payments_withdrawal_party")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.method}"


class WithdrawalSchedule(models.Model):
    """A party's standing wish to withdraw what it can on certain days; it has a next day only while it is on."""

    class Status(models.TextChoices):
        ON = "on", pgettext_lazy("withdrawal schedule", "on")
        PAUSED = "paused", _("paused")
        OFF = "off", pgettext_lazy("withdrawal schedule", "off")

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", _("every week")
        TWICE_MONTHLY = "twice_monthly", _("twice a month")
        MONTHLY = "monthly", _("every month")

    TRANSITIONS = table(
        transition(None, "set_withdrawal_schedule", "freelancer", Status.ON),
        transition([Status.ON, Status.PAUSED, Status.OFF], "set_withdrawal_schedule", "freelancer", Status.ON),
        transition([Status.ON, Status.PAUSED], "stop_withdrawal_schedule", "freelancer", Status.OFF),
        transition(Status.ON, "pause_schedule", "system", Status.PAUSED),
    )
    #: The hour of its days, in UTC: morning in Europe, the same day from Honolulu to Auckland.
    HOUR = 10

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="withdrawal_schedule")
    method = models.ForeignKey(PayoutMethod, on_delete=models.PROTECT, related_name="schedules")
    rhythm = models.CharField(_("rhythm"), max_length=14, choices=Rhythm.choices)
    threshold = models.BigIntegerField(_("minimum amount"), help_text="Minor units; with less it is skipped.")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices)
    next_at = models.DateTimeField(_("next"), null=True, blank=True, help_text="While it is on.")
    changed_by_id = models.BigIntegerField(help_text="User who set or stopped it last.")
    changed_at = models.DateTimeField(_("changed"))

    objects: ClassVar = LockedQuerySet["WithdrawalSchedule"].as_manager()

    class Meta:
        verbose_name = _("withdrawal schedule")
        verbose_name_plural = _("withdrawal schedules")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(threshold__gt=0), name="payments_withdrawalschedule_positive"),
            models.CheckConstraint(
                condition=Q(status="on", next_at__isnull=False) | (~Q(status="on") & Q(next_at=None)),
                name="payments_withdrawalschedule_next_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(status="on"), name="payments_withdrawalschedule_on")
        ]

    def __str__(self) -> str:
        return f"{self.party_id}: {self.rhythm}, {self.status}"


class ScheduledWithdrawal(models.Model):
    """What a schedule did on one of its days: at most one withdrawal, however often the clock asks."""

    class Outcome(models.TextChoices):
        WITHDRAWN = "withdrawn", _("withdrawn")
        BELOW_THRESHOLD = "below_threshold", _("less than the minimum amount")
        DEBT = "debt", _("money was owed")
        METHOD = "method", _("the bank account could not be used")
        ACCOUNT = "account", _("the provider had not enabled the account")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="scheduled_withdrawals")
    day = models.DateField(_("day"), help_text="In UTC.")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    withdrawal = models.OneToOneField(
        Withdrawal, on_delete=models.PROTECT, null=True, blank=True, related_name="scheduled"
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("scheduled withdrawal")
        verbose_name_plural = _("scheduled withdrawals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "day"], name="payments_scheduledwithdrawal_once"),
            models.CheckConstraint(
                condition=Q(outcome="withdrawn", withdrawal__isnull=False)
                | (~Q(outcome="withdrawn") & Q(withdrawal=None)),
                name="payments_scheduledwithdrawal_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} on {self.day}: {self.outcome}"


def next_day(rhythm: str, after: datetime) -> datetime:
    """Return the first moment of a rhythm after `after`: Mondays; the 1st and the 15th; the 1st. All in UTC."""
    day: date = after.astimezone(UTC).date()
    while True:
        moment = datetime(day.year, day.month, day.day, WithdrawalSchedule.HOUR, tzinfo=UTC)
        if moment > after and _is_day(rhythm, day):
            return moment
        day += timedelta(days=1)


def _is_day(rhythm: str, day: date) -> bool:
    if rhythm == WithdrawalSchedule.Rhythm.WEEKLY:
        return day.weekday() == 0
    return day.day == 1 or (rhythm == WithdrawalSchedule.Rhythm.TWICE_MONTHLY and day.day == 15)
