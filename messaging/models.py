"""Rooms, who is in them, what was written and how far each person has read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet

#: Most characters of a message.
LONGEST = 5000
#: Most characters of what somebody says against a mask, and of what a moderator answers.
LONGEST_WORD = 1000


class Room(models.Model):
    """A conversation about one thing, such as a contract; its parties' people read and write in it."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", pgettext_lazy("room", "contract")
        INTERVIEW = "interview", pgettext_lazy("room", "interview")

    #: Kinds of rooms in which one side may block the other: who has a contract has to be reached.
    BLOCKABLE = (Kind.INTERVIEW,)
    #: Kinds that the people of finance do not enter: they have no part in hiring.
    WITHOUT_FINANCE = (Kind.INTERVIEW,)

    kind = models.CharField(max_length=12, choices=Kind.choices)
    owner = models.CharField(max_length=60, unique=True, help_text="What it is about, such as contract:5.")
    title = models.CharField(max_length=120)
    parties = models.ManyToManyField(Party, related_name="rooms")
    guarded = models.BooleanField(
        default=False, help_text="Before a contract: contact data is masked, and people go by their public names."
    )
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_message = models.ForeignKey(
        "messaging.Message", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revision = models.BigIntegerField(
        default=0, help_text="Grows with each message and each change of one: how open pages know what they missed."
    )

    objects: ClassVar = LockedQuerySet["Room"].as_manager()

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """One text in a room. Its author changes it for some minutes and deletes it at any time: then no word is kept."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="Whom the author wrote for.")
    text = models.TextField(_("message"), max_length=LONGEST, help_text="As it was typed; empty once deleted.")
    masked_text = models.TextField(
        blank=True, default="", help_text="What the other side reads while a part is masked; else empty."
    )
    quoted = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    token = models.CharField(max_length=40, help_text="From the form: the same text sent twice is stored once.")
    created_at = models.DateTimeField(_("sent"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, help_text="By its author.")
    revision = models.BigIntegerField(default=0, help_text="That of the room when it was last changed.")

    objects: ClassVar = LockedQuerySet["Message"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "author", "token"], name="messaging_message_once"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(text="", masked_text="", quoted=None),
                name="messaging_message_deleted_is_empty",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["room", "-id"], name="messaging_message_room"),
            models.Index(fields=["room", "revision"], name="messaging_message_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.pk}"

    @property
    def author_name(self) -> str:
        """Return the author's name: of somebody who left, the one kept for this room as long as it is kept.

        Before a contract it is the public name. Needs `author` and `room`, and for a kept name a row read by
        `messages_of` or `latest_message`.
        """
        name = self.author.public_name if self.room.guarded else self.author.get_full_name()
        return getattr(self, "kept_name", None) or name

    def text_for(self, party_id: int | None) -> str:
        """Return what the people of a party read: the side of the author what was typed, the other what is not masked.

        Nothing of a deleted message. Nobody's side (None) reads what the other side does.
        """
        return self.text if not self.masked_text or party_id == self.party_id else self.masked_text


class AuthorName(models.Model):
    """The name of somebody who left, which stays on their messages in one room until its day; then the row goes."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="author_names")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=121)
    until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text="Empty while what the room is about runs."
    )

    class Meta:
        verbose_name = _("name of a former member")
        verbose_name_plural = _("names of former members")
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "user"], name="messaging_authorname_once")]
        indexes: ClassVar = [models.Index(fields=["until"], name="messaging_authorname_due")]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.user_id}"


class ReadMark(models.Model):
    """How far one person has read a room, and whether they put it away."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    last_read_id = models.BigIntegerField(default=0, help_text="Message.")
    archived_id = models.BigIntegerField(
        null=True, blank=True, help_text="The newest message when the room was archived: a newer one brings it back."
    )

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "user"], name="messaging_readmark_once")]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.last_read_id}"


class RoomBlock(models.Model):
    """One side of a room does not want to hear from the other; while it stands nobody writes there."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="blocks")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="Who is blocked.")
    by_party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="Who blocks.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("blocked"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["room", "party"], condition=Q(ended_at=None), name="messaging_block_stands_once"
            ),
            models.CheckConstraint(condition=~Q(party=F("by_party")), name="messaging_block_of_the_other_side"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.party_id}"


