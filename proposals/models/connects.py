"""Connects: lots with an expiry, what was spent from each, and purchases. Balances are in the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party
from core.machine import table, transition
from core.models import LockedQuerySet
from payments.models import Chargeback
from proposals.models.proposals import Proposal

#: How the ledger account that holds a party's connects begins; the party's number follows.
CONNECTS = "connects:party:"
#: What a charge for connects is for.
CONNECTS_PURPOSE = "proposals.connects"


def connects_account(party_id: int) -> str:
    """Return the ledger account that holds a party's connects."""
    return f"{CONNECTS}{party_id}"


class ConnectLot(models.Model):
    """Connects that came in together and expire together; the lots of a party sum to its ledger balance."""

    class Origin(models.TextChoices):
        WELCOME = "welcome", _("welcome grant")
        MONTHLY = "monthly", _("monthly grant")
        PURCHASE = "purchase", _("purchase")

    FREE: ClassVar = (Origin.WELCOME, Origin.MONTHLY)

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="connect_lots")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices)
    key = models.CharField(max_length=80, unique=True, help_text="monthly:12:2026-11, welcome:12, purchase:5.")
    month = models.CharField(max_length=7, blank=True, help_text="2026-11, of a monthly grant.")
    amount = models.PositiveIntegerField(_("connects"))
    left = models.PositiveIntegerField(_("left"))
    created_at = models.DateTimeField(_("received"))
    expires_at = models.DateTimeField(_("expires"))
    expired_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="When its party was told that it will expire.")

    objects: ClassVar = LockedQuerySet["ConnectLot"].as_manager()

    class Meta:
        verbose_name = _("lot of connects")
        verbose_name_plural = _("lots of connects")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(left__lte=F("amount")), name="proposals_connectlot_left"),
            models.UniqueConstraint(
                fields=["party", "month"], condition=~Q(month=""), name="proposals_connectlot_one_a_month"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["party", "expires_at"], condition=Q(left__gt=0), name="proposals_connectlot_live"),
            models.Index(fields=["expires_at"], condition=Q(left__gt=0), name="proposals_connectlot_expiring"),
        ]

    def __str__(self) -> str:
        return self.key


class ConnectSpend(models.Model):
    """Connects spent on one part of a proposal; returned at most once, with its reason.

    The proposal itself is one spend. Its boost is a sequence: each raise spends the difference.
    """

    class Part(models.TextChoices):
        PROPOSAL = "proposal", _("proposal")
        BOOST = "boost", _("boost")

    class Reason(models.TextChoices):
        CLOSED = "closed", _("the client closed the job without hiring")
        EXPIRED = "expired", _("the job expired")
        REMOVED = "removed", _("the job was removed")
        UNOPENED = "unopened", _("the client did not open the proposal in time")
        OUTBID = "outbid", _("a higher bid took the marked place before the client acted")

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="spends")
    part = models.CharField(_("part"), max_length=12, choices=Part.choices, default=Part.PROPOSAL)
    sequence = models.PositiveSmallIntegerField(default=1)
    amount = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)

    objects: ClassVar = LockedQuerySet["ConnectSpend"].as_manager()

    class Meta:
        verbose_name = _("spend of connects")
        verbose_name_plural = _("spends of connects")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "part", "sequence"], name="proposals_connectspend_once"),
            models.CheckConstraint(
                condition=Q(returned_at=None, reason="") | (Q(returned_at__isnull=False) & ~Q(reason="")),
                name="proposals_connectspend_reason",
            ),
            models.CheckConstraint(
                condition=Q(part="proposal", sequence=1) & ~Q(reason="outbid") | Q(part="boost", sequence__gte=1),
                name="proposals_connectspend_part",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposals_connectspend_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}/{self.part}/{self.sequence}"


class ConnectSpendPart(models.Model):
    """How many connects of a spend came from which lot, so that a return goes back where it came from."""

    spend = models.ForeignKey(ConnectSpend, on_delete=models.PROTECT, related_name="parts")
    lot = models.ForeignKey(ConnectLot, on_delete=models.PROTECT, related_name="spent_parts")
    amount = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.amount} of {self.lot_id}"


class ConnectClaim(models.Model):
    """Connects whose payment was contested at the bank: those left are taken back, the rest is to be bought again.

    Connects = taken + owed while it is open or lost; a claim that the bank did not grant gives back what was taken.
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="connect_claims")
    chargeback = models.OneToOneField(Chargeback, on_delete=models.PROTECT, related_name="connect_claim")
    amount = models.PositiveIntegerField(_("connects"))
    taken = models.PositiveIntegerField(_("taken back"))
    owed = models.PositiveIntegerField(_("owed"), help_text="No proposal is sent until they are bought.")
    created_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True, blank=True, help_text="When the bank decided against the payer.")

    objects: ClassVar = LockedQuerySet["ConnectClaim"].as_manager()

    class Meta:
        verbose_name = _("contested connects")
        verbose_name_plural = _("contested connects")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(given_back_at__isnull=False, owed=0) | Q(given_back_at=None, amount=F("taken") + F("owed")),
                name="proposals_connectclaim_adds_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.party_id}"


class ConnectPurchase(models.Model):
    """A number of connects bought at the price of its day; the lot comes when the charge is confirmed."""

    class Status(models.TextChoices):
        PAYING = "paying", _("being paid")
        PAID = "paid", _("paid")
        FAILED = "failed", _("not paid")

    TRANSITIONS = table(
        transition(None, "buy_connects", "freelancer", Status.PAYING),
        transition(Status.PAYING, "receive_connects", "system", Status.PAID),
        transition(Status.PAYING, "fail_connect_purchase", "system", Status.FAILED),
    )

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="connect_purchases")
    quantity = models.PositiveIntegerField(_("connects"))
    price = models.BigIntegerField(_("price"), help_text="Minor units.")
    currency = models.CharField(max_length=3)
    token = models.CharField(max_length=40, help_text="From the form: the same form sent twice buys once.")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.PAYING)
    created_at = models.DateTimeField(_("ordered"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["ConnectPurchase"].as_manager()

    class Meta:
        verbose_name = _("purchase of connects")
        verbose_name_plural = _("purchases of connects")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "token"], name="proposals_connectpurchase_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.party_id}"
