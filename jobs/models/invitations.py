"""Invitations: a client asks a freelancer or an agency to propose for a job."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.machine import table, transition
from core.models import LockedQuerySet
from jobs.models.jobs import Job


class Invitation(models.Model):
    """A client's wish that a party proposes for a job; one that waits for each job and party, free to answer."""

    class Status(models.TextChoices):
        INVITED = "invited", _("invited")
        ACCEPTED = "accepted", _("proposal sent")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    class Reason(models.TextChoices):
        BUSY = "busy", _("no time for it")
        PRICE = "price", _("it pays too little")
        FIELD = "field", _("it is not my field")
        VAGUE = "vague", _("it is unclear what is wanted")
        OTHER = "other", _("another reason")

    TRANSITIONS = table(
        transition(None, "invite_to_job", "client", Status.INVITED),
        transition(Status.INVITED, "accept_invitation", "freelancer", Status.ACCEPTED),
        transition(Status.INVITED, "decline_invitation", "freelancer", Status.DECLINED),
        transition(Status.INVITED, "withdraw_invitation", "client", Status.WITHDRAWN),
        transition(Status.INVITED, "expire_invitation", "system", Status.EXPIRED),
    )

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="invitations")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="invitations")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.INVITED)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    decline_reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices, blank=True)
    decline_note = models.TextField(_("note to the client"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects: ClassVar = LockedQuerySet["Invitation"].as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job", "party"], condition=Q(status="invited"), name="jobs_invitation_one_live"
            ),
            models.CheckConstraint(
                condition=Q(status="invited", ended_at=None) | (~Q(status="invited") & Q(ended_at__isnull=False)),
                name="jobs_invitation_ended_at",
            ),
            models.CheckConstraint(
                condition=(Q(status="declined") & ~Q(decline_reason=""))
                | (~Q(status="declined") & Q(decline_reason="", decline_note="")),
                name="jobs_invitation_declined_why",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="jobs_invitation_expires_later"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["party", "status", "-created_at"], name="jobs_invitation_party"),
            models.Index(fields=["job", "party"], name="jobs_invitation_job"),
            models.Index(fields=["expires_at"], condition=Q(status="invited"), name="jobs_invitation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.party_id} {self.status}"
