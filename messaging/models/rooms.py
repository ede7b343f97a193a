"""Rooms, who is in them, what was written and how far each person has read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.models import LockedQuerySet

#: Most characters of a message.
LONGEST = 5000


class Room(models.Model):
    """A conversation about one thing, such as a contract; its parties' people read and write in it."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("contract")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    owner = models.CharField(max_length=60, unique=True, help_text="What it is about, such as contract:5.")
    title = models.CharField(max_length=120)
    parties = models.ManyToManyField(Party, related_name="rooms")
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Room"].as_manager()

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """One text in a room, never changed."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="Whom the author wrote for.")
    text = models.TextField(_("message"), max_length=LONGEST)
    token = models.CharField(max_length=40, help_text="From the form: the same text sent twice is stored once.")
    created_at = models.DateTimeField(_("sent"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "author", "token"], name="messaging_message_once")
        ]
        indexes: ClassVar = [models.Index(fields=["room", "-id"], name="messaging_message_room")]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.pk}"

    @property
    def author_name(self) -> str:
        """Return the author's name: of somebody who left, the one kept for this room as long as it is kept.

        Needs `author`, and for a kept name a row read by `messages_of` or `latest_message`.
        """
        return getattr(self, "kept_name", None) or self.author.get_full_name()


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
    """How far one person has read a room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    last_read_id = models.BigIntegerField(default=0, help_text="Message.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "user"], name="messaging_readmark_once")]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.last_read_id}"
