"""Members of a client who read a job because others added them to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models.jobs import Job


class JobReader(models.Model):
    """A member whom the client's people added to a job: it is among the few that they read, with its proposals."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("reader of a job")
        verbose_name_plural = _("readers of jobs")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "job"], name="jobs_reader_once")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.user_id}"
