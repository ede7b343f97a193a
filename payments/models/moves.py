"""Intent rows for calls that move money outside, and the moves that make each call exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models.methods import PaymentMethod
from payments.models.sums import ADDS_UP, WorkSums


class Charge(WorkSums):
    """Money asked from a client for one purpose; amount = gross + client fee, each with its VAT, exactly."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("paid")
        DENIED = "denied", _("not paid")

    LIVE = frozenset({Status.PLANNED, Status.WAITING})
    TRANSITIONS = table(
        transition(None, "start_charge", "client", Status.PLANNED),
        transition(Status.PLANNED, "settle_charge", "system", Status.WAITING),
        transition([Status.PLANNED, Status.WAITING], "settle_charge", "system", Status.CONFIRMED),
        transition([Status.PLANNED, Status.WAITING], "settle_charge", "system", Status.DENIED),
        transition(Status.PLANNED, "end_unsent_charge", "system", Status.DENIED),
    )

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="charges", help_text="Who pays.")
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="charges")
    amount = models.BigIntegerField(_("charged"), help_text="Minor units: all four together.")
    provider_fee = models.BigIntegerField(null=True, blank=True, help_text="Minor units, once the provider says.")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    failure_code = models.CharField(max_length=60, blank=True)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    is_payer_present = models.BooleanField(
        default=True, help_text="Whether the payer was there to answer their bank when it was made."
    )
    next_url = models.CharField(max_length=500, blank=True, help_text="Where the payer takes the second step.")
    give_up_at = models.DateTimeField(null=True, blank=True, help_text="When waiting for the payer ends.")
    given_up_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was asked to end; it is not sent any more."
    )
    created_at = models.DateTimeField(_("created"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Charge"].as_manager()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        constraints: ClassVar = [
            models.CheckConstraint(condition=ADDS_UP, name="payments_charge_adds_up"),
            models.CheckConstraint(
                condition=Q(status__in=["confirmed", "denied"], settled_at__isnull=False)
                | Q(status__in=["planned", "waiting"], settled_at__isnull=True),
                name="payments_charge_settled_at",
            ),
            models.UniqueConstraint(
                fields=["purpose", "reference"],
                condition=Q(status__in=["planned", "waiting"]),
                name="payments_charge_one_live",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["party", "-created_at"], name="payments_charge_party")]


class Refund(models.Model):
    """Held, released or credited money on its way back to the card of one charge."""

    class Status(models.TextChoices):
        RESERVED = "reserved", _("on its way")
        CONFIRMED = "confirmed", _("returned")
        DENIED = "denied", _("refused by the bank")
        DROPPED = "dropped", _("taken back by the bank itself")

    TRANSITIONS = table(
        transition(None, "refund_holding", "client, freelancer, staff, system", Status.RESERVED),
        transition(None, "settle_frozen", "client, freelancer, staff, system", Status.RESERVED),
        transition(None, "give_back_release", "freelancer, staff", Status.RESERVED),
        transition(None, "ask_credit_back", "client, staff", Status.RESERVED),
        # What a chargeback leaves of one that it took, and what comes back of one once it is won.
        transition(None, "see_dispute", "system", Status.RESERVED),
        transition(Status.RESERVED, "settle_refund", "system", Status.CONFIRMED),
        transition(Status.RESERVED, "settle_refund", "system", Status.DENIED),
        transition(Status.RESERVED, "settle_refund", "system", Status.DROPPED),
        transition(Status.RESERVED, "see_dispute", "system", Status.DROPPED),
        # The card's bank may send back what had arrived.
        transition(Status.CONFIRMED, "settle_refund", "system", Status.DENIED),
        transition(Status.CONFIRMED, "settle_refund", "system", Status.DROPPED),
    )

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    source = models.CharField(max_length=60, help_text="Where the money was, such as milestone:7 or case:2.")
    scope = models.CharField(max_length=60, blank=True)
    title = models.CharField(_("what for"), max_length=240)
    gross = models.BigIntegerField(help_text="Minor units, without VAT.")
    vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the work.")
    client_fee = models.BigIntegerField(help_text="Minor units, without VAT.")
    client_fee_vat = models.BigIntegerField(default=0, help_text="Minor units of the VAT on the client fee.")
    credit = models.BigIntegerField(default=0, help_text="Minor units of the client's credit, paid back by this card.")
    amount = models.BigIntegerField(_("amount"), help_text="Minor units: all of these together.")
    currency = models.CharField(max_length=3)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RESERVED)
    failure_code = models.CharField(max_length=60, blank=True)
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Refund"].as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    amount=F("gross") + F("vat") + F("client_fee") + F("client_fee_vat") + F("credit"),
                    amount__gt=0,
                    credit__gte=0,
                    gross__gte=0,
                    vat__gte=0,
                    client_fee__gte=0,
                    client_fee_vat__gte=0,
                ),
                name="payments_refund_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(status="reserved", settled_at=None) | (~Q(status="reserved") & Q(settled_at__isnull=False)),
                name="payments_refund_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.charge}"

    @property
    def work(self) -> int:
        """Return what of it was for the work, VAT included."""
        return self.gross + self.vat


