"""Offers: terms a client proposes, with the first milestone already paid for and held, and what both make of them."""

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
#: Whose files are attached to an offer; the contract made of it shows them too.
OFFER_FILES = "contracts.offer"


class Offer(models.Model):
    """A client's offer, on a proposal or made directly; accepted at most once, and never after it ended."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PAYING = "paying", _("being paid")
        PENDING = "pending", _("waiting for the freelancer")
        RAISING = "raising", _("being raised")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    LIVE: ClassVar = frozenset({Status.DRAFT, Status.PAYING, Status.PENDING, Status.RAISING})
    #: The freelancer knows of it, it holds its money, and its clock runs.
    OUT: ClassVar = frozenset({Status.PENDING, Status.RAISING})

    TRANSITIONS = table(
        transition(None, "write_offer", "client", Status.DRAFT),
        transition(Status.DRAFT, "write_offer", "client", Status.DRAFT),
        transition(None, "write_direct_offer", "client", Status.DRAFT),
        transition(Status.DRAFT, "write_direct_offer", "client", Status.DRAFT),
        transition(Status.DRAFT, "send_offer", "client", Status.PAYING),
        transition(Status.DRAFT, "send_offer_from_credit", "client", Status.PENDING),
        transition(Status.DRAFT, "withdraw_offer", "client, system", Status.WITHDRAWN),
        transition(Status.PAYING, "receive_offer_payment", "system", Status.PENDING),
        transition(Status.PAYING, "receive_offer_payment", "system", Status.WITHDRAWN),
        transition(Status.PAYING, "fail_offer_payment", "system", Status.DRAFT),
        transition(Status.PAYING, "fail_offer_payment", "system", Status.WITHDRAWN),
        transition(Status.PAYING, "withdraw_offer", "client, system", Status.PAYING),
        transition(Status.PENDING, "counter_offer", "freelancer", Status.PENDING),
        transition(Status.PENDING, "withdraw_counter", "freelancer", Status.PENDING),
        transition(Status.PENDING, "refuse_counter", "client", Status.PENDING),
        transition(Status.PENDING, "write_revision", "client", Status.PENDING),
        transition(Status.PENDING, "drop_revision", "client", Status.PENDING),
        # At once where it costs no more; else the old version stands until the difference is paid.
        transition(Status.PENDING, "agree_to_counter", "client", Status.PENDING),
        transition(Status.PENDING, "agree_to_counter", "client", Status.RAISING),
        transition(Status.PENDING, "agree_to_counter_from_credit", "client", Status.PENDING),
        transition(Status.PENDING, "revise_offer", "client", Status.PENDING),
        transition(Status.PENDING, "revise_offer", "client", Status.RAISING),
        transition(Status.PENDING, "revise_offer_from_credit", "client", Status.PENDING),
        transition(Status.RAISING, "receive_offer_payment", "system", Status.PENDING),
        transition(Status.RAISING, "fail_offer_payment", "system", Status.PENDING),
        # Ended meanwhile: it waits for the answer of the payment, then all of it goes back.
        transition(Status.RAISING, "decline_offer", "freelancer", Status.RAISING),
        transition(Status.RAISING, "withdraw_offer", "client, system", Status.RAISING),
        transition(Status.RAISING, "expire_offer", "system", Status.RAISING),
        transition(Status.RAISING, "receive_offer_payment", "system", Status.DECLINED),
        transition(Status.RAISING, "receive_offer_payment", "system", Status.WITHDRAWN),
        transition(Status.RAISING, "receive_offer_payment", "system", Status.EXPIRED),
        transition(Status.RAISING, "fail_offer_payment", "system", Status.DECLINED),
        transition(Status.RAISING, "fail_offer_payment", "system", Status.WITHDRAWN),
        transition(Status.RAISING, "fail_offer_payment", "system", Status.EXPIRED),
        transition(Status.PENDING, "accept_offer", "freelancer", Status.ACCEPTED),
        transition(Status.PENDING, "decline_offer", "freelancer", Status.DECLINED),
        transition(Status.PENDING, "withdraw_offer", "client, system", Status.WITHDRAWN),
        transition(Status.PENDING, "expire_offer", "system", Status.EXPIRED),
        # Whoever contests the payment at the bank has taken the offer back.
        transition([Status.PENDING, Status.RAISING], "freeze_charged_back_offer", "system", Status.WITHDRAWN),
    )

    job = models.ForeignKey(
        Job,
        on_delete=models.PROTECT,
        related_name="offers",
        null=True,
        blank=True,
        help_text="None for a direct offer of work that was never posted.",
    )
    proposal = models.ForeignKey(
        Proposal,
        on_delete=models.PROTECT,
        related_name="offers",
        null=True,
        blank=True,
        help_text="None for a direct offer.",
    )
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
    duration = models.CharField(
        _("duration"), max_length=12, choices=Job.Duration.choices, blank=True, help_text="Where no end is agreed."
    )
    currency = models.CharField(max_length=3)
    fee_version = models.PositiveIntegerField(help_text="Version of the fee schedule the contract will keep.")
    payment_failure = models.CharField(max_length=60, blank=True, help_text="Why the last payment did not go through.")
    end_requested_at = models.DateTimeField(null=True, blank=True, help_text="Ended while a payment for it ran.")
    end_requested_as = models.CharField(
        max_length=10, blank=True, help_text="What it becomes once that payment has its answer."
    )
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
                condition=Q(status__in=["draft", "paying", "pending", "raising"]),
                name="contracts_offer_one_live",
            ),
            models.UniqueConstraint(
                fields=["client", "freelancer", "job"],
                condition=Q(proposal=None, status__in=["draft", "paying", "pending", "raising"]),
                nulls_distinct=False,
                name="contracts_offer_one_direct",
            ),
            models.CheckConstraint(
                condition=Q(proposal=None) | Q(job__isnull=False), name="contracts_offer_proposal_has_job"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["pending", "raising"]) | Q(sent_at__isnull=False, expires_at__isnull=False),
                name="contracts_offer_out_has_clock",
            ),
            models.CheckConstraint(
                condition=Q(end_requested_at=None, end_requested_as="")
                | Q(end_requested_at__isnull=False, end_requested_as__in=["declined", "withdrawn", "expired"]),
                name="contracts_offer_end_requested",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["draft", "pending"]) | Q(end_requested_at=None),
                name="contracts_offer_waits_to_end",
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
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=["pending", "raising"], end_requested_at=None),
                name="contracts_offer_expiring",
            ),
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
        """Return the name under which what happens to this offer is told: that of its job, if any."""
        return f"job:{self.job_id}" if self.job_id else self.holder

    @property
    def is_direct(self) -> bool:
        """Test whether it was made without a proposal."""
        return self.proposal_id is None


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


class OfferVersion(models.Model):
    """Terms that one side put forward for an offer; its terms never change, only what became of them.

    The first is what was sent. A counter waits for the client; the client's own new terms are a draft that only the
    client sees until they are in force. One version is in force from the moment the offer is sent.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        OPEN = "open", _("waits for the client")
        RAISING = "raising", _("being paid")
        CURRENT = "current", _("in force")
        REPLACED = "replaced", _("replaced")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("overtaken")

    DECIDED: ClassVar = frozenset({State.REPLACED, State.REFUSED, State.WITHDRAWN, State.LAPSED})

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="In the order in which they were put forward.")
    base = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text="The version that was in force when this one was put forward; none for the first.",
    )
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="Whose terms they are.")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    title = models.CharField(_("title"), max_length=120)
    deliverables = models.TextField(_("deliverables"), max_length=10_000, help_text="Markdown.")
    language = models.CharField(max_length=2, choices=User.Language.choices, default="en")
    starts_on = models.DateField(_("start"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    duration = models.CharField(_("duration"), max_length=12, choices=Job.Duration.choices, blank=True)
    milestones = models.JSONField(help_text="In their order: title, amount in minor units, description, due date.")
    note = models.TextField(max_length=2000, blank=True, help_text="What the side says to the other about them.")
    answer = models.TextField(max_length=2000, blank=True, help_text="Why the client refused a counter.")
    created_at = models.DateTimeField(_("put forward"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of an offer")
        verbose_name_plural = _("versions of offers")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "number"], name="contracts_offerversion_number"),
            *(
                models.UniqueConstraint(
                    fields=["offer"], condition=Q(state=state), name=f"contracts_offerversion_one_{state}"
                )
                for state in ("draft", "open", "raising", "current")
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "open", "raising", "current"], decided_at=None)
                | Q(state__in=["replaced", "refused", "withdrawn", "lapsed"], decided_at__isnull=False),
                name="contracts_offerversion_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.number}"

    @property
    def first_amount(self) -> int:
        """Return what the first milestone is worth, in minor units: what an offer holds."""
        return int(self.milestones[0]["amount"])
