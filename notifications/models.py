"""Notices in the bell and the mails that go out with them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet


class Notice(models.Model):
    """One thing a user should know; its words are made in the reader's language when it is shown."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    party = models.ForeignKey(
        Party,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="For which of the user's parties it is, and who reads its page.",
    )
    event_id = models.BigIntegerField(help_text="Event that it tells of; one notice for each user and event.")
    kind = models.CharField(max_length=60)
    data = models.JSONField(default=dict, help_text="What the words need: titles, names, minor units.")
    path = models.CharField(max_length=200, help_text="Page it leads to, without language prefix.")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Notice"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "event_id", "kind"], name="notifications_notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="notifications_notice_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notifications_notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class Group(models.TextChoices):
    """What notices are about, as far as a person chooses how to hear of it."""

    PROPOSALS = "proposals", _("Proposals and connects")
    INTERVIEWS = "interviews", _("Interviews")
    MESSAGES = "messages", _("Messages")
    OFFERS = "offers", _("Offers")
    CONTRACTS = "contracts", _("Contracts and cases")
    MONEY = "money", _("Money")
    JOBS = "jobs", _("Jobs and invitations")
    ALERTS = "alerts", _("Saved searches")
    PROFILE = "profile", _("Your profile")
    ACCOUNT = "account", _("Account and reports")
    STAFF = "staff", _("Work of staff")


class Channel(models.TextChoices):
    """How one hears of a group outside of the bell."""

    INSTANT = "instant", _("at once")
    DIGEST = "digest", _("once a day")
    OFF = "off", _("no e-mail")


class NoticeChoice(models.Model):
    """How one person hears of one group of notices; without a row at once. What is essential does not ask it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    group = models.CharField(max_length=12, choices=Group.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    chosen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "group"], name="notifications_choice_once"),
            models.CheckConstraint(
                condition=Q(channel__in=["instant", "digest", "off"]), name="notifications_choice_channel_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=Q(channel="digest"), name="notifications_choice_digest")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.group} {self.channel}"


class Mail(models.Model):
    """A mail to send because of a notice; sent by a worker, tried again when the mail server is away."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not needed any more")
        FAILED = "failed", _("failed")

    TRANSITIONS = table(
        transition(None, "make_notices", "system", Status.WAITING),
        transition(Status.WAITING, "send_due_mails", "system", Status.SENT),
        transition(Status.WAITING, "send_due_mails", "system", Status.SKIPPED),
        transition(Status.WAITING, "send_due_mails", "system", Status.FAILED),
    )

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="mail")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Mail"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)),
                name="notifications_mail_sent_at",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(status="waiting"), name="notifications_mail_due")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.status}"


class Digest(models.Model):
    """The one mail of a day that tells a person what is unread of the groups they hear of once a day.

    It covers what came from `since` to `until`; what that is, is looked up when it is sent.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not needed any more")
        FAILED = "failed", _("failed")

    TRANSITIONS = table(
        transition(None, "plan_digests", "system", Status.WAITING),
        transition(Status.WAITING, "send_due_digests", "system", Status.SENT),
        transition(Status.WAITING, "send_due_digests", "system", Status.SKIPPED),
        transition(Status.WAITING, "send_due_digests", "system", Status.FAILED),
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text="In the reader's zone.")
    since = models.DateTimeField()
    until = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Digest"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "user"], name="notifications_digest_once_a_day"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)),
                name="notifications_digest_sent_at",
            ),
            models.CheckConstraint(condition=Q(since__lte=models.F("until")), name="notifications_digest_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(status="waiting"), name="notifications_digest_due"),
            models.Index(fields=["user", "-until"], name="notifications_digest_last"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.day}"
