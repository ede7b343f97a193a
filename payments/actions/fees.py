"""Publishing a new version of the fees."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.product import rules
from payments.models import FeeSchedule


def publish_fees(*, using: str, at: datetime) -> FeeSchedule | None:
    """Add a version when the settings name other fees than the newest one; contracts keep the one they were made under.

    Returns the new version, or None where nothing changed. Called after a migration or a flush, before anybody can act
    under it; no event, for the table of versions is public and is itself the record.
    """
    with transaction.atomic(using=using):
        versions = FeeSchedule.objects.using(using).select_for_update(no_key=True).order_by("-version")
        newest = versions.first()
        wanted = rules().freelancer_fee_bps, rules().client_fee_bps
        if newest and (newest.freelancer_bps, newest.client_bps) == wanted:
            return None
        return FeeSchedule.objects.using(using).create(
            version=newest.version + 1 if newest else 1,
            freelancer_bps=wanted[0],
            client_bps=wanted[1],
            valid_from=at,
        )
