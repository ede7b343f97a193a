"""Conversations before a contract, and the interviews that are agreed in them."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from jobs.models import Job

#: Most characters of a note about an interview.
LONGEST_NOTE = 500
#: Most characters of the link to a meeting elsewhere.
LONGEST_LINK = 500


class Conversation(models.Model):
    """What a client and a freelancer or an agency write to each other about a job; one for job and party."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="conversations")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="conversations")
    created_at = models.DateTimeField(_("begun"))

    objects: ClassVar = LockedQuerySet["Conversation"].as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "party"], name="proposals_conversation_once")]
        indexes: ClassVar = [models.Index(fields=["party"], name="proposals_conversation_party")]

    def __str__(self) -> str:
        return f"{self.party_id} on {self.job_id}"

    @property
    def scope(self) -> str:
        """Return the scope of its events, which is the owner of its room."""
        return f"conversation:{self.pk}"


class Interview(models.Model):
    """A meeting of the two sides of a conversation: times that one side proposes and the other answers; one live."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("interview", "times proposed")
        ACCEPTED = "accepted", pgettext_lazy("interview", "agreed")
        CANCELLED = "cancelled", pgettext_lazy("interview", "cancelled")
        HELD = "held", pgettext_lazy("interview", "held")
        EXPIRED = "expired", pgettext_lazy("interview", "expired")

    class Way(models.TextChoices):
        CALL = "call", _("Call in the browser, in this room")
        LINK = "link", _("Meeting elsewhere, with a link")

    LENGTHS: ClassVar = (15, 30, 45, 60, 90)
    LIVE: ClassVar = frozenset({Status.PROPOSED, Status.ACCEPTED})
    TRANSITIONS = table(
        transition(None, "propose_interview", "client, freelancer", Status.PROPOSED),
        transition(Status.PROPOSED, "accept_interview", "client, freelancer", Status.ACCEPTED),
        transition(LIVE, "move_interview", "client, freelancer", Status.PROPOSED),
        transition(LIVE, "cancel_interview", "client, freelancer", Status.CANCELLED),
        transition(LIVE, "drop_interviews", "system", Status.CANCELLED),
        transition(LIVE, "drop_interviews_of", "system", Status.CANCELLED),
        transition(Status.ACCEPTED, "remind_interviews", "system", Status.ACCEPTED),
        transition(Status.ACCEPTED, "finish_interviews", "system", Status.HELD),
        transition(Status.PROPOSED, "finish_interviews", "system", Status.EXPIRED),
    )

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="interviews")
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.PROPOSED)
    version = models.PositiveIntegerField(
        default=0, help_text="Grows with each change: what a calendar knows as its sequence."
    )
    proposer = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", help_text="Whose times these are: the other side answers."
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text="Who proposed the times.")
    minutes = models.PositiveSmallIntegerField(_("length"), help_text="Minutes.")
    way = models.CharField(_("how"), max_length=4, choices=Way.choices, default=Way.CALL)
    link = models.URLField(
        _("link to the meeting"), max_length=LONGEST_LINK, blank=True, validators=[URLValidator(schemes=["https"])]
    )
    note = models.TextField(_("note"), max_length=LONGEST_NOTE, blank=True)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True, help_text="The time that was agreed.")
    created_at = models.DateTimeField(_("created"))
    proposed_at = models.DateTimeField(_("proposed"), help_text="When the times that stand now were proposed.")
    accepted_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    cancel_note = models.TextField(_("why it was cancelled"), max_length=LONGEST_NOTE, blank=True)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When it ends by itself: the last time proposed, or the end of the agreed one."
    )
    remind_at = models.DateTimeField(null=True, blank=True, help_text="The next reminder of an agreed one.")

    objects: ClassVar = LockedQuerySet["Interview"].as_manager()

    class Meta:
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(status__in=["proposed", "accepted"]),
                name="proposals_interview_one_live",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", starts_at=None, accepted_at=None)
                | Q(status="expired", starts_at=None, accepted_at=None)
                | Q(status__in=["accepted", "held"], starts_at__isnull=False, accepted_at__isnull=False)
                | Q(status="cancelled"),
                name="proposals_interview_agreed_at",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "accepted"], ended_at=None, due_at__isnull=False)
                | Q(status__in=["cancelled", "held", "expired"], ended_at__isnull=False, due_at=None),
                name="proposals_interview_ended_at",
            ),
            models.CheckConstraint(
                condition=Q(remind_at=None) | Q(status="accepted"), name="proposals_interview_reminded"
            ),
            models.CheckConstraint(
                condition=Q(cancel_note="") | Q(status="cancelled"), name="proposals_interview_cancel_note"
            ),
            models.CheckConstraint(
                condition=Q(way="call", link="") | Q(way="link", link__startswith="https://"),
                name="proposals_interview_link",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=480), name="proposals_interview_minutes"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="proposals_interview_due"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="proposals_interview_remind"),
            models.Index(fields=["conversation", "-created_at"], name="proposals_interview_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.status}"


class InterviewSlot(models.Model):
    """A time at which an interview could be; other times take the place of all of them."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField(_("begins"))

    class Meta:
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["interview", "starts_at"], name="proposals_interviewslot_once")
        ]

    def __str__(self) -> str:
        return f"{self.interview_id}: {self.starts_at}"
