"""Offers: terms a client proposes, with the first milestone already paid for and held."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from jobs.models import Job
from proposals.models import Proposal

#: What the charge of an offer is for: its first milestone.
PURPOSE = "contracts.offer"


class Offer(models.Model):
    """A client's offer on a proposal; accepted at most once, and never after it ended."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PAYING = "paying", _("being paid")
        PENDING = "pending", _("waiting for the freelancer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    LIVE: ClassVar = frozenset({Status.DRAFT, Status.PAYING, Status.PENDING})

    TRANSITIONS = table(
        transition(None, "write_offer", "client", Status.DRAFT),
        transition(Status.DRAFT, "write_offer", "client", Status.DRAFT),
        transition(Status.DRAFT, "send_offer", "client", Status.PAYING),
        transition(Status.DRAFT, "send_offer_from_credit", "client", Status.PENDING),
        transition(Status.DRAFT, "withdraw_offer", "client, system", Status.WITHDRAWN),
        transition(Status.PAYING, "receive_offer_payment", "system", Status.PENDING),
        transition(Status.PAYING, "receive_offer_payment", "system", Status.WITHDRAWN),
        transition(Status.PAYING, "fail_offer_payment", "system", Status.DRAFT),
        transition(Status.PAYING, "fail_offer_payment", "system", Status.WITHDRAWN),
        transition(Status.PAYING, "withdraw_offer", "client, system", Status.PAYING),
        transition(Status.PENDING, "accept_offer", "freelancer", Status.ACCEPTED),
        transition(Status.PENDING, "decline_offer", "freelancer", Status.DECLINED),
        transition(Status.PENDING, "withdraw_offer", "client, system", Status.WITHDRAWN),
        transition(Status.PENDING, "expire_offer", "system", Status.EXPIRED),
        # Whoever contests the payment at the bank has taken the offer back.
        transition(Status.PENDING, "freeze_charged_back_offer", "system", Status.WITHDRAWN),
    )

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="offers")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="offers")
    client = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="offers_made")
    freelancer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="offers_received")
    worker = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
        help_text="Who of an agency does the work; none where a freelancer works for themselves.",
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField(
        default=1, help_text="Rises with each change; only the version shown is accepted."
    )
    title = models.CharField(_("title"), max_length=120)
    deliverables = models.TextField(_("deliverables"), max_length=10_000, help_text="Markdown.")
    language = models.CharField(max_length=2, choices=User.Language.choices, default="en")
    starts_on = models.DateField(_("start"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    currency = models.CharField(max_length=3)
    fee_version = models.PositiveIntegerField(help_text="Version of the fee schedule the contract will keep.")
    payment_failure = models.CharField(max_length=60, blank=True, help_text="Why the last payment did not go through.")
    withdraw_requested_at = models.DateTimeField(null=True, blank=True, help_text="Withdrawn while the payment ran.")
    decline_note = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, help_text="When the next reminder of the clock is due.")
    ended_at = models.DateTimeField(_("answered or ended"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Offer"].as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(status__in=["draft", "paying", "pending"]),
                name="contracts_offer_one_live",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending") | Q(sent_at__isnull=False, expires_at__isnull=False),
                name="contracts_offer_pending_has_clock",
            ),
            models.CheckConstraint(
                condition=Q(status="pending") | Q(remind_at=None), name="contracts_offer_only_pending_reminds"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["accepted", "declined", "withdrawn", "expired"], ended_at__isnull=False)
                | (~Q(status__in=["accepted", "declined", "withdrawn", "expired"]) & Q(ended_at=None)),
                name="contracts_offer_ended_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(status="pending"), name="contracts_offer_expiring"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="contracts_offer_reminding"),
            models.Index(fields=["client", "-created_at"], name="contracts_offer_client"),
            models.Index(fields=["freelancer", "-created_at"], name="contracts_offer_flancer"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def holder(self) -> str:
        """Return the name under which the ledger holds this offer's money."""
        return f"offer:{self.pk}"

    @property
    def scope(self) -> str:
        """Return the name under which what happens to this offer is told: that of its job."""
        return f"job:{self.job_id}"


class OfferMilestone(models.Model):
    """One milestone of an offer; the first is paid for when the offer is sent."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    due_on = models.DateField(_("due"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "position"], name="contracts_offermilestone_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="contracts_offermilestone_positive"),
        ]

    def __str__(self) -> str:
        return self.title
