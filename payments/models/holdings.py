"""Money held for work, money released for it, and parts of it frozen by a case, each traced to its charge."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.models import LockedQuerySet
from payments.models.credit import CreditPayment
from payments.models.moves import Charge
from payments.models.sums import REASONS
from payments.tax import Reason


class Holding(models.Model):
    """What is left of one charge, or payment from credit, on one holder; its rows sum to its `held` and `held_fee`."""

    holder = models.CharField(max_length=60, db_index=True, help_text="Such as milestone:7 or offer:3.")
    scope = models.CharField(max_length=60, blank=True, help_text="What a line about it links to.")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="holdings")
    credit_payment = models.ForeignKey(
        CreditPayment, on_delete=models.PROTECT, null=True, blank=True, related_name="holdings"
    )
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="holdings_paid")
    payee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="holdings_expected")
    currency = models.CharField(max_length=3)
    gross_left = models.BigIntegerField(help_text="Minor units, without VAT.")
    vat_left = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the work.")
    fee_left = models.BigIntegerField(help_text="Minor units of the client fee, without VAT.")
    fee_vat_left = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the client fee.")
    created_at = models.DateTimeField()

    objects: ClassVar = LockedQuerySet["Holding"].as_manager()

    class Meta:
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(gross_left__gte=0, vat_left__gte=0, fee_left__gte=0, fee_vat_left__gte=0),
                name="payments_holding_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(gross_left__gt=0) | Q(vat_left=0, fee_left=0, fee_vat_left=0),
                name="payments_holding_no_fee_without_gross",
            ),
            models.CheckConstraint(
                condition=Q(charge__isnull=False, credit_payment=None) | Q(charge=None, credit_payment__isnull=False),
                name="payments_holding_one_origin",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payee"], condition=Q(gross_left__gt=0), name="payments_holding_payee"),
            models.Index(fields=["payer"], condition=Q(gross_left__gt=0), name="payments_holding_payer"),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {self.gross_left} + {self.fee_left}"


class Release(models.Model):
    """Held money of one charge paid over to the payee; pending until it matures.

    Net = gross + VAT of the work - fee - VAT of the fee. What the sums were worked out with is kept on the row.
    """

    source = models.CharField(max_length=60, db_index=True, help_text="What it was released from, such as milestone:7.")
    scope = models.CharField(max_length=60, blank=True, help_text="What a line about it links to.")
    title = models.CharField(_("what for"), max_length=240)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="releases")
    credit_payment = models.ForeignKey(
        CreditPayment, on_delete=models.PROTECT, null=True, blank=True, related_name="releases"
    )
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="releases_paid")
    payee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="releases")
    currency = models.CharField(max_length=3)
    gross = models.BigIntegerField(help_text="Minor units, without VAT.")
    vat = models.BigIntegerField(_("VAT"), default=0, help_text="Minor units of the VAT on the work: the payee's.")
    fee = models.BigIntegerField(_("freelancer fee"), help_text="Minor units, without VAT.")
    fee_vat = models.BigIntegerField(_("VAT on the freelancer fee"), default=0, help_text="Minor units.")
    client_fee = models.BigIntegerField(_("client fee"), help_text="Minor units, without VAT.")
    client_fee_vat = models.BigIntegerField(_("VAT on the client fee"), default=0, help_text="Minor units.")
    net = models.BigIntegerField(_("net"), help_text="Minor units.")
    fee_version = models.PositiveIntegerField(help_text="Version of the fee schedule that explains the fees.")
    fee_vat_bps = models.PositiveIntegerField(default=0, help_text="Rate of the VAT on the freelancer fee.")
    fee_vat_reason = models.CharField(max_length=12, choices=REASONS, default=Reason.NONE.value)
    tax_rules = models.PositiveSmallIntegerField(default=0, help_text="Version of the rules of VAT that were applied.")
    remaining = models.BigIntegerField(help_text="Minor units of the net not given back, frozen or lost.")
    matures_at = models.DateTimeField(_("available from"))
    matured_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("released"))

    objects: ClassVar = LockedQuerySet["Release"].as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    net=F("gross") + F("vat") - F("fee") - F("fee_vat"),
                    gross__gt=0,
                    vat__gte=0,
                    fee__gte=0,
                    fee_vat__gte=0,
                    net__gte=0,
                    client_fee__gte=0,
                    client_fee_vat__gte=0,
                ),
                name="payments_release_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("net")), name="payments_release_remaining"
            ),
            models.CheckConstraint(
                condition=Q(charge=None) | Q(credit_payment=None), name="payments_release_one_origin"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["matures_at"], condition=Q(matured_at=None), name="payments_release_due"),
            models.Index(fields=["payee", "-created_at"], name="payments_release_payee"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.net} of {self.gross}"


class FrozenPart(models.Model):
    """Held money of one charge that a case or chargeback has frozen; its open rows sum to its `frozen` account.

    A chargeback freezes refunds that did not arrive too, and the credit that they became (`taken_from` credit:4).
    What a chargeback lost stays here for good, as the end of that money.
    """

    case = models.CharField(max_length=60, db_index=True, help_text="Such as case:2 or chargeback:3.")
    source = models.CharField(max_length=60, help_text="The holder it was frozen from, or the refund not sent.")
    taken_from = models.CharField(
        max_length=60, blank=True, help_text="The case or refund that a chargeback took it from; empty: it was held."
    )
    scope = models.CharField(max_length=60, blank=True)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="frozen_parts")
    credit_payment = models.ForeignKey(
        CreditPayment, on_delete=models.PROTECT, null=True, blank=True, related_name="frozen_parts"
    )
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    payee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    gross = models.BigIntegerField(help_text="Minor units, without VAT.")
    vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the work.")
    client_fee = models.BigIntegerField(help_text="Minor units, without VAT.")
    client_fee_vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the client fee.")
    is_lost = models.BooleanField(default=False, help_text="The bank kept it.")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["FrozenPart"].as_manager()

    class Meta:
        verbose_name = _("frozen part")
        verbose_name_plural = _("frozen parts")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(gross__gt=0, vat__gte=0, client_fee__gte=0, client_fee_vat__gte=0),
                name="payments_frozenpart_positive",
            ),
            models.CheckConstraint(
                condition=Q(charge__isnull=False, credit_payment=None) | Q(charge=None, credit_payment__isnull=False),
                name="payments_frozenpart_one_origin",
            ),
            models.CheckConstraint(
                condition=Q(is_lost=False) | Q(closed_at__isnull=False), name="payments_frozenpart_lost_is_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.gross}"

    @property
    def whole(self) -> int:
        """Return everything that is frozen of it: work and client fee, each with its VAT."""
        return self.gross + self.vat + self.client_fee + self.client_fee_vat
