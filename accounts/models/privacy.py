"""Archives of a person's data, and the last mails to people whose account is gone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from core.machine import table, transition
from core.models import LockedQuerySet


class DataExport(models.Model):
    """One archive that a person asked for; its file exists only while it is ready."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("asked for")
        BUILDING = "building", _("being put together")
        READY = "ready", _("ready")
        EXPIRED = "expired", _("deleted")
        FAILED = "failed", _("failed")

    OPEN: ClassVar = frozenset({Status.REQUESTED, Status.BUILDING})

    TRANSITIONS = table(
        transition(None, "request_export", "client, freelancer", Status.REQUESTED),
        transition(Status.REQUESTED, "build_export", "system", Status.BUILDING),
        # The worker before it died, or the disk was full: it is begun anew, a few times.
        transition(Status.BUILDING, "build_export", "system", Status.BUILDING),
        transition(Status.BUILDING, "build_export", "system", Status.READY),
        transition(Status.BUILDING, "build_export", "system", Status.FAILED),
        transition([Status.REQUESTED, Status.BUILDING], "erase_account", "client, freelancer", Status.FAILED),
        transition(Status.READY, "expire_export", "system", Status.EXPIRED),
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was begun.")
    next_at = models.DateTimeField(help_text="Not begun, or begun anew, before this time.")
    path = models.CharField(max_length=80, blank=True, help_text="Random; inside the private folder.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    requested_at = models.DateTimeField(_("asked for"))
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    expires_at = models.DateTimeField(_("deleted on"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = LockedQuerySet["DataExport"].as_manager()

    class Meta:
        verbose_name = _("archive of data")
        verbose_name_plural = _("archives of data")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status__in=["requested", "building"]), name="accounts_dataexport_one_open"
            ),
            models.CheckConstraint(
                condition=(Q(status="ready", ready_at__isnull=False, expires_at__isnull=False) & ~Q(path=""))
                | (~Q(status="ready") & Q(path="")),
                name="accounts_dataexport_ready_has_file",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["expired", "failed"], ended_at__isnull=False)
                | (~Q(status__in=["expired", "failed"]) & Q(ended_at=None)),
                name="accounts_dataexport_ended_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], condition=Q(status__in=["requested", "building"]), name="accounts_dataexport_due"
            ),
            models.Index(fields=["expires_at"], condition=Q(status="ready"), name="accounts_dataexport_expiring"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.status}"


class Farewell(models.Model):
    """The mail that tells a former member that the account is deleted; the row, and the address, go when it is sent."""

    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, choices=User.Language.choices)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(help_text="Not tried before this time.")

    objects: ClassVar = LockedQuerySet["Farewell"].as_manager()

    class Meta:
        verbose_name = _("farewell mail")
        verbose_name_plural = _("farewell mails")
        indexes: ClassVar = [models.Index(fields=["next_at"], name="accounts_farewell_due")]

    def __str__(self) -> str:
        return f"{self.pk}"
