"""Releases: held money paid over to the freelancer, pending until the security period ends, then available."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from core.actor import Actor
from core.money import split, split_within
from core.product import rules
from core.sweeps import for_all
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from payments.actions.holdings import Part, take_parts, taken_from
from payments.models import Release
from payments.queries import operator_tax, quote_release
from payments.tax import RULES


def release_holding(
    *, holder: str, gross: int, fee_version: int, title: str, scope: str, at: datetime
) -> list[Release]:
    """Pay held money over to the payee less the fee, oldest charge first, inside the caller's transaction.

    The fee is that of everything released from this holder so far, less what was taken before, so that parts cost
    what the whole would; the VAT that is held with the work goes to the payee whole. Money: b1, b2, held to pending.
    Event: payments.released, one for each charge.

    Raises NotEnoughHeld if less than `gross` is held.
    """
    parts = take_parts(holder, gross)
    releases = make_releases(parts, holder=holder, fee_version=fee_version, title=title, scope=scope, at=at)
    legs = [*taken_from(holder, parts), *legs_of(releases)]
    post(key=f"release:{releases[0].pk}", kind="release", at=at, currency=releases[0].currency, legs=merge_legs(legs))
    return releases


def make_releases(
    parts: Sequence[Part], *, holder: str, fee_version: int, title: str, scope: str, at: datetime
) -> list[Release]:
    """Write one release row for each charge; the fee of all, and the VAT on it, are shared out by largest remainder.

    The VAT on the fee is that of the payee's position now: the fee is earned by the release. Posts nothing.
    """
    tax = operator_tax(parts[0].origin.payee_id)
    quote = quote_release(
        sum(part.gross for part in parts), fee_version, holder, vat=sum(part.vat for part in parts), tax=tax
    )
    fees = split(quote.fee, [part.gross for part in parts])
    fee_vats = split_within(quote.fee_vat, fees, [part.work - fee for part, fee in zip(parts, fees, strict=True)])
    releases = []
    for part, fee, fee_vat in zip(parts, fees, fee_vats, strict=True):
        net = part.work - fee - fee_vat
        release = Release.objects.create(
            source=holder,
            scope=scope,
            title=title,
            charge_id=part.origin.charge_id,
            credit_payment_id=part.origin.credit_payment_id,
            payer_id=part.origin.payer_id,
            payee_id=part.origin.payee_id,
            currency=part.origin.currency,
            gross=part.gross,
            vat=part.vat,
            fee=fee,
            fee_vat=fee_vat,
            client_fee=part.client_fee,
            client_fee_vat=part.client_fee_vat,
            net=net,
            fee_version=fee_version,
            fee_vat_bps=tax.rate_bps,
            fee_vat_reason=tax.reason,
            tax_rules=RULES,
            remaining=net,
            matures_at=at + timedelta(days=rules().security_days),
            created_at=at,
        )
        _tell("payments.released", release, at)
        releases.append(release)
    return releases


def legs_of(releases: Sequence[Release]) -> list[Leg]:
    """Return what releases credit: the payees' pending balances, the operator's fees, and the VAT on those."""
    legs = []
    for release in releases:
        legs += [
            Leg(f"pending:party:{release.payee_id}", release.net),
            Leg("rev:service", release.fee),
            Leg("rev:client_fee", release.client_fee),
            Leg("tax:payable", release.fee_vat + release.client_fee_vat),
        ]
    return legs


def mature_releases(*, at: datetime) -> int:
    """Make the money of releases available whose security period is over, and return how many there were.

    Money: g1, pending to available. Event: payments.release_matured. Transfers follow by `plan_transfers`.
    """
    due = Release.objects.filter(matured_at=None, matures_at__lte=at).order_by("matures_at", "pk")
    return for_all(due, lambda pk: _mature(pk, at))


@transaction.atomic
def _mature(release_id: int, at: datetime) -> bool:
    release = Release.objects.free().filter(pk=release_id, matured_at=None).first()
    if release is None:  # another worker has it, or had it
        return False
    release.matured_at = at
    release.save(update_fields=["matured_at"])
    if release.remaining:
        party = f"party:{release.payee_id}"
        legs = [Leg(f"pending:{party}", -release.remaining), Leg(f"available:{party}", release.remaining)]
        post(key=f"mature:{release.pk}", kind="mature", at=at, currency=release.currency, legs=legs)
    _tell("payments.release_matured", release, at)
    return True


def _tell(kind: str, release: Release, at: datetime) -> None:
    record(
        kind=kind,
        actor=Actor.system(),
        subject=f"release:{release.pk}",
        scope=release.scope,
        at=at,
        payer=release.payer_id,
        payee=release.payee_id,
        source=release.source,
        title=release.title,
        gross=release.gross,
        vat=release.vat,
        fee=release.fee,
        fee_vat=release.fee_vat,
        net=release.net,
        remaining=release.remaining,
        currency=release.currency,
        matures_at=release.matures_at,
    )
