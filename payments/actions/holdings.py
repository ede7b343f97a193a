"""Held money: put on a holder by a charge, carried from one holder to another. All verbs here run inside another's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.money import split
from ledger.actions import Leg, merge_legs, post
from payments.models import Charge, FrozenPart, Holding


class NotEnoughHeld(DomainError):
    """Less is held than was asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken from one holding or one frozen part: a gross amount and its share of the client fee."""

    origin: Holding | FrozenPart
    gross: int
    client_fee: int

    @property
    def source(self) -> str:
        """Return the holder that the money was held on."""
        return self.origin.source if isinstance(self.origin, FrozenPart) else self.origin.holder


def hold_charge(*, charge: Charge, holder: str, payee_id: int, at: datetime) -> Holding:
    """Hold a confirmed charge for the work of a payee, inside the transaction that settles it.

    Money: a1, the provider's balance to held and held fee. Event: the purpose's own.
    """
    holding = Holding.objects.create(
        holder=holder,
        scope=charge.scope,
        charge=charge,
        payer_id=charge.party_id,
        payee_id=payee_id,
        currency=charge.currency,
        gross_left=charge.gross,
        fee_left=charge.client_fee,
        created_at=at,
    )
    legs = [
        Leg("gateway", -charge.amount),
        Leg(f"held:{holder}", charge.gross),
        Leg(f"held_fee:{holder}", charge.client_fee),
    ]
    post(key=charge_key(charge), kind="charge", at=at, currency=charge.currency, legs=merge_legs(legs))
    return holding


def charge_key(charge: Charge) -> str:
    """Return the key of the one transfer that books what came in by a charge."""
    return f"charge:{charge.pk}"


def carry_holding(*, frm: str, to: str, gross: int, at: datetime, scope: str = "") -> list[Holding]:
    """Move held money with its charges to another holder, oldest first, inside the caller's transaction.

    `scope` names what lines about the new holdings link to; without it they keep theirs. Money: a3, b3.

    Raises NotEnoughHeld if less than `gross` is held on `frm`.
    """
    parts = take_parts(frm, gross)
    carried = [
        Holding.objects.create(
            holder=to,
            scope=scope or part.origin.scope,
            charge_id=part.origin.charge_id,
            payer_id=part.origin.payer_id,
            payee_id=part.origin.payee_id,
            currency=part.origin.currency,
            gross_left=part.gross,
            fee_left=part.client_fee,
            created_at=part.origin.created_at,
        )
        for part in parts
    ]
    fee = sum(part.client_fee for part in parts)
    legs = [
        Leg(f"held:{frm}", -gross),
        Leg(f"held_fee:{frm}", -fee),
        Leg(f"held:{to}", gross),
        Leg(f"held_fee:{to}", fee),
    ]
    post(key=f"carry:{carried[0].pk}", kind="carry", at=at, currency=carried[0].currency, legs=merge_legs(legs))
    return carried


def take_parts(holder: str, gross: int) -> list[Part]:
    """Take `gross` out of the locked holdings of a holder, oldest first, each with its share of the client fee.

    The last part of a holding takes what is left of its fee, so that no rounding stays behind.

    Raises NotEnoughHeld.
    """
    if gross <= 0:
        raise ValueError("a part of held money is above 0")
    rows = Holding.objects.filter(holder=holder, gross_left__gt=0).order_by("created_at", "pk")
    holdings = list(rows.select_for_update(no_key=True))
    if sum(holding.gross_left for holding in holdings) < gross:
        raise NotEnoughHeld(_("Less money is held than that. Load the page again to see what is held now."))
    parts, missing = [], gross
    for holding in holdings:
        if not missing:
            break
        share = min(holding.gross_left, missing)
        fee = split(holding.fee_left, [share, holding.gross_left - share])[0]
        holding.gross_left -= share
        holding.fee_left -= fee
        holding.save(update_fields=["gross_left", "fee_left"])
        parts.append(Part(holding, share, fee))
        missing -= share
    return parts
