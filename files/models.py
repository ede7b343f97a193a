"""The row that stands for each kept file; the bytes lie in the private folder and nowhere else."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Files by what they belong to."""

    def of(self, kind: str, ref: str) -> Self:
        """Return the files attached to one thing, in the order they were uploaded."""
        return self.filter(owner_kind=kind, owner_ref=ref, attached_at__isnull=False)

    def loose(self) -> Self:
        """Return the files that nothing holds yet."""
        return self.filter(attached_at__isnull=True)

    def uploaded_before(self, at: datetime) -> Self:
        """Return the files uploaded before `at`."""
        return self.filter(created_at__lt=at)


class StoredFile(models.Model):
    """One uploaded file, checked and renamed; only what its owner's app allows may read it.

    Its invariant: it can be read only when it is ready, and it belongs to exactly one thing from `attached_at` on.
    """

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        QUARANTINED = "quarantined", _("Not checked yet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_kind = models.CharField(max_length=60, help_text=_("What it is for, as its app registered it."))
    owner_ref = models.CharField(
        max_length=60, blank=True, help_text=_("The thing it belongs to; empty until attached.")
    )
    uploaded_by_id = models.BigIntegerField(help_text=_("The user who uploaded it."))
    uploaded_for_id = models.BigIntegerField(null=True, blank=True, help_text=_("The party that user acted for."))
    name = models.CharField(max_length=120, help_text=_("The uploader's name for it, cleaned; never used as a path."))
    media_type = models.CharField(max_length=100, help_text=_("Found in the content, never taken from the browser."))
    size = models.PositiveBigIntegerField(help_text=_("In bytes, as it is kept."))
    sha256 = models.CharField(max_length=64, help_text=_("Of the bytes that are kept."))
    path = models.CharField(max_length=80, unique=True, help_text=_("Random; inside the private folder."))
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUARANTINED)
    is_image = models.BooleanField(default=False, help_text=_("Decoded and written again by us, with small copies."))
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    attached_at = models.DateTimeField(null=True, blank=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["owner_kind", "owner_ref"], name="files_owner"),
            models.Index(fields=["created_at"], condition=Q(attached_at__isnull=True), name="files_loose"),
            models.Index(fields=["uploaded_by_id"], condition=Q(attached_at__isnull=True), name="files_loose_by"),
            models.Index(fields=["created_at"], condition=Q(state="quarantined"), name="files_quarantined"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(attached_at__isnull=True, owner_ref="") | (Q(attached_at__isnull=False) & ~Q(owner_ref="")),
                name="files_attached_has_owner",
            ),
            models.CheckConstraint(
                condition=Q(is_image=False, width__isnull=True, height__isnull=True)
                | Q(is_image=True, width__gt=0, height__gt=0),
                name="files_image_has_size",
            ),
            models.CheckConstraint(condition=Q(state__in=["ready", "quarantined"]), name="files_state_known"),
        ]
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page that checks who asks, then leads to a short-lived link."""
        return reverse("files:open", args=[self.pk])

    def copy_path(self, size: str) -> str:
        """Return where the small copy of a picture lies."""
        return f"{self.path}-{size}"

    @property
    def is_ready(self) -> bool:
        """Test whether the file passed its checks and may be read."""
        return self.state == self.State.READY
