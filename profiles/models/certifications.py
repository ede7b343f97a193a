"""Certificates that a freelancer claims, and what staff found about them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.machine import table, transition
from core.models import LockedQuerySet
from profiles.models.items import Item
from profiles.models.profiles import Profile


class Certification(Item):
    """A certificate with a proof that only its freelancer and moderators read; `checked` is of what it says now."""

    class Status(models.TextChoices):
        CLAIMED = "claimed", _("not checked yet")
        CHECKED = "checked", _("checked")
        REFUSED = "refused", _("refused")

    TRANSITIONS = table(
        transition(None, "add_item", "freelancer", Status.CLAIMED),
        transition([Status.CLAIMED, Status.CHECKED, Status.REFUSED], "change_item", "freelancer", Status.CLAIMED),
        transition(Status.CLAIMED, "check_certification", "staff", Status.CHECKED),
        transition([Status.CLAIMED, Status.CHECKED], "refuse_certification", "staff", Status.REFUSED),
    )

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="certifications")
    heading = models.CharField(_("certificate"), max_length=120)
    organisation = models.CharField(_("issued by"), max_length=120)
    issued_on = models.DateField(_("issued"), help_text="The first of the month.")
    expires_on = models.DateField(
        _("valid until"), null=True, blank=True, help_text="The first of its last month. Empty: it does not expire."
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.CLAIMED)
    version = models.PositiveIntegerField(
        default=1, help_text="Rises with each change, so that a decision is about what was read."
    )
    reason = models.TextField(
        _("reason"), max_length=1000, blank=True, help_text="Of the decision, for the freelancer."
    )
    claimed_at = models.DateTimeField(_("waiting since"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = LockedQuerySet["Certification"].as_manager()

    class Meta(Item.Meta):
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="claimed", decided_at=None, decided_by=None)
                | Q(status__in=["checked", "refused"], decided_at__isnull=False, decided_by__isnull=False),
                name="profiles_certification_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(reason=""), name="profiles_certification_refused_why"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="profiles_certification_expires_after_issue",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["claimed_at"], condition=Q(status="claimed"), name="profiles_certification_queue"),
        ]

    def __str__(self) -> str:
        return self.heading

    def has_expired(self, today: date) -> bool:
        """Test whether its last month lies behind."""
        last = self.expires_on
        return last is not None and (last.year, last.month) < (today.year, today.month)