class Masking(models.Model):
    """A message before a contract of which a part is masked for the other side, and what was said against it."""

    class Status(models.TextChoices):
        MASKED = "masked", pgettext_lazy("mask", "masked")
        APPEALED = "appealed", pgettext_lazy("mask", "appealed")
        KEPT = "kept", pgettext_lazy("mask", "kept")
        LIFTED = "lifted", pgettext_lazy("mask", "lifted")
        ENDED = "ended", pgettext_lazy("mask", "ended")

    #: The message is masked.
    LIVE = (Status.MASKED, Status.APPEALED, Status.KEPT)
    TRANSITIONS = table(
        transition(None, "post_message", "client, freelancer", Status.MASKED),
        transition(None, "edit_message", "client, freelancer", Status.MASKED),
        transition(Status.MASKED, "appeal_mask", "client, freelancer", Status.APPEALED),
        transition(Status.APPEALED, "keep_mask", "staff", Status.KEPT),
        transition(Status.APPEALED, "lift_mask", "staff", Status.LIFTED),
        transition(LIVE, "edit_message", "client, freelancer", Status.ENDED),
        transition(LIVE, "delete_message", "client, freelancer", Status.ENDED),
        # A contract was made.
        transition(LIVE, "lift_guard", "system", Status.ENDED),
    )

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="maskings")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kinds = models.CharField(_("found"), max_length=60, help_text="Kinds of findings of the guard, by spaces.")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.MASKED)
    appeal = models.TextField(_("appeal"), max_length=LONGEST_WORD, blank=True)
    reason = models.TextField(_("reason"), max_length=LONGEST_WORD, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("masked"))
    appealed_at = models.DateTimeField(_("appealed"), null=True, blank=True)
    due_at = models.DateTimeField(_("deadline"), null=True, blank=True, help_text="Of the answer to an appeal.")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Masking"].as_manager()

    class Meta:
        verbose_name = _("masked message")
        verbose_name_plural = _("masked messages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message"],
                condition=Q(status__in=("masked", "appealed", "kept")),
                name="messaging_masking_live_once",
            ),
            models.CheckConstraint(
                condition=Q(status="masked", appealed_at=None, decided_at=None, ended_at=None)
                | Q(status="appealed", appealed_at__isnull=False, due_at__isnull=False, decided_at=None, ended_at=None)
                | Q(status__in=("kept", "lifted"), appealed_at__isnull=False, decided_at__isnull=False, ended_at=None)
                | Q(status="ended", ended_at__isnull=False),
                name="messaging_masking_moments",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["author", "-created_at"], name="messaging_masking_author"),
            models.Index(fields=["due_at"], condition=Q(status="appealed"), name="messaging_masking_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.status}"


class GuardCase(models.Model):
    """Somebody whose messages were masked again and again, for moderators to look at; one open case a person."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("guard", "open")
        CLOSED = "closed", pgettext_lazy("guard", "closed")

    TRANSITIONS = table(
        transition(None, "post_message", "client, freelancer", Status.OPEN),
        transition(None, "edit_message", "client, freelancer", Status.OPEN),
        transition(Status.OPEN, "close_guard_case", "staff", Status.CLOSED),
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="For whom they wrote last.")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    reason = models.TextField(_("reason"), max_length=LONGEST_WORD, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = LockedQuerySet["GuardCase"].as_manager()

    class Meta:
        verbose_name = _("repeated contact data")
        verbose_name_plural = _("repeated contact data")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="open"), name="messaging_guardcase_open_once"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None, closed_by=None)
                | Q(status="closed", closed_at__isnull=False, closed_by__isnull=False),
                name="messaging_guardcase_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.status}"
