"""Cases: a sum in question, frozen in the ledger until staff divide it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contracts.models import Milestone
from core.machine import table, transition
from core.models import LockedQuerySet


class Case(models.Model):
    """A disagreement about a milestone's money; a closed one divided exactly the sum in question.

    While the client's bank looks at the payment, it waits; what the bank keeps is not in question any more.
    """

    class Status(models.TextChoices):
        MEDIATION = "mediation", _("in mediation")
        BANK = "bank", _("waits for the bank")
        CLOSED = "closed", _("decided")
        LOST = "lost", _("ended by the bank")

    FINAL: ClassVar = frozenset({Status.CLOSED, Status.LOST})
    TRANSITIONS = table(
        transition(None, "open_silent_ask_back_case", "system", Status.MEDIATION),
        transition(Status.MEDIATION, "decide_case", "staff", Status.CLOSED),
        # A chargeback of money of the milestone: the bank decides first.
        transition([Status.MEDIATION, Status.BANK], "wait_for_bank", "system", Status.BANK),
        transition(Status.BANK, "hear_bank", "system", Status.MEDIATION),
        transition(Status.BANK, "hear_bank", "system", Status.LOST),
        transition(Status.BANK, "hear_bank", "system", Status.BANK),
    )

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="cases")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.MEDIATION)
    claim = models.TextField(_("claim"), max_length=2000, blank=True)
    gross = models.BigIntegerField(_("sum in question"), help_text="Minor units without fees.")
    charged_back = models.BigIntegerField(
        _("with the bank"), default=0, help_text="Minor units of the gross that chargebacks took."
    )
    currency = models.CharField(max_length=3)
    version = models.PositiveIntegerField(default=1)
    to_freelancer = models.BigIntegerField(null=True, blank=True, help_text="Minor units of the gross.")
    to_client = models.BigIntegerField(null=True, blank=True, help_text="Minor units of the gross.")
    reasons = models.TextField(_("reasons"), max_length=5000, blank=True)
    mediator = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Case"].as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["milestone"], condition=~Q(status__in=["closed", "lost"]), name="disputes_case_one_open"
            ),
            models.CheckConstraint(
                condition=Q(gross__gt=0, charged_back__gte=0, charged_back__lte=F("gross")),
                name="disputes_case_positive",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["closed", "lost"], closed_at__isnull=False)
                | (~Q(status__in=["closed", "lost"]) & Q(closed_at=None)),
                name="disputes_case_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", mediator__isnull=False) | (~Q(status="closed") & Q(mediator=None)),
                name="disputes_case_mediator",
            ),
            models.CheckConstraint(
                condition=~Q(status="lost") | Q(closed_at__isnull=False, charged_back=F("gross")),
                name="disputes_case_lost_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed")
                | Q(
                    closed_at__isnull=False,
                    mediator__isnull=False,
                    to_freelancer__gte=0,
                    to_client__gte=0,
                    gross=F("to_freelancer") + F("to_client"),
                ),
                name="disputes_case_split_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.milestone}"

    @property
    def holder(self) -> str:
        """Return the name under which the ledger keeps the frozen money."""
        return f"case:{self.pk}"
