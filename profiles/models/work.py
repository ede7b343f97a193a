"""What a freelancer has done here, as their profile shows it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Party


class WorkHistory(models.Model):
    """One contract of a freelancer, written from above by the app that knows contracts; one row a contract."""

    contract_id = models.BigIntegerField(unique=True, help_text="The contract; its app lies above, so no key.")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="work_history")
    title = models.CharField(_("title"), max_length=120)
    is_title_public = models.BooleanField(
        default=True, help_text="Whether visitors read the title: the job was one that everybody could see."
    )
    language = models.CharField(max_length=2, help_text="Of the title.")
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    amount = models.BigIntegerField(_("amount"), default=0, help_text="Minor units released, less what went back.")
    currency = models.CharField(max_length=3)
    is_amount_hidden = models.BooleanField(_("amount hidden"), default=False, help_text="The freelancer's choice.")

    class Meta:
        verbose_name = _("work done here")
        verbose_name_plural = _("work done here")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="profiles_workhistory_ends_after_start",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["party", "-ended_at"], name="profiles_work_of_party")]

    def __str__(self) -> str:
        return self.title
