"""Calls: who rang whom in which room, and how it ended. What was said is kept nowhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from messaging.models.rooms import Room

BOTH = "client, freelancer"


class CallQuerySet(LockedQuerySet["Call"]):
    """Named selections of calls."""

    def live(self) -> CallQuerySet:
        """Return the calls that ring or run."""
        return self.filter(status__in=Call.LIVE)


class Call(models.Model):
    """A call of one person to the other side of a room; one that rings or runs for each room."""

    class Status(models.TextChoices):
        RINGING = "ringing", pgettext_lazy("call", "ringing")
        CONNECTED = "connected", pgettext_lazy("call", "under way")
        ENDED = "ended", pgettext_lazy("call", "ended")
        MISSED = "missed", pgettext_lazy("call", "missed")
        DECLINED = "declined", pgettext_lazy("call", "declined")
        CANCELLED = "cancelled", pgettext_lazy("call", "cancelled")
        BUSY = "busy", pgettext_lazy("call", "busy")

    class Kind(models.TextChoices):
        VOICE = "voice", _("voice call")
        VIDEO = "video", _("video call")

    class Why(models.TextChoices):
        HUNG_UP = "hung_up", _("somebody hung up")
        LOST = "lost", _("the connection was lost")
        TOO_LONG = "too_long", _("it reached the longest time of a call")
        LEFT = "left", _("somebody may not talk in this room any more")
        NO_ANSWER = "no_answer", _("nobody answered")
        OFFLINE = "offline", _("nobody was online")

    #: States in which somebody is rung or talks.
    LIVE = (Status.RINGING, Status.CONNECTED)
    #: Reasons that each end has; the others explain themselves.
    REASONS = {
        Status.ENDED: (Why.HUNG_UP, Why.LOST, Why.TOO_LONG, Why.LEFT),
        Status.MISSED: (Why.NO_ANSWER, Why.OFFLINE),
        Status.CANCELLED: (Why.HUNG_UP, Why.LOST, Why.LEFT),
    }

    TRANSITIONS = table(
        transition(None, "start_call", BOTH, Status.RINGING),
        transition(None, "start_call", BOTH, Status.BUSY),
        transition(Status.RINGING, "answer_call", BOTH, Status.CONNECTED),
        transition(Status.RINGING, "decline_call", BOTH, Status.RINGING),
        transition(Status.RINGING, "decline_call", BOTH, Status.DECLINED),
        transition(Status.RINGING, "cancel_call", BOTH, Status.CANCELLED),
        transition(Status.RINGING, "miss_call", "system", Status.MISSED),
        transition(Status.RINGING, "drop_call", "system", Status.CANCELLED),
        transition(Status.CONNECTED, "hang_up", BOTH, Status.ENDED),
        transition(Status.CONNECTED, "drop_call", "system", Status.ENDED),
        transition(Status.RINGING, "end_calls_of", "system", Status.CANCELLED),
        transition(Status.CONNECTED, "end_calls_of", "system", Status.ENDED),
    )

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="calls")
    caller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("caller"))
    callee = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("answered by"),
        help_text="The first of the other side who answered.",
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.RINGING)
    why = models.CharField(_("why it ended"), max_length=9, choices=Why.choices, blank=True)
    started_at = models.DateTimeField(_("started"))
    rings_until = models.DateTimeField(_("rings until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["room"], condition=Q(status__in=["ringing", "connected"]), name="messaging_call_one_live"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ringing", "connected"], ended_at=None)
                | (~Q(status__in=["ringing", "connected"]) & Q(ended_at__gte=F("started_at"))),
                name="messaging_call_ended_at",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["connected", "ended"], callee__isnull=False, answered_at__gte=F("started_at"))
                | (~Q(status__in=["connected", "ended"]) & Q(callee=None, answered_at=None)),
                name="messaging_call_answered_at",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", why__in=["hung_up", "lost", "too_long", "left"])
                | Q(status="missed", why__in=["no_answer", "offline"])
                | Q(status="cancelled", why__in=["hung_up", "lost", "left"])
                | Q(status__in=["ringing", "connected", "declined", "busy"], why=""),
                name="messaging_call_why",
            ),
            models.CheckConstraint(condition=~Q(caller=F("callee")), name="messaging_call_two_people"),
            models.CheckConstraint(
                condition=Q(rings_until__gte=F("started_at")), name="messaging_call_rings_until_later"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["room", "-id"], name="messaging_call_room"),
            models.Index(
                fields=["rings_until"], condition=Q(status__in=["ringing", "connected"]), name="messaging_call_live"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.pk} {self.status}"

    @property
    def is_live(self) -> bool:
        """Test whether the call rings or runs."""
        return self.status in self.LIVE


class CallPerson(models.Model):
    """One person of a call: who calls, and each who is rung. Nobody is in two calls at once."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", help_text="Whom they talk for.")
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When an open page of theirs began to ring.")
    declined_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True, help_text="When they called, or answered.")
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When their page last said that it is there.")
    left_at = models.DateTimeField(null=True, blank=True, help_text="When the call ended for them.")

    class Meta:
        verbose_name = _("person of a call")
        verbose_name_plural = _("people of calls")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "user"], name="messaging_callperson_once"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(joined_at__isnull=False, left_at=None),
                name="messaging_callperson_one_live",
            ),
            models.CheckConstraint(
                condition=Q(joined_at=None, seen_at=None) | Q(joined_at__isnull=False, seen_at__gte=F("joined_at")),
                name="messaging_callperson_seen_at",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None) | Q(joined_at=None), name="messaging_callperson_declined_or_joined"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.user_id}"
