"""The sandbox provider's own memory: it behaves like a company elsewhere, and only its gateway reads these rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import LockedQuerySet


class SandboxObject(models.Model):
    """A card, payment, refund, account, transfer or payout at the sandbox provider."""

    id = models.CharField(max_length=60, primary_key=True)
    kind = models.CharField(max_length=20)
    move = models.CharField(max_length=60, blank=True, db_index=True, help_text="Our move, as sent in the metadata.")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects: ClassVar = LockedQuerySet["SandboxObject"].as_manager()

    def __str__(self) -> str:
        return self.id


class SandboxRequest(models.Model):
    """The first answer given to an idempotency key; the same key with another body is refused."""

    key = models.CharField(max_length=255, primary_key=True)
    request_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)

    objects: ClassVar = LockedQuerySet["SandboxRequest"].as_manager()

    def __str__(self) -> str:
        return self.key


class SandboxEvent(models.Model):
    """An event that the sandbox provider will announce, signed, at its time."""

    id = models.CharField(max_length=60, primary_key=True)
    kind = models.CharField(max_length=80)
    body = models.JSONField()
    object = models.ForeignKey(SandboxObject, on_delete=models.PROTECT, related_name="events")
    becomes = models.CharField(max_length=20, blank=True, help_text="The state that the object takes at that time.")
    code = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["SandboxEvent"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(delivered_at=None), name="payments_sandboxevent_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
