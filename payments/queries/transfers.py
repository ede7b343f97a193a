"""What of a release is on its payee's own account at the provider, or on its way there."""

from __future__ import annotations

from django.db.models import Sum

from payments.models import ProviderTransfer, Release, TransferReversal


def transferred_of(release: Release, transfer: ProviderTransfer | None = None) -> int:
    """Return what was transferred of a release and not taken back, in minor units; of one of its transfers if given.

    What is under way counts, in both directions.
    """
    transfers = ProviderTransfer.objects.filter(release=release).exclude(status=ProviderTransfer.Status.DENIED)
    if transfer is not None:
        transfers = transfers.filter(pk=transfer.pk)
    back = TransferReversal.objects.filter(transfer__in=transfers).exclude(status=TransferReversal.Status.DROPPED)
    sent = transfers.aggregate(total=Sum("amount"))["total"] or 0
    return int(sent - (back.aggregate(total=Sum("amount"))["total"] or 0))


def kept_of(release: Release) -> int:
    """Return what of a release open chargebacks hold that was transferred, or would be: it is nobody's until then."""
    kept = release.frozen_parts.filter(closed_at=None, is_available=True).aggregate(total=Sum("from_remaining"))
    return int(kept["total"] or 0)
