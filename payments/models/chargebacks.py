"""Chargebacks: payments that the bank took back, what answers for each of them, and debts that are repaid."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models.holdings import Release
from payments.models.moves import Charge


class Chargeback(models.Model):
    """A charge that its payer contests at the bank, which has taken the sum until it decides.

    Amount = what its frozen parts and the released parts answer for + `uncovered`. The sum of the open ones is what
    the provider withholds.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("evidence is asked for")
        ANSWERED = "answered", _("the bank looks at it")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    RUNNING: ClassVar = frozenset({Status.OPEN, Status.ANSWERED})
    TRANSITIONS = table(
        transition(None, "see_dispute", "system", Status.OPEN),
        transition(Status.OPEN, "send_evidence", "staff", Status.ANSWERED),
        transition(Status.OPEN, "see_dispute", "system", Status.ANSWERED),
        transition(RUNNING, "see_dispute", "system", Status.WON),
        transition(RUNNING, "see_dispute", "system", Status.LOST),
    )

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="chargebacks")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120)
    amount = models.BigIntegerField(_("sum in question"), help_text="Minor units that the bank took.")
    currency = models.CharField(max_length=3)
    fee = models.BigIntegerField(_("provider's fee"), default=0, help_text="Minor units.")
    reason = models.CharField(_("reason"), max_length=60, blank=True, help_text="The provider's own word.")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    missing = models.BigIntegerField(
        _("paid out already"), default=0, help_text="Minor units that payees will owe if it is lost."
    )
    uncovered = models.BigIntegerField(
        _("not covered"), default=0, help_text="Minor units that nobody's money here answers for."
    )
    sale_vat = models.BigIntegerField(
        default=0, help_text="Minor units of the VAT in it, where it paid for what the operator itself sold."
    )
    evidence_due_at = models.DateTimeField(_("evidence until"), null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True, help_text="What was sent: texts, and the names of files.")
    evidence_tries = models.PositiveSmallIntegerField(default=0, help_text="Each has a key of its own.")
    evidence_at = models.DateTimeField(_("evidence sent"), null=True, blank=True)
    contested_at = models.DateTimeField(_("contested"), help_text="When the payer did, as the provider says.")
    created_at = models.DateTimeField(_("opened"))
    settled_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Chargeback"].as_manager()

    class Meta:
        verbose_name = _("chargeback")
        verbose_name_plural = _("chargebacks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "provider_id"], name="payments_chargeback_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, fee__gte=0, missing__gte=0, uncovered__gte=0, sale_vat__gte=0)
                & Q(amount__gte=F("missing") + F("uncovered")),
                name="payments_chargeback_sums",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "answered"], settled_at=None)
                | Q(status__in=["won", "lost"], settled_at__isnull=False),
                name="payments_chargeback_settled_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["charge"], condition=Q(settled_at=None), name="payments_chargeback_running")
        ]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.amount} {self.currency}"

    @property
    def holder(self) -> str:
        """Return the name under which the ledger keeps what is frozen for it."""
        return f"chargeback:{self.pk}"

    @property
    def is_running(self) -> bool:
        """Test whether the bank has not decided yet."""
        return self.status in self.RUNNING


class FrozenRelease(models.Model):
    """A part of a release that a chargeback holds; what of its net the payee lacked is missing, and only noted.

    Gross + VAT - the freelancer's fee with VAT = frozen + missing, and the sum in question is gross + client fee, each
    with VAT. The open rows of a case, with its frozen parts, sum to its `frozen` account.
    """

    case = models.CharField(max_length=60, db_index=True, help_text="Such as chargeback:2.")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="frozen_parts")
    payee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    gross = models.BigIntegerField(help_text="Minor units, without VAT.")
    vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the work.")
    fee = models.BigIntegerField(help_text="Minor units of the freelancer fee, without VAT.")
    fee_vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on that fee.")
    client_fee = models.BigIntegerField(help_text="Minor units, without VAT.")
    client_fee_vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on that fee.")
    frozen = models.BigIntegerField(help_text="Minor units taken from the payee's pending or available balance.")
    missing = models.BigIntegerField(help_text="Minor units that the payee did not have any more.")
    from_remaining = models.BigIntegerField(help_text="Minor units that the release's remaining net lost.")
    is_available = models.BooleanField(help_text="Whether it was taken from the available balance.")
    is_lost = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["FrozenRelease"].as_manager()

    class Meta:
        verbose_name = _("frozen part of a release")
        verbose_name_plural = _("frozen parts of releases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    frozen=F("gross") + F("vat") - F("fee") - F("fee_vat") - F("missing"),
                    gross__gte=0,
                    vat__gte=0,
                    fee__gte=0,
                    fee_vat__gte=0,
                    client_fee__gte=0,
                    client_fee_vat__gte=0,
                    frozen__gte=0,
                    missing__gte=0,
                    from_remaining__gte=0,
                ),
                name="payments_frozenrelease_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(is_lost=False) | Q(closed_at__isnull=False), name="payments_frozenrelease_lost_is_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.frozen} of release {self.release_id}"

    @property
    def whole(self) -> int:
        """Return what of the sum in question it answers for."""
        return self.gross + self.vat + self.client_fee + self.client_fee_vat


class Repayment(models.Model):
    """A part of a debt that its party repaid from money of one release; `remaining` of that lost `from_remaining`."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="repayments")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="repayments")
    amount = models.BigIntegerField(_("repaid"), help_text="Minor units.")
    from_remaining = models.BigIntegerField(help_text="Minor units that the release's remaining net lost.")
    is_available = models.BooleanField(help_text="Whether it was taken from the available balance.")
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(_("repaid on"))

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, from_remaining__gte=0, from_remaining__lte=F("amount")),
                name="payments_repayment_positive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.party_id}"
