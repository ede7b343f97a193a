"""What a party pays with, is paid to, and is known as at the provider."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.models import LockedQuerySet


class PaymentMethod(models.Model):
    """A card that a client pays with; only the provider knows its number."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        REMOVED = "removed", _("removed")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120, unique=True)
    brand = models.CharField(_("brand"), max_length=24)
    last4 = models.CharField(_("last digits"), max_length=4)
    expires_on = models.DateField(_("expires"), null=True, blank=True, help_text="Last day of the month on the card.")
    is_default = models.BooleanField(_("default"), default=False)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(_("created"))

    objects: ClassVar = LockedQuerySet["PaymentMethod"].as_manager()

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(is_default=True), name="payments_paymentmethod_one_default"
            )
        ]

    def __str__(self) -> str:
        return f"{self.brand} ···· {self.last4}"


class GatewayAccount(models.Model):
    """A party's own account at the provider, where its released money is transferred to."""

    class Status(models.TextChoices):
        PENDING = "pending", _("being checked")
        ENABLED = "enabled", _("enabled")
        RESTRICTED = "restricted", _("restricted")

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="gateway_account")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(_("created"))
    enabled_at = models.DateTimeField(_("enabled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["GatewayAccount"].as_manager()

    class Meta:
        verbose_name = _("gateway account")
        verbose_name_plural = _("gateway accounts")

    def __str__(self) -> str:
        return f"{self.party}: {self.status}"


class PayoutMethod(models.Model):
    """A bank account that a freelancer withdraws to; usable once it has waited."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        FAILED = "failed", _("failed")
        REMOVED = "removed", _("removed")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payout_methods")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120, unique=True)
    label = models.CharField(_("label"), max_length=60, help_text="Bank and last digits, safe to show.")
    usable_from = models.DateTimeField(_("usable from"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(_("created"))

    objects: ClassVar = LockedQuerySet["PayoutMethod"].as_manager()

    class Meta:
        verbose_name = _("payout method")
        verbose_name_plural = _("payout methods")

    def __str__(self) -> str:
        return self.label
