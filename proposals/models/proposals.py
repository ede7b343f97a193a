"""Proposals: what a freelancer offers for a job."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from jobs.models import Job

#: What the files of proposals and of their drafts belong to.
PROPOSAL_FILES = "proposals.proposal"


class Proposal(models.Model):
    """A bid on a job by a freelancer, or by an agency for one of its people; one live or offered for party and job."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        VIEWED = "viewed", _("viewed")
        INTERVIEWING = "interviewing", _("in interview")
        OFFERED = "offered", _("offer received")
        HIRED = "hired", _("hired")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CLOSED = "closed", _("closed")

    class DeclineReason(models.TextChoices):
        PRICE = "price", _("price")
        SKILLS = "skills", _("skills or experience")
        TIMING = "timing", _("timing")
        OTHER = "other", _("chose somebody else")

    LIVE: ClassVar = frozenset({Status.SUBMITTED, Status.VIEWED, Status.INTERVIEWING})
    BOUND: ClassVar = LIVE | {Status.OFFERED}

    TRANSITIONS = table(
        transition(None, "submit_proposal", "freelancer", Status.SUBMITTED),
        transition(Status.SUBMITTED, "view_proposal", "client", Status.VIEWED),
        transition(Status.OFFERED, "view_proposal", "client", Status.OFFERED),
        transition(Status.SUBMITTED, "edit_letter", "freelancer", Status.SUBMITTED),
        *(transition(state, "edit_terms", "freelancer", state) for state in sorted(LIVE)),
        transition([Status.SUBMITTED, Status.VIEWED], "message_proposal", "client", Status.INTERVIEWING),
        transition(Status.INTERVIEWING, "message_proposal", "client", Status.INTERVIEWING),
        transition(Status.OFFERED, "message_proposal", "client", Status.OFFERED),
        transition(LIVE, "withdraw_proposal", "freelancer", Status.WITHDRAWN),
        transition(LIVE, "decline_proposal", "client", Status.DECLINED),
        transition(LIVE, "mark_proposal_offered", "system", Status.OFFERED),
        transition(Status.OFFERED, "mark_proposal_unoffered", "system", Status.SUBMITTED),
        transition(Status.OFFERED, "mark_proposal_unoffered", "system", Status.VIEWED),
        transition(Status.OFFERED, "mark_proposal_unoffered", "system", Status.INTERVIEWING),
        transition(Status.OFFERED, "mark_proposal_unoffered", "system", Status.CLOSED),
        transition(Status.OFFERED, "mark_proposal_hired", "system", Status.HIRED),
        transition(LIVE, "close_proposal", "system", Status.CLOSED),
        transition(Status.SUBMITTED, "return_unopened", "system", Status.SUBMITTED),
        *(transition(state, "raise_boost", "freelancer", state) for state in sorted(LIVE)),
    )

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="proposals")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="proposals")
    worker = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
        help_text="Who of an agency does the work; a freelancer does it themselves, and names nobody.",
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.SUBMITTED)
    before_offer = models.CharField(max_length=12, blank=True, help_text="The state an ended offer leads back to.")
    amount = models.BigIntegerField(_("amount"), help_text="Minor units: the whole price, or the rate an hour.")
    currency = models.CharField(max_length=3)
    fee_version = models.PositiveIntegerField(help_text="Version of the fee schedule that was shown.")
    duration = models.CharField(_("duration"), max_length=12, choices=Job.Duration.choices, blank=True)
    letter = models.TextField(_("cover letter"), max_length=5000)
    language = models.CharField(max_length=2, choices=User.Language.choices, default="en")
    answers = models.JSONField(_("answers"), default=list, help_text="In the order of the job's questions.")
    boost = models.PositiveIntegerField(
        _("boost"),
        default=0,
        db_default=0,
        help_text="Connects bid for a marked place; 0 for none, and for one whose connects came back.",
    )
    boosted_at = models.DateTimeField(null=True, blank=True, help_text="When the bid was last raised.")
    outbid_at = models.DateTimeField(
        _("outbid"), null=True, blank=True, help_text="When a higher bid took its place; empty again once it is raised."
    )
    version = models.PositiveIntegerField(
        _("version"), default=1, db_default=1, help_text="Rises with each change of letter or terms."
    )
    shortlisted_at = models.DateTimeField(null=True, blank=True, help_text="The client's label, never shown to others.")
    archived_at = models.DateTimeField(null=True, blank=True, help_text="The client's label, never shown to others.")
    decline_reason = models.CharField(max_length=12, choices=DeclineReason.choices, blank=True)
    decline_message = models.TextField(
        _("message"), max_length=2000, blank=True, help_text="What the client wrote with its no, for the freelancer."
    )
    withdraw_note = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="Why it was withdrawn: for its author alone."
    )
    created_at = models.DateTimeField(_("sent"))
    viewed_at = models.DateTimeField(_("viewed"), null=True, blank=True)
    interviewing_at = models.DateTimeField(
        _("in interview since"), null=True, blank=True, help_text="The client's first message about it."
    )
    answered_at = models.DateTimeField(
        _("answered"),
        null=True,
        blank=True,
        help_text="The client's first act on it: opened, shortlisted, written to, declined, or an offer being sent.",
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    #: The number of its marked place, 0 for none, where `queries.place_numbers` was asked for a page.
    place: int = 0

    objects: ClassVar = LockedQuerySet["Proposal"].as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job", "party"],
                condition=Q(status__in=["submitted", "viewed", "interviewing", "offered"]),
                name="proposals_proposal_one_bound",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposals_proposal_positive"),
            models.CheckConstraint(
                condition=~Q(status="viewed") | Q(viewed_at__isnull=False), name="proposals_proposal_viewed_at"
            ),
            models.CheckConstraint(
                condition=Q(interviewing_at__isnull=False, viewed_at__isnull=False)
                | (~Q(status="interviewing") & ~Q(before_offer="interviewing") & Q(interviewing_at=None)),
                name="proposals_proposal_interviewing_at",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=False) | Q(viewed_at=None, shortlisted_at=None),
                name="proposals_proposal_answered_at",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["declined", "withdrawn", "closed", "hired"], ended_at__isnull=False)
                | (~Q(status__in=["declined", "withdrawn", "closed", "hired"]) & Q(ended_at=None)),
                name="proposals_proposal_ended_at",
            ),
            models.CheckConstraint(
                condition=Q(status="declined") | Q(decline_message=""), name="proposals_proposal_message_of_a_no"
            ),
            models.CheckConstraint(
                condition=Q(status="offered", before_offer__in=["submitted", "viewed", "interviewing"])
                | ~Q(status="offered"),
                name="proposals_proposal_before_offer",
            ),
            models.CheckConstraint(
                condition=Q(boost=0, boosted_at=None) | Q(boost__gt=0, boosted_at__isnull=False),
                name="proposals_proposal_boosted_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["party", "-created_at"], name="proposals_proposal_party"),
            models.Index(fields=["created_at"], condition=Q(status="submitted"), name="proposals_proposal_unopened"),
            models.Index(fields=["job", "-boost"], condition=Q(boost__gt=0), name="proposals_proposal_boosted"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} on {self.job_id}"

    @property
    def is_unopened(self) -> bool:
        """Test whether its client has yet to open it, which they may while an offer is out."""
        status = self.before_offer if self.status == Proposal.Status.OFFERED else self.status
        return status == Proposal.Status.SUBMITTED

    @property
    def holds_place(self) -> bool:
        """Whether it stands in one of the marked places at the top of the client's list."""
        return self.boost > 0 and self.outbid_at is None and self.status in self.BOUND
