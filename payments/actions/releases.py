"""Releases: held money paid over to the freelancer, pending until the security period ends, then available."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from core.actor import Actor
from core.money import split
from core.product import rules
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from payments.actions.holdings import Part, take_parts
from payments.models import Release
from payments.queries import quote_release


def release_holding(
    *, holder: str, gross: int, fee_version: int, title: str, scope: str, at: datetime
) -> list[Release]:
    """Pay held money over to the payee less the fee, oldest charge first, inside the caller's transaction.

    The fee is that of everything released from this holder so far, less what was taken before, so that parts cost
    what the whole would. Money: b1, b2, held to pending. Event: payments.released, one for each charge.

    Raises NotEnoughHeld if less than `gross` is held.
    """
    releases = make_releases(
        take_parts(holder, gross), holder=holder, fee_version=fee_version, title=title, scope=scope, at=at
    )
    client_fee = sum(release.client_fee for release in releases)
    legs = [Leg(f"held:{holder}", -gross), Leg(f"held_fee:{holder}", -client_fee), *legs_of(releases)]
    post(key=f"release:{releases[0].pk}", kind="release", at=at, currency=releases[0].currency, legs=merge_legs(legs))
    return releases


def make_releases(
    parts: Sequence[Part], *, holder: str, fee_version: int, title: str, scope: str, at: datetime
) -> list[Release]:
    """Write one release row for each charge; the fee of all is shared out by largest remainder. Posts nothing."""
    quote = quote_release(sum(part.gross for part in parts), fee_version, holder)
    shares = split(quote.fee, [part.gross for part in parts])
    releases = []
    for part, fee in zip(parts, shares, strict=True):
        release = Release.objects.create(
            source=holder,
            scope=scope,
            title=title,
            charge_id=part.origin.charge_id,
            payer_id=part.origin.payer_id,
            payee_id=part.origin.payee_id,
            currency=part.origin.currency,
            gross=part.gross,
            fee=fee,
            client_fee=part.client_fee,
            net=part.gross - fee,
            fee_version=fee_version,
            remaining=part.gross - fee,
            matures_at=at + timedelta(days=rules().security_days),
            created_at=at,
        )
        _tell("payments.released", release, at)
        releases.append(release)
    return releases


def legs_of(releases: Sequence[Release]) -> list[Leg]:
    """Return what releases credit: the payees' pending balances and the operator's fees."""
    legs = []
    for release in releases:
        legs += [
            Leg(f"pending:party:{release.payee_id}", release.net),
            Leg("rev:service", release.fee),
            Leg("rev:client_fee", release.client_fee),
        ]
    return legs


def mature_releases(*, at: datetime) -> int:
    """Make the money of releases available whose security period is over, and return how many there were.

    Money: g1, pending to available. Event: payments.release_matured. Transfers follow by `plan_transfers`.
    """
    done = 0
    while _mature_next(at):
        done += 1
    return done


@transaction.atomic
def _mature_next(at: datetime) -> bool:
    due = Release.objects.free().filter(matured_at=None, matures_at__lte=at)
    release = due.order_by("matures_at", "pk").first()
    if release is None:
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
        fee=release.fee,
        net=release.net,
        remaining=release.remaining,
        currency=release.currency,
        matures_at=release.matures_at,
    )