class ProviderTransfer(models.Model):
    """A matured release on its way from the platform's balance to the payee's own provider account.

    What a chargeback held back of it follows, once that is won, as another one; at most one at a time is under way.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        CONFIRMED = "confirmed", _("transferred")
        DENIED = "denied", _("refused")

    TRANSITIONS = table(
        transition(None, "plan_transfers", "system", Status.PLANNED),
        transition(Status.PLANNED, "settle_transfer", "system", Status.CONFIRMED),
        transition(Status.PLANNED, "settle_transfer", "system", Status.DENIED),
        transition(Status.DENIED, "plan_transfers", "system", Status.PLANNED),
    )

    release = models.ForeignKey("payments.Release", on_delete=models.PROTECT, related_name="transfers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="provider_transfers")
    amount = models.BigIntegerField(help_text="Minor units.")
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    failure_code = models.CharField(max_length=60, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="When a refused one is tried again.")
    provider_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["ProviderTransfer"].as_manager()

    class Meta:
        verbose_name = _("transfer to the payee")
        verbose_name_plural = _("transfers to payees")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_providertransfer_positive"),
            models.UniqueConstraint(
                fields=["release"], condition=~Q(status="confirmed"), name="payments_providertransfer_one_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.party_id}"


class MoneyMove(models.Model):
    """One call that moves money outside: its key is stored before the call, and one key has one body for ever."""

    class Verb(models.TextChoices):
        CHARGE = "charge", _("charge")
        CANCEL = "cancel", _("cancel a charge")
        REFUND = "refund", _("refund")
        TRANSFER = "transfer", _("transfer")
        REVERSAL = "reversal", _("transfer taken back")
        PAYOUT = "payout", _("payout")
        TOPUP = "topup", _("operator's cash in")
        CASHOUT = "cashout", _("operator's cash out")

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENT = "sent", _("sent")
        WAITING = "waiting", _("waiting for the provider")
        UNKNOWN = "unknown", _("outcome unknown")
        CONFIRMED = "confirmed", _("confirmed")
        DENIED = "denied", _("denied")

    TRANSITIONS = table(
        transition(None, "plan_move", "system", Status.PLANNED),
        transition(Status.PLANNED, "run_move", "system", Status.SENT),
        transition([Status.SENT, Status.UNKNOWN], "settle_move", "system", Status.WAITING),
        transition([Status.SENT, Status.WAITING, Status.UNKNOWN], "settle_move", "system", Status.CONFIRMED),
        transition([Status.SENT, Status.WAITING, Status.UNKNOWN], "settle_move", "system", Status.DENIED),
        transition(Status.SENT, "run_move", "system", Status.UNKNOWN),
        transition(Status.PLANNED, "drop_move", "system", Status.DENIED),
    )
    FINAL = frozenset({Status.CONFIRMED, Status.DENIED})

    verb = models.CharField(_("verb"), max_length=10, choices=Verb.choices)
    source = models.CharField(_("source"), max_length=60, help_text="One intent row, such as charge-118.")
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1, help_text="Rises only after a definite denial.")
    gateway = models.CharField(max_length=16)
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    currency = models.CharField(max_length=3)
    key = models.CharField(_("key"), max_length=255, unique=True, help_text="Sent to the provider as idempotency key.")
    body = models.JSONField(default=dict, help_text="What is sent, without secrets; never changes once it was sent.")
    request_hash = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    provider_id = models.CharField(_("provider id"), max_length=120, unique=True, null=True, blank=True)
    code = models.CharField(_("answer"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    ahead = models.DurationField(
        default=timedelta,
        help_text="How far the demonstration clock ran ahead when it was first sent: a call takes real time.",
    )
    tries = models.PositiveIntegerField(_("tries"), default=0, help_text="Calls under its one key.")
    next_at = models.DateTimeField(_("next"), help_text="When it is sent, sent again, or asked about.")
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["MoneyMove"].as_manager()

    class Meta:
        verbose_name = _("money move")
        verbose_name_plural = _("money moves")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["verb", "source", "attempt"], name="payments_moneymove_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_moneymove_positive"),
            models.CheckConstraint(
                condition=Q(status="planned", sent_at=None) | Q(status="denied") | Q(sent_at__isnull=False),
                name="payments_moneymove_sent_at",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["confirmed", "denied"], settled_at__isnull=False)
                | (~Q(status__in=["confirmed", "denied"]) & Q(settled_at=None)),
                name="payments_moneymove_settled_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"],
                condition=~Q(status__in=["confirmed", "denied"]),
                name="payments_moneymove_open",
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def intent_id(self) -> int:
        """Return the number of the intent row that the move is for."""
        return int(self.source.rpartition("-")[2])

    @property
    def is_final(self) -> bool:
        """Test whether the provider's answer is definite."""
        return self.status in self.FINAL
