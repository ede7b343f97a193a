"""Released money on its way back: what was given back of a release, and transfers that are taken back for it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models.credit import Credit
from payments.models.holdings import Release
from payments.models.moves import ProviderTransfer, Refund


class GiveBack(models.Model):
    """A part of a release that went back to the client, with the operator's fees in proportion.

    Net = gross + VAT of the work - fee - VAT of the fee, and is what the release's `remaining` lost.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="give_backs")
    gross = models.BigIntegerField(help_text="Minor units, without VAT.")
    vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the work.")
    fee = models.BigIntegerField(_("freelancer fee"), help_text="Minor units that the operator returns.")
    fee_vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on that fee.")
    client_fee = models.BigIntegerField(_("client fee"), help_text="Minor units that the operator returns.")
    client_fee_vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on that fee.")
    net = models.BigIntegerField(_("net"), help_text="Minor units that the payee gives.")
    owed = models.BigIntegerField(default=0, help_text="Minor units of the net that the payee lacked, and owes now.")
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="give_back", help_text="To a card."
    )
    credit = models.OneToOneField(
        Credit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="give_back",
        help_text="Where it was paid from credit, and is credit again.",
    )
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    token = models.UUIDField(null=True, blank=True, unique=True, help_text="Of the form: one form gives back once.")
    user_id = models.BigIntegerField(help_text="Who gave it back.")
    created_at = models.DateTimeField(_("given back"))

    class Meta:
        verbose_name = _("returned part of a release")
        verbose_name_plural = _("returned parts of releases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    net=F("gross") + F("vat") - F("fee") - F("fee_vat"),
                    gross__gt=0,
                    vat__gte=0,
                    fee__gte=0,
                    fee_vat__gte=0,
                    client_fee__gte=0,
                    client_fee_vat__gte=0,
                    net__gte=0,
                    owed__gte=0,
                    owed__lte=F("net"),
                ),
                name="payments_giveback_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(refund__isnull=False, credit=None) | Q(refund=None, credit__isnull=False),
                name="payments_giveback_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gross} of release {self.release_id}"

    @property
    def amount(self) -> int:
        """Return what the client gets: work and client fee, each with its VAT."""
        return self.gross + self.vat + self.client_fee + self.client_fee_vat


class TransferReversal(models.Model):
    """A part of a transfer that is taken back from the payee's own account; together never more than the transfer.

    It is sent once its transfer is confirmed, ends unsent where that was refused, and is tried again after a refusal.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        CONFIRMED = "confirmed", _("taken back")
        DENIED = "denied", _("refused")
        DROPPED = "dropped", _("not needed")

    TRANSITIONS = table(
        transition(None, "plan_reversal", "freelancer, staff, system", Status.PLANNED),
        transition(Status.PLANNED, "settle_reversal", "system", Status.CONFIRMED),
        transition(Status.PLANNED, "settle_reversal", "system", Status.DENIED),
        transition(Status.PLANNED, "drop_reversals", "system", Status.DROPPED),
        transition(Status.DENIED, "retry_reversals", "system", Status.PLANNED),
    )

    transfer = models.ForeignKey(ProviderTransfer, on_delete=models.PROTECT, related_name="reversals")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    refund = models.ForeignKey(
        Refund,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        help_text="The refund that waits until this has its answer, if one does.",
    )
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    currency = models.CharField(max_length=3)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    is_advanced = models.BooleanField(
        default=False, help_text="Whether it was refused once: its refund no longer waits for it."
    )
    failure_code = models.CharField(max_length=60, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="When a refused one is tried again.")
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(_("planned"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["TransferReversal"].as_manager()

    class Meta:
        verbose_name = _("transfer taken back")
        verbose_name_plural = _("transfers taken back")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_transferreversal_positive"),
            models.CheckConstraint(
                condition=Q(status="planned", settled_at=None) | (~Q(status="planned") & Q(settled_at__isnull=False)),
                name="payments_transferreversal_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of transfer {self.transfer_id}"
