"""A client's credit: where each part of it came from, what it paid for, and what was paid back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models.moves import Refund
from payments.models.sums import ADDS_UP, WorkSums


class CreditPayment(WorkSums):
    """Work that was paid for from credit: it takes the place of a charge and is over at once, no card is asked."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="credit_payments", help_text="Who pays.")
    gateway = models.CharField(max_length=16, help_text="Which provider has the money.")
    created_at = models.DateTimeField(_("paid"))

    class Meta:
        verbose_name = _("payment from credit")
        verbose_name_plural = _("payments from credit")
        constraints: ClassVar = [models.CheckConstraint(condition=ADDS_UP, name="payments_creditpayment_adds_up")]
        indexes: ClassVar = [models.Index(fields=["party", "-created_at"], name="payments_creditpayment_party")]


class Credit(models.Model):
    """A sum that a client has here because no card took it back; what is left of all sums to the `credit` account."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="credits")
    source = models.CharField(max_length=60, help_text="Where it came from, such as refund:12 or milestone:7.")
    scope = models.CharField(max_length=60, blank=True)
    title = models.CharField(_("where it came from"), max_length=240)
    gateway = models.CharField(max_length=16, help_text="Which provider has the money.")
    currency = models.CharField(max_length=3)
    refund = models.OneToOneField(
        Refund,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="became_credit",
        help_text="The refund that was refused.",
    )
    payment = models.ForeignKey(
        CreditPayment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="returned",
        help_text="The payment from credit that it was a part of.",
    )
    gross = models.BigIntegerField(default=0, help_text="Minor units of that payment's work, without VAT.")
    vat = models.BigIntegerField(default=0, help_text="Minor units of its VAT on the work.")
    client_fee = models.BigIntegerField(default=0, help_text="Minor units of its client fee, without VAT.")
    client_fee_vat = models.BigIntegerField(default=0, help_text="Minor units of its VAT on the client fee.")
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    left = models.BigIntegerField(_("left"), help_text="Minor units not used and not paid back.")
    asked_back_at = models.DateTimeField(
        _("asked back"), null=True, blank=True, help_text="Since when staff have to pay it out by hand."
    )
    created_at = models.DateTimeField(_("since"))

    objects: ClassVar = LockedQuerySet["Credit"].as_manager()

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, left__gte=0, left__lte=F("amount")), name="payments_credit_left"
            ),
            models.CheckConstraint(
                condition=Q(payment=None, gross=0, vat=0, client_fee=0, client_fee_vat=0)
                | Q(
                    payment__isnull=False,
                    amount=F("gross") + F("vat") + F("client_fee") + F("client_fee_vat"),
                    gross__gte=0,
                    vat__gte=0,
                    client_fee__gte=0,
                    client_fee_vat__gte=0,
                ),
                name="payments_credit_adds_up",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["party"], condition=Q(left__gt=0), name="payments_credit_open")]

    def __str__(self) -> str:
        return f"{self.source}: {self.left} of {self.amount}"


class OperatorCash(models.Model):
    """The operator's own cash between the platform's balance and its bank, or a client's credit paid out by hand.

    A cash-out never takes the balance below what is owed: `spare` is what could leave when it was written.
    """

    class Kind(models.TextChoices):
        TOPUP = "topup", _("cash in")
        CASHOUT = "cashout", _("cash out")
        CREDIT = "credit", _("credit paid out")

    class Status(models.TextChoices):
        PLANNED = "planned", _("on its way")
        CONFIRMED = "confirmed", _("arrived")
        DENIED = "denied", _("refused")

    TRANSITIONS = table(
        transition(None, "top_up", "staff", Status.PLANNED),
        transition(None, "cash_out", "staff", Status.PLANNED),
        transition(None, "pay_credit_out", "staff", Status.PLANNED),
        transition(Status.PLANNED, "settle_cash", "system", Status.CONFIRMED),
        transition(Status.PLANNED, "settle_cash", "system", Status.DENIED),
        # A bank may take back what it had sent, or send back what had arrived.
        transition(Status.CONFIRMED, "settle_cash", "system", Status.DENIED),
    )

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_paid_out",
        help_text="Whose credit it is; empty for the operator's own.",
    )
    gateway = models.CharField(max_length=16)
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    currency = models.CharField(max_length=3)
    spare = models.BigIntegerField(help_text="Minor units that could leave at the time; for credit, all of that.")
    reason = models.TextField(_("reason"), max_length=1000)
    token = models.UUIDField(null=True, blank=True, unique=True, help_text="Of the form: one form moves cash once.")
    user_id = models.BigIntegerField(help_text="Who of the staff asked for it.")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    failure_code = models.CharField(max_length=60, blank=True)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(_("written"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["OperatorCash"].as_manager()

    class Meta:
        verbose_name = _("operator's cash")
        verbose_name_plural = _("operator's cash")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_operatorcash_positive"),
            models.CheckConstraint(
                condition=~Q(kind="cashout") | Q(amount__lte=F("spare")), name="payments_operatorcash_spare"
            ),
            models.CheckConstraint(
                condition=Q(kind="credit", party__isnull=False) | (~Q(kind="credit") & Q(party=None)),
                name="payments_operatorcash_party",
            ),
            models.CheckConstraint(
                condition=Q(status="planned", settled_at=None) | (~Q(status="planned") & Q(settled_at__isnull=False)),
                name="payments_operatorcash_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.amount} {self.currency}"


class CreditUse(models.Model):
    """What was taken from one credit: for work, or paid back by a card or by hand; exactly one of the three."""

    credit = models.ForeignKey(Credit, on_delete=models.PROTECT, related_name="uses")
    amount = models.BigIntegerField(help_text="Minor units.")
    payment = models.ForeignKey(CreditPayment, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")
    cash = models.ForeignKey(OperatorCash, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_credituse_positive"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, refund=None, cash=None)
                | Q(payment=None, refund__isnull=False, cash=None)
                | Q(payment=None, refund=None, cash__isnull=False),
                name="payments_credituse_one_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.credit_id}"
