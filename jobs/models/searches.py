"""Searches that people keep under a name, and how they hear of what is new in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.models import LockedQuerySet


class SavedSearch(models.Model):
    """A search of jobs or of freelancers that one person keeps while acting for one party.

    `seen_at` is the moment up to which everything was looked at: nothing is told of twice, because it only moves on.
    """

    class Subject(models.TextChoices):
        JOBS = "jobs", _("jobs")
        TALENT = "talent", _("freelancers")

    class Alert(models.TextChoices):
        OFF = "off", _("no mails")
        INSTANT = "instant", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")

    #: Days between two alerts of each kind that waits.
    DAYS: ClassVar[dict[str, int]] = {Alert.DAILY: 1, Alert.WEEKLY: 7}

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="saved_searches")
    subject = models.CharField(max_length=8, choices=Subject.choices)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(max_length=2000, help_text="Filters as the address of the list writes them, without “?”.")
    alert = models.CharField(_("alerts"), max_length=8, choices=Alert.choices, default=Alert.OFF)
    seen_at = models.DateTimeField(help_text="What came later has not been looked at yet.")
    next_at = models.DateTimeField(null=True, blank=True, help_text="When it is looked at again; none without alerts.")
    created_at = models.DateTimeField(_("saved"))

    objects: ClassVar = LockedQuerySet["SavedSearch"].as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "party", "subject", "name"], name="jobs_search_name"),
            models.CheckConstraint(condition=~Q(query=""), name="jobs_search_asks"),
            models.CheckConstraint(
                condition=Q(alert="off", next_at=None) | (~Q(alert="off") & Q(next_at__isnull=False)),
                name="jobs_search_next_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=~Q(alert="off"), name="jobs_search_due"),
        ]

    def __str__(self) -> str:
        return self.name
