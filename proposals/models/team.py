"""What a client's people note about a proposal among themselves, and what a letter is compared by."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.models import LockedQuerySet
from proposals.models.proposals import Proposal

#: The marks of a scorecard: the worst and the best.
LOWEST, HIGHEST = 1, 5


class ProposalNote(models.Model):
    """What one of the client's people wrote about a proposal; only those who may read its inbox ever see it."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=2000, help_text="Markdown.")
    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("changed"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["ProposalNote"].as_manager()

    class Meta:
        verbose_name = _("note on a proposal")
        verbose_name_plural = _("notes on proposals")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="proposals_note_says_something"),
            models.CheckConstraint(
                condition=Q(edited_at=None) | Q(edited_at__gte=F("created_at")), name="proposals_note_edited_after"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["proposal", "created_at"], name="proposals_note_in_order")]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.proposal_id}"


class Scorecard(models.Model):
    """What one of the client's people thinks of a proposal, from 1 to 5; one for each person, for their team alone."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="scorecards")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    skills = models.PositiveSmallIntegerField(null=True, blank=True)
    communication = models.PositiveSmallIntegerField(null=True, blank=True)
    price = models.PositiveSmallIntegerField(null=True, blank=True)
    availability = models.PositiveSmallIntegerField(null=True, blank=True)
    impression = models.PositiveSmallIntegerField(null=True, blank=True)
    filled_at = models.DateTimeField(_("filled in"))

    #: What is marked, with its words, in the order in which it is shown.
    CRITERIA: ClassVar = {
        "skills": _("Skills"),
        "communication": _("Communication"),
        "price": _("Price"),
        "availability": _("Availability"),
        "impression": _("Own impression"),
    }

    objects: ClassVar = LockedQuerySet["Scorecard"].as_manager()

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "author"], name="proposals_scorecard_one_each"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__range": (LOWEST, HIGHEST)}) | Q(**{name: None}),
                    name=f"proposals_scorecard_{name}",
                )
                for name in ("skills", "communication", "price", "availability", "impression")
            ),
            models.CheckConstraint(
                condition=~Q(skills=None, communication=None, price=None, availability=None, impression=None),
                name="proposals_scorecard_has_a_mark",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.proposal_id}"


class LetterPrint(models.Model):
    """The runs of words of a letter as numbers, and how much of it other letters have too; one row for each proposal.

    Its client learns that much of the letter was sent elsewhere, never where or what the other letter says.
    """

    class Found(models.TextChoices):
        OWN = "own", _("in letters of the same author to other clients")
        RIVAL = "rival", _("in an earlier letter of somebody else on this job")

    proposal = models.OneToOneField(Proposal, on_delete=models.CASCADE, primary_key=True, related_name="letter_print")
    runs = ArrayField(models.IntegerField(), help_text="Hashes of the runs of words, without what is only polite.")
    share = models.PositiveSmallIntegerField(default=0, help_text="Percent of the runs that one other letter has too.")
    found = models.CharField(max_length=8, choices=Found.choices, blank=True, help_text="Where, if it is much.")

    class Meta:
        verbose_name = _("print of a letter")
        verbose_name_plural = _("prints of letters")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(share__lte=100), name="proposals_letterprint_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.share} %"
