"""What money movements cost: the versions of the fees, and quotes before anybody commits."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from core.money import fee_of
from payments.models import FeeSchedule, Release


@dataclass(frozen=True, slots=True)
class ChargeQuote:
    """What a client would be charged for an amount of work."""

    gross: int
    client_fee: int
    total: int


@dataclass(frozen=True, slots=True)
class ReleaseQuote:
    """What a freelancer would receive of an amount of work."""

    gross: int
    fee: int
    net: int


def current_fees() -> FeeSchedule:
    """Return the version of the fees that new contracts are made under."""
    return FeeSchedule.objects.latest("version")


def fees(version: int) -> FeeSchedule:
    """Return one version of the fees; versions never change."""
    return FeeSchedule.objects.get(pk=version)


def quote_charge(gross: int, version: int) -> ChargeQuote:
    """Return what a client is charged for `gross` minor units of work under this version."""
    client_fee = fee_of(gross, fees(version).client_bps)
    return ChargeQuote(gross, client_fee, gross + client_fee)


def quote_release(gross: int, version: int, holder: str = "") -> ReleaseQuote:
    """Return what a freelancer receives of `gross` under this version, after what was released from `holder` before.

    The fee is that of everything released so far, less what was taken: parts never cost more than the whole.
    """
    before = Release.objects.filter(source=holder).aggregate(gross=Sum("gross"), fee=Sum("fee")) if holder else {}
    released, taken = before.get("gross") or 0, before.get("fee") or 0
    fee = min(max(fee_of(released + gross, fees(version).freelancer_bps) - taken, 0), gross)
    return ReleaseQuote(gross, fee, gross - fee)
