"""What a party pays with, is paid to, and is known as at the provider."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet


class PaymentCustomer(models.Model):
    """A party as a provider knows it as somebody who pays: one at each provider."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payment_customers")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    objects: ClassVar = LockedQuerySet["PaymentCustomer"].as_manager()

    class Meta:
        verbose_name = _("customer at a provider")
        verbose_name_plural = _("customers at a provider")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "gateway"], name="payments_paymentcustomer_once")
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.provider_id}"


class PaymentMethod(models.Model):
    """A card or bank account that a party pays with; only the provider knows its number."""

    class Kind(models.TextChoices):
        CARD = "card", _("card")
        SEPA_DEBIT = "sepa_debit", _("SEPA direct debit")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        REMOVED = "removed", _("removed")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.CARD)
    fingerprint = models.CharField(
        max_length=64, blank=True, db_index=True, help_text="The same for the same card or account, whoever added it."
    )
    mandate = models.CharField(max_length=120, blank=True, help_text="The payer's consent to direct debits.")
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


class MethodSetup(models.Model):
    """A payment method that is being added: begun here, finished by the payer at the provider, saved once."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SAVED = "saved", _("saved")
        REFUSED = "refused", _("refused")

    TRANSITIONS = table(
        transition(None, "begin_setup", "client", Status.OPEN),
        transition(Status.OPEN, "finish_setup", "client, system", Status.SAVED),
        transition(Status.OPEN, "finish_setup", "client, system", Status.REFUSED),
    )

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="method_setups")
    gateway = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    code = models.CharField(max_length=60, blank=True, help_text="Why it was refused.")
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="setups")
    requested_by_id = models.BigIntegerField(help_text="User.")
    created_at = models.DateTimeField(_("created"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["MethodSetup"].as_manager()

    class Meta:
        verbose_name = _("method that is being added")
        verbose_name_plural = _("methods that are being added")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="open", settled_at=None, method=None)
                | Q(status="saved", settled_at__isnull=False, method__isnull=False)
                | Q(status="refused", settled_at__isnull=False, method=None),
                name="payments_methodsetup_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.status}"


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
    missing = models.JSONField(default=list, blank=True, help_text="Codes of what the provider still wants to know.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the provider was last asked about it.")

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
