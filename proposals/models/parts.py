"""What belongs to a proposal beside its own row: milestones, highlights, revisions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from profiles.models import Certification, PortfolioItem, WorkHistory
from proposals.models.proposals import Proposal


class ProposalMilestone(models.Model):
    """One part of a price that is proposed by milestones; the amounts sum to the proposal's."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField(help_text="From 0.")
    title = models.CharField(_("title"), max_length=120)
    amount = models.BigIntegerField(_("amount"), help_text="Minor units.")
    due_on = models.DateField(_("due"), null=True, blank=True)

    class Meta:
        verbose_name = _("milestone of a proposal")
        verbose_name_plural = _("milestones of proposals")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "position"], name="proposals_milestone_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposals_milestone_positive"),
        ]

    def __str__(self) -> str:
        return self.title


class ProposalHighlight(models.Model):
    """Something of the freelancer's own profile that a proposal points at: it goes when it leaves the profile."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="highlights")
    position = models.PositiveSmallIntegerField(help_text="From 0.")
    portfolio_item = models.ForeignKey(
        PortfolioItem,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="A work shown there.",
    )
    certification = models.ForeignKey(
        Certification, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="A certificate."
    )
    work = models.ForeignKey(
        WorkHistory,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="A contract done here.",
    )

    class Meta:
        verbose_name = _("highlight of a proposal")
        verbose_name_plural = _("highlights of proposals")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "position"], name="proposals_highlight_position"),
            models.CheckConstraint(
                condition=Q(portfolio_item__isnull=False, certification=None, work=None)
                | Q(portfolio_item=None, certification__isnull=False, work=None)
                | Q(portfolio_item=None, certification=None, work__isnull=False),
                name="proposals_highlight_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}/{self.position}"


class ProposalRevision(models.Model):
    """One change of a proposal after it was sent; what the terms were before stays readable, an unread letter does not.

    `number` is the version of the proposal that the change made: the one that was sent is version 1.
    """

    class Part(models.TextChoices):
        LETTER = "letter", _("letter")
        TERMS = "terms", _("price and time")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("version"))
    part = models.CharField(_("what changed"), max_length=8, choices=Part.choices)
    before = models.JSONField(
        default=dict,
        help_text="Terms that changed, as they were: amount, duration, milestones as title, amount and day.",
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("change of a proposal")
        verbose_name_plural = _("changes of proposals")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "number"], name="proposals_revision_number"),
            models.CheckConstraint(condition=Q(number__gt=1), name="proposals_revision_after_first"),
            models.CheckConstraint(
                condition=Q(part="letter", before={}) | (Q(part="terms") & ~Q(before={})),
                name="proposals_revision_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}, {self.number}"
