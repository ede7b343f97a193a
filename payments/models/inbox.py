"""The inbox of provider events: stored once by id, processed later, replayed harmlessly."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import LockedQuerySet


class WebhookEvent(models.Model):
    """One signed event of a provider; a repeated delivery finds the row and changes nothing."""

    gateway = models.CharField(_("gateway"), max_length=16)
    event_id = models.CharField(_("event id"), max_length=120)
    kind = models.CharField(_("type"), max_length=80)
    verb = models.CharField(
        max_length=10, blank=True, help_text="Kind of move or other object that it speaks of; empty for the rest."
    )
    account = models.CharField(max_length=120, blank=True, help_text="The party's own account, if it happened there.")
    object_id = models.CharField(_("object"), max_length=120, help_text="The provider's object.")
    body = models.JSONField()
    received_at = models.DateTimeField(_("received"))
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next try"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects: ClassVar = LockedQuerySet["WebhookEvent"].as_manager()

    class Meta:
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="payments_webhookevent_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(processed_at=None), name="payments_webhookevent_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class InboxCursor(models.Model):
    """Up to when the events of a provider were read from its list, so that none stays unheard."""

    gateway = models.CharField(max_length=16, unique=True)
    read_until = models.DateTimeField()

    objects: ClassVar = LockedQuerySet["InboxCursor"].as_manager()

    def __str__(self) -> str:
        return f"{self.gateway} {self.read_until}"
