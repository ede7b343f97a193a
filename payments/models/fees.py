"""The public, versioned table of fees."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeeSchedule(models.Model):
    """One version of the fees; a contract keeps the version it was made under, and versions never change."""

    version = models.PositiveIntegerField(_("version"), primary_key=True)
    freelancer_bps = models.PositiveIntegerField(
        _("freelancer fee"), help_text="Basis points of each payment, taken from it."
    )
    client_bps = models.PositiveIntegerField(_("client fee"), help_text="Basis points of each payment, on top of it.")
    valid_from = models.DateTimeField(_("valid from"))

    class Meta:
        verbose_name = _("fee schedule")
        verbose_name_plural = _("fee schedules")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(freelancer_bps__lte=5000, client_bps__lte=5000), name="payments_feeschedule_sane"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}"
