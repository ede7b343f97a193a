"""What a payment for work is made of: the work and the fee of the client, each with VAT, and how it was worked out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.tax import ChargeTaxes, Reason, Tax

REASONS = [(reason.value, reason.value) for reason in Reason]
ADDS_UP = Q(
    amount=F("gross") + F("vat") + F("client_fee") + F("client_fee_vat"),
    gross__gt=0,
    vat__gte=0,
    client_fee__gte=0,
    client_fee_vat__gte=0,
)


class WorkSums(models.Model):
    """The sums of one payment, by card or from credit: amount = gross + client fee, each with its VAT, exactly.

    What they were worked out with is kept on the row: no later change of a rate or a status alters it.
    """

    purpose = models.CharField(max_length=40, help_text="Registered purpose, such as contracts.milestone.")
    reference = models.BigIntegerField(help_text="Row of the purpose that this pays for.")
    scope = models.CharField(max_length=60, blank=True, help_text="What a line about it links to, such as contract:5.")
    title = models.CharField(_("what for"), max_length=240)
    currency = models.CharField(max_length=3)
    gross = models.BigIntegerField(_("amount without fee"), help_text="Minor units, without VAT.")
    vat = models.BigIntegerField(_("VAT"), default=0, help_text="Minor units, of the seller of the work.")
    client_fee = models.BigIntegerField(_("client fee"), default=0, help_text="Minor units, without VAT.")
    client_fee_vat = models.BigIntegerField(_("VAT on the client fee"), default=0, help_text="Minor units.")
    amount = models.BigIntegerField(_("amount"), help_text="Minor units: all four together.")
    fee_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Version of the fee schedule that explains the client fee, if there is one."
    )
    vat_bps = models.PositiveIntegerField(default=0, help_text="Rate of the VAT on the work.")
    vat_reason = models.CharField(max_length=12, choices=REASONS, default=Reason.NONE.value)
    fee_vat_bps = models.PositiveIntegerField(default=0, help_text="Rate of the VAT on the client fee.")
    fee_vat_reason = models.CharField(max_length=12, choices=REASONS, default=Reason.NONE.value)
    tax_rules = models.PositiveSmallIntegerField(default=0, help_text="Version of the rules of VAT that were applied.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.purpose} {self.reference}: {self.amount} {self.currency}"

    @property
    def taxes(self) -> ChargeTaxes:
        """Return the VAT it was worked out with."""
        return ChargeTaxes(
            work=Tax(self.vat_bps, Reason(self.vat_reason)), fee=Tax(self.fee_vat_bps, Reason(self.fee_vat_reason))
        )
