"""Held money that a case has frozen, and how a settled or decided case shares it out. Both run inside another verb."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from core.money import split
from ledger.actions import Leg, merge_legs, post
from payments.actions.holdings import Part, take_parts, taken_from
from payments.actions.refunds import make_refunds
from payments.actions.releases import legs_of, make_releases
from payments.models import Credit, FrozenPart, Refund, Release


class BadSplit(Exception):
    """The shares of a case do not add up to what it froze: its own form must have refused that."""


def freeze_holding(*, holder: str, case: str, gross: int, at: datetime) -> list[FrozenPart]:
    """Take held money out of every verb's reach until the case is over, inside the caller's transaction.

    Money: k1, held to frozen. Event: the caller's.

    Raises NotEnoughHeld if less than `gross` is held.
    """
    parts = take_parts(holder, gross)
    frozen = [
        FrozenPart.objects.create(
            case=case,
            source=holder,
            scope=part.origin.scope,
            charge_id=part.origin.charge_id,
            credit_payment_id=part.origin.credit_payment_id,
            payer_id=part.origin.payer_id,
            payee_id=part.origin.payee_id,
            currency=part.origin.currency,
            gross=part.gross,
            vat=part.vat,
            client_fee=part.client_fee,
            client_fee_vat=part.client_fee_vat,
            created_at=at,
        )
        for part in parts
    ]
    legs = [*taken_from(holder, parts), Leg(f"frozen:{case}", sum(part.whole for part in frozen))]
    post(key=f"freeze:{frozen[0].pk}", kind="freeze", at=at, currency=frozen[0].currency, legs=merge_legs(legs))
    return frozen


def settle_frozen(
    *, case: str, to_freelancer: int, to_client: int, fee_version: int, title: str, at: datetime
) -> tuple[list[Release], list[Refund | Credit]]:
    """Share out all that a case froze: gross to the freelancer as new releases, the rest back to the client.

    Each frozen part is split in the same proportion by largest remainder, its VAT and client fee with it; what was paid
    from credit is credit again. Runs inside the caller's transaction. Money: d, one posting. Event: payments.released,
    payments.refund_planned, payments.credit_returned.

    Raises BadSplit unless the two shares add up to what is frozen.
    """
    rows = FrozenPart.objects.filter(case=case, closed_at=None).order_by("source", "pk")
    frozen = list(rows.select_for_update(no_key=True))
    total = sum(part.gross for part in frozen)
    if not frozen or to_freelancer < 0 or to_client < 0 or to_freelancer + to_client != total:
        raise BadSplit(f"{case}: {to_freelancer} + {to_client} of {total}")
    released, refunded = [], []
    for part, gross in zip(frozen, split(to_freelancer, [part.gross for part in frozen]), strict=True):
        kept, back = _halves(part, gross)
        if kept.gross:
            released.append(kept)
        if back.gross:
            refunded.append(back)
        part.closed_at = at
        part.save(update_fields=["closed_at"])
    releases: list[Release] = []
    for source, parts in groupby(released, key=lambda part: part.source):
        scope = frozen[0].scope
        releases += make_releases(list(parts), holder=source, fee_version=fee_version, title=title, scope=scope, at=at)
    refunds = make_refunds(refunded, source=case, title=title, scope=frozen[0].scope, at=at)
    whole = sum(part.whole for part in frozen)
    legs = [Leg(f"frozen:{case}", -whole), *legs_of(releases), *(leg for _refund, leg in refunds)]
    post(
        key=f"case_settled:{frozen[0].pk}",
        kind="case_settled",
        at=at,
        currency=frozen[0].currency,
        legs=merge_legs(legs),
    )
    return releases, [refund for refund, _leg in refunds]


def _halves(part: FrozenPart, gross: int) -> tuple[Part, Part]:
    """Return the two shares of a frozen part, that of the freelancer first; everything it holds is in one of them."""
    weights = [gross, part.gross - gross]
    sums = (part.vat, part.client_fee, part.client_fee_vat)
    (vat, vat_back), (fee, fee_back), (fee_vat, fee_vat_back) = (split(each, weights) for each in sums)
    return Part(part, gross, vat, fee, fee_vat), Part(part, part.gross - gross, vat_back, fee_back, fee_vat_back)
