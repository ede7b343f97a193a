"""Contracts: what two parties agreed, made once from an accepted offer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from contracts.models.offers import Offer
from core.machine import table, transition
from core.models import LockedQuerySet
from jobs.models import Job


class Contract(models.Model):
    """An agreement between a client and a freelancer; an ended one holds no money."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        ENDING = "ending", _("ending")
        ENDED = "ended", _("ended")

    class EndReason(models.TextChoices):
        DONE = "done", _("the work is done")
        NO_LONGER_NEEDED = "no_longer_needed", _("the work is no longer needed")
        NO_ANSWER = "no_answer", _("the other side does not answer")
        DISAGREEMENT = "disagreement", _("we do not agree")
        OTHER = "other", _("another reason")

    TRANSITIONS = table(
        transition(None, "accept_offer", "freelancer", Status.ACTIVE),
        transition(Status.ACTIVE, "end_contract", "client, freelancer", Status.ENDING),
        # Nothing was held and nothing open.
        transition(Status.ACTIVE, "end_contract", "client, freelancer", Status.ENDED),
        transition(Status.ENDING, "finish_contract", "system", Status.ENDED),
    )

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="contract")
    job = models.ForeignKey(
        Job,
        on_delete=models.PROTECT,
        related_name="contracts",
        null=True,
        blank=True,
        help_text="None where it came from a direct offer of work that was never posted.",
    )
    client = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="contracts_as_client")
    freelancer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="contracts_as_freelancer")
    worker = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
        help_text="Who of an agency does the work; none where a freelancer works for themselves.",
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    title = models.CharField(_("title"), max_length=120)
    deliverables = models.TextField(_("deliverables"), max_length=10_000, help_text="Markdown.")
    language = models.CharField(max_length=2, choices=User.Language.choices, default="en")
    starts_on = models.DateField(_("start"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    duration = models.CharField(_("duration"), max_length=12, choices=Job.Duration.choices, blank=True)
    currency = models.CharField(max_length=3)
    fee_version = models.PositiveIntegerField(help_text="Version of the fee schedule that counts for all its payments.")
    started_at = models.DateTimeField(_("started"))
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)
    end_note = models.TextField(max_length=1000, blank=True)
    ending_by_id = models.BigIntegerField(null=True, blank=True, help_text="Party that ended it.")
    ending_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Contract"].as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False) | (~Q(status="ended") & Q(ended_at=None)),
                name="contracts_contract_ended_at",
            ),
            models.CheckConstraint(
                condition=Q(status="active", ending_at=None) | (~Q(status="active") & Q(ending_at__isnull=False)),
                name="contracts_contract_ending_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-started_at"], name="contracts_contract_client"),
            models.Index(fields=["freelancer", "-started_at"], name="contracts_contract_flancer"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope(self) -> str:
        """Return the name that events, lines and rooms of this contract carry."""
        return f"contract:{self.pk}"

    @cached_property
    def committed(self) -> int:
        """What was funded and approved in it so far, payments that run included, in minor units of the work. A query.

        It stands as it was when first asked for: a verb asks after it has locked the contract.
        """
        paid = Q(funded_at__isnull=False) | Q(status="funding")
        left = Sum(F("amount") - F("refunded") - F("moved") - F("lost"))
        return self.milestones.filter(paid).aggregate(total=left)["total"] or 0

    @property
    def number(self) -> str:
        """Return the number people quote."""
        return f"C-{self.pk:05d}"


class ContractReader(models.Model):
    """A member of one side whom that side's people added to a contract: it is among the few that they read."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="readers")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+", help_text="The side that added them.")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("reader of a contract")
        verbose_name_plural = _("readers of contracts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "party", "contract"], name="contracts_reader_once")
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.user_id}"
