"""What happened, for ever, and what is still to be told to whom."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.machine import table, transition
from core.models import LockedQuerySet


class Event(models.Model):
    """A fact: who did what to which thing, when and why. Append-only."""

    kind = models.CharField(max_length=80, help_text='App and past tense: "contracts.milestone_approved".')
    subject = models.CharField(max_length=80, help_text='The thing it happened to: "milestone:7".')
    scope = models.CharField(max_length=80, blank=True, help_text='Whose timeline shows it: "contract:3".')
    actor_user_id = models.BigIntegerField(
        null=True, blank=True, help_text="The person who acted; none for the system."
    )
    actor_party_id = models.BigIntegerField(null=True, blank=True, help_text="The party acted for.")
    impersonator_id = models.BigIntegerField(
        null=True, blank=True, help_text="The staff user behind that person, if any."
    )
    is_system = models.BooleanField(default=False, help_text="Whether a clock, a worker or a webhook acted.")
    reason = models.TextField(blank=True, help_text="Why, in the actor's words.")
    data = models.JSONField(
        default=dict,
        encoder=DjangoJSONEncoder,
        help_text="What else the kind says, before and after.",
    )
    request_id = models.CharField(max_length=64, blank=True, help_text="The request or task it came from.")
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField(auto_now_add=True, help_text="Real time of writing.")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes: ClassVar = [
            models.Index(
                fields=["scope", "-id"],
                name="events_event_scope",
                condition=~Q(scope=""),
            ),
            models.Index(fields=["subject", "-id"], name="events_event_subject"),
            models.Index(fields=["kind", "-id"], name="events_event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def subject_id(self) -> int:
        """Return the number of the thing it happened to: 7 of "milestone:7". Raises ValueError for one without."""
        return int(self.subject.rpartition(":")[2])

    @property
    def scope_id(self) -> int:
        """Return the number of the thing whose timeline shows it: 3 of "contract:3". Raises ValueError without one."""
        return int(self.scope.rpartition(":")[2])


class Delivery(models.Model):
    """One event for one handler. It is done exactly once, in the same transaction as the handler's own writes."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    TRANSITIONS = table(
        transition(None, "record", "client, freelancer, staff, system", State.PENDING),
        transition(State.PENDING, "deliver_due", "system", State.DONE),
        transition(State.PENDING, "deliver_due", "system", State.PENDING),
        transition(State.PENDING, "deliver_due", "system", State.FAILED),
        transition(State.FAILED, "retry_delivery", "staff", State.PENDING),
    )

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries", help_text="The fact to tell.")
    handler = models.CharField(max_length=120, help_text='Who is told: "proposals.handlers.return_connects".')
    state = models.CharField(
        max_length=8,
        choices=State,
        default=State.PENDING,
        help_text="Failed ones wait for staff.",
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was begun.")
    next_at = models.DateTimeField(help_text="Not tried before this time.")
    done_at = models.DateTimeField(null=True, blank=True, help_text="When the handler was through.")
    error = models.TextField(blank=True, help_text="What went wrong last.")

    objects = LockedQuerySet["Delivery"].as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "handler"], name="events_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="events_delivery_done_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at", "id"],
                name="events_delivery_due",
                condition=Q(state="pending"),
            ),
            models.Index(
                fields=["id"],
                name="events_delivery_failed",
                condition=Q(state="failed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} ({self.state})"
