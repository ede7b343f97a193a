"""The person of an agency who does the work of a contract, replaced only when the client agrees."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contracts.models.contracts import Contract
from core.machine import table, transition
from core.models import LockedQuerySet


class WorkerChange(models.Model):
    """An agency's wish to let somebody else do the work of a contract; one waits for the client at a time."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("waiting for the client")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    TRANSITIONS = table(
        transition(None, "propose_worker", "freelancer", Status.PROPOSED),
        transition(Status.PROPOSED, "accept_worker", "client", Status.ACCEPTED),
        transition(Status.PROPOSED, "decline_worker", "client", Status.DECLINED),
        transition(Status.PROPOSED, "withdraw_worker", "freelancer", Status.WITHDRAWN),
        transition(Status.PROPOSED, "expire_worker_change", "system", Status.EXPIRED),
    )

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="worker_changes")
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.PROPOSED)
    old_worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text="Who is to do the work.")
    reason = models.TextField(_("reason"), max_length=1000)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("proposed"))
    expires_at = models.DateTimeField(_("expires"))
    remind_at = models.DateTimeField(null=True, blank=True, help_text="When the next reminder of the clock is due.")
    ended_at = models.DateTimeField(_("answered or ended"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["WorkerChange"].as_manager()

    class Meta:
        verbose_name = _("change of the worker")
        verbose_name_plural = _("changes of the worker")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(status="proposed"), name="contracts_workerchange_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", ended_at=None)
                | (~Q(status="proposed") & Q(ended_at__isnull=False, remind_at=None)),
                name="contracts_workerchange_ended_at",
            ),
            models.CheckConstraint(condition=~Q(worker=F("old_worker")), name="contracts_workerchange_changes"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(status="proposed"), name="contracts_workerchange_due"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.worker_id} ({self.status})"
