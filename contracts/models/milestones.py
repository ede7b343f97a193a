"""Milestones of a fixed-price contract and what was submitted for them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contracts.models.contracts import Contract
from core.machine import table, transition
from core.models import LockedQuerySet

#: What the charge that funds a milestone is for.
PURPOSE = "contracts.milestone"
#: Who owns the files of a submission, and how long its note may be.
SUBMISSION_FILES = "contracts.submission"
NOTE_LONGEST = 5000


class Milestone(models.Model):
    """A part of a contract with its own amount; its money is held before work starts, and a final one holds none."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("proposed")
        AGREED = "agreed", _("not funded")
        FUNDING = "funding", _("being paid")
        FUNDED = "funded", _("funded")
        SUBMITTED = "submitted", _("submitted")
        CHANGES_REQUESTED = "changes_requested", _("changes requested")
        REFUND_REQUESTED = "refund_requested", _("money asked back")
        DISPUTED = "disputed", _("in mediation")
        CHARGED_BACK = "charged_back", _("contested at the bank")
        RELEASED = "released", _("released")
        REFUNDED = "refunded", _("returned to the client")
        SETTLED = "settled", _("settled")
        CANCELLED = "cancelled", _("cancelled")

    FINAL: ClassVar = frozenset({Status.RELEASED, Status.REFUNDED, Status.SETTLED, Status.CANCELLED})
    #: Nothing is held yet, and ending the contract cancels it.
    UNFUNDED: ClassVar = frozenset({Status.DRAFT, Status.AGREED})
    #: States from which the client may release or ask back.
    PAYABLE: ClassVar = frozenset({Status.FUNDED, Status.SUBMITTED, Status.CHANGES_REQUESTED})
    #: States in which a part of its own money is frozen: by a case, or by a chargeback of its payment.
    FROZEN: ClassVar = frozenset({Status.DISPUTED, Status.CHARGED_BACK})
    #: States in which its own money is held, or was until a part of it was frozen.
    HELD: ClassVar = PAYABLE | FROZEN | {Status.REFUND_REQUESTED}

    TRANSITIONS = table(
        transition(None, "accept_offer", "freelancer", Status.FUNDED),
        transition(None, "accept_offer", "freelancer", Status.AGREED),
        transition(None, "propose_milestone", "client, freelancer", Status.DRAFT),
        transition(Status.DRAFT, "accept_milestone", "client, freelancer", Status.AGREED),
        transition(Status.DRAFT, "decline_milestone", "client, freelancer", Status.CANCELLED),
        transition(Status.DRAFT, "withdraw_milestone", "client, freelancer", Status.CANCELLED),
        transition(Status.AGREED, "fund_milestone", "client", Status.FUNDING),
        transition(Status.AGREED, "fund_milestone_from_credit", "client", Status.FUNDED),
        transition(Status.AGREED, "cancel_milestone", "client, freelancer", Status.CANCELLED),
        transition(Status.FUNDING, "receive_milestone_payment", "system", Status.FUNDED),
        # Paid after the client gave up, or after the contract was ended: the money goes back at once.
        transition(Status.FUNDING, "receive_milestone_payment", "system", Status.AGREED),
        transition(Status.FUNDING, "receive_milestone_payment", "system", Status.CANCELLED),
        transition(Status.FUNDING, "fail_milestone_payment", "system", Status.AGREED),
        transition(Status.FUNDING, "fail_milestone_payment", "system", Status.CANCELLED),
        transition(Status.FUNDING, "give_up_milestone_payment", "client", Status.FUNDING),
        transition([Status.FUNDED, Status.CHANGES_REQUESTED], "submit_milestone", "freelancer", Status.SUBMITTED),
        transition(Status.SUBMITTED, "request_milestone_changes", "client", Status.CHANGES_REQUESTED),
        transition(Status.SUBMITTED, "approve_milestone", "client", Status.RELEASED),
        transition([Status.FUNDED, Status.CHANGES_REQUESTED], "release_milestone", "client", Status.RELEASED),
        transition(PAYABLE, "release_milestone_part", "client", Status.FUNDED),
        transition(PAYABLE, "release_part_and_ask_back", "client", Status.REFUND_REQUESTED),
        transition(PAYABLE, "release_part_and_move", "client", Status.RELEASED),
        transition(Status.AGREED, "receive_moved_money", "client", Status.FUNDED),
        transition(Status.SUBMITTED, "release_silent_milestone", "system", Status.RELEASED),
        transition(PAYABLE, "ask_milestone_back", "client", Status.REFUND_REQUESTED),
        transition(Status.REFUND_REQUESTED, "agree_to_ask_back", "freelancer", Status.REFUNDED),
        transition(Status.REFUND_REQUESTED, "agree_to_ask_back", "freelancer", Status.FUNDED),
        transition(Status.REFUND_REQUESTED, "refund_silent_ask_back", "system", Status.REFUNDED),
        transition(Status.REFUND_REQUESTED, "refund_silent_ask_back", "system", Status.FUNDED),
        transition(Status.REFUND_REQUESTED, "freeze_milestone", "system", Status.DISPUTED),
        transition(PAYABLE | {Status.REFUND_REQUESTED}, "give_milestone_back", "freelancer", Status.REFUNDED),
        # Of what a case or a chargeback has not frozen.
        transition(Status.DISPUTED, "release_undisputed", "client", Status.DISPUTED),
        transition(Status.DISPUTED, "give_undisputed_back", "freelancer", Status.DISPUTED),
        transition(Status.CHARGED_BACK, "release_undisputed", "client", Status.CHARGED_BACK),
        transition(Status.CHARGED_BACK, "give_undisputed_back", "freelancer", Status.CHARGED_BACK),
        # The payer contests the payment at the bank; the state before comes back once the bank has decided.
        transition(HELD, "freeze_charged_back", "system", Status.CHARGED_BACK),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.FUNDED),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.SUBMITTED),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.CHANGES_REQUESTED),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.REFUND_REQUESTED),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.DISPUTED),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.REFUNDED),
        transition(Status.CHARGED_BACK, "close_charged_back", "system", Status.CHARGED_BACK),
        transition(Status.DISPUTED, "settle_milestone", "staff", Status.SETTLED),
        transition(Status.DISPUTED, "settle_milestone", "staff", Status.FUNDED),
    )

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    amount = models.BigIntegerField(_("amount"), help_text="Minor units agreed, without fees.")
    released = models.BigIntegerField(
        _("released"), default=0, help_text="Minor units of the amount paid to the freelancer."
    )
    refunded = models.BigIntegerField(
        _("returned"), default=0, help_text="Minor units of the amount returned to the client."
    )
    moved = models.BigIntegerField(
        _("moved"), default=0, help_text="Minor units of the amount moved to another milestone."
    )
    frozen = models.BigIntegerField(
        _("frozen"), default=0, help_text="Minor units of the amount that an open case or a chargeback holds."
    )
    lost = models.BigIntegerField(
        _("lost to the bank"), default=0, help_text="Minor units of the amount that the client's bank took back."
    )
    before = models.CharField(
        max_length=20, blank=True, help_text="The state it was in when its payment was contested at the bank."
    )
    clock_left = models.DurationField(
        null=True, blank=True, help_text="What was left of the clock of that state; it runs on afterwards."
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="End of the due date in the client's zone, fixed at agreement."
    )
    proposed_by_id = models.BigIntegerField(null=True, blank=True, help_text="Party that proposed it.")
    version = models.PositiveIntegerField(default=1, help_text="Rises with each submission and change of state.")
    was_submitted = models.BooleanField(
        default=False, help_text="Work was submitted at least once: silence never refunds it."
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    review_ends_at = models.DateTimeField(_("approved by silence"), null=True, blank=True)
    change_note = models.TextField(max_length=2000, blank=True)
    payment_failure = models.CharField(max_length=60, blank=True, help_text="Why the last payment did not go through.")
    asked_back = models.BigIntegerField(null=True, blank=True, help_text="Minor units the client asked back.")
    asked_back_note = models.TextField(max_length=2000, blank=True)
    ask_back_ends_at = models.DateTimeField(_("ask-back decided by silence"), null=True, blank=True)
    asked_back_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(
        null=True, blank=True, help_text="When the next reminder of the running clock is due."
    )
    given_up_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The payment was given up while it ran; if it arrives all the same, it goes back.",
    )
    created_at = models.DateTimeField(_("created"))
    funded_at = models.DateTimeField(_("funded"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Milestone"].as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "position"], name="contracts_milestone_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="contracts_milestone_positive"),
            models.CheckConstraint(
                condition=Q(status="submitted", review_ends_at__isnull=False, submitted_at__isnull=False)
                | (~Q(status="submitted") & Q(review_ends_at=None)),
                name="contracts_milestone_review_clock",
            ),
            models.CheckConstraint(
                condition=Q(status="refund_requested", ask_back_ends_at__isnull=False, asked_back__gt=0)
                | (~Q(status="refund_requested") & Q(ask_back_ends_at=None)),
                name="contracts_milestone_ask_back_clock",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["released", "refunded", "settled", "cancelled"], finished_at__isnull=False)
                | (~Q(status__in=["released", "refunded", "settled", "cancelled"]) & Q(finished_at=None)),
                name="contracts_milestone_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(released__gte=0, refunded__gte=0, moved__gte=0, frozen__gte=0, lost__gte=0)
                & Q(amount__gte=F("released") + F("refunded") + F("moved") + F("frozen") + F("lost")),
                name="contracts_milestone_never_beyond_amount",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["disputed", "charged_back"], frozen__gt=0)
                | (~Q(status__in=["disputed", "charged_back"]) & Q(frozen=0)),
                name="contracts_milestone_frozen_is_disputed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["draft", "agreed", "funding", "cancelled"])
                | Q(released=0, refunded=0, moved=0, lost=0, funded_at=None),
                name="contracts_milestone_unfunded_is_untouched",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["released", "refunded", "settled"])
                | Q(amount=F("released") + F("refunded") + F("moved") + F("lost")),
                name="contracts_milestone_final_holds_nothing",
            ),
            models.CheckConstraint(
                condition=(Q(status="charged_back") & ~Q(before="")) | (~Q(status="charged_back") & Q(before="")),
                name="contracts_milestone_only_contested_has_before",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "refund_requested"]) | Q(remind_at=None),
                name="contracts_milestone_only_clocks_remind",
            ),
            models.CheckConstraint(
                condition=Q(status="funding") | Q(given_up_at=None), name="contracts_milestone_only_payments_given_up"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["review_ends_at"], condition=Q(status="submitted"), name="contracts_milestone_review"),
            models.Index(
                fields=["ask_back_ends_at"], condition=Q(status="refund_requested"), name="contracts_milestone_askback"
            ),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="contracts_milestone_remind"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def holder(self) -> str:
        """Return the name under which the ledger holds this milestone's money."""
        return f"milestone:{self.pk}"

    @property
    def held(self) -> int:
        """Return what is held for it and free to move: minor units without the client's fee, frozen money left out."""
        if self.status not in self.HELD:
            return 0
        return self.amount - self.released - self.refunded - self.moved - self.lost - self.frozen

    @property
    def is_final(self) -> bool:
        """Test whether nothing more can happen to it."""
        return self.status in self.FINAL


class Submission(models.Model):
    """Work handed in for a milestone: a note, files, or both. Files have the owner kind contracts.submission."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="submissions")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(_("note"), max_length=NOTE_LONGEST, blank=True)
    created_at = models.DateTimeField(_("submitted"))

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.milestone_id} at {self.created_at:%Y-%m-%d}"
