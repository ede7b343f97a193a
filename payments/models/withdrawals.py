"""Withdrawals: a freelancer's available money on its way to the bank."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
