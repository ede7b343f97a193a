"""Proposals that are being written."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Party, User
from core.models import LockedQuerySet
from jobs.models import Job


class ProposalDraft(models.Model):
    """What a party has typed for one job and not sent yet, as it was typed; nobody else ever reads it."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="proposal_drafts", db_index=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="Who saved it last."
    )
    content = models.JSONField(default=dict, help_text="The fields of the form by name, unchecked.")
    created_at = models.DateTimeField(_("begun"))
    saved_at = models.DateTimeField(_("saved"))

    objects: ClassVar = LockedQuerySet["ProposalDraft"].as_manager()

    class Meta:
        verbose_name = _("draft of a proposal")
        verbose_name_plural = _("drafts of proposals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "job"], name="proposals_draft_one"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} on {self.job_id}"

    @property
    def files_ref(self) -> str:
        """Return the reference under which the files of a draft lie, beside those of sent proposals."""
        return f"draft-{self.pk}"
