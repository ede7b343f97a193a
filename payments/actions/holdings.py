"""Held money: put on a holder by a charge, carried from one holder to another. All verbs here run inside another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import DomainError
from ledger.actions import Leg, merge_legs, post
from payments.models import Charge, FrozenPart, Holding, Release
from payments.queries.holdings import holdings_of, shares_of


class NotEnoughHeld(DomainError):
    """Less is held than was asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken from one holding or one frozen part: a gross amount, the client fee, and the VAT on each."""

    origin: Holding | FrozenPart | Release
    gross: int
    vat: int
    client_fee: int
    client_fee_vat: int

    @property
    def work(self) -> int:
        """Return what is for the work, VAT included."""
        return self.gross + self.vat

    @property
    def fee(self) -> int:
        """Return what is for the operator, VAT included."""
        return self.client_fee + self.client_fee_vat

    @property
    def source(self) -> str:
        """Return the holder that the money was held on."""
        return self.origin.holder if isinstance(self.origin, Holding) else self.origin.source


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
        vat_left=charge.vat,
        fee_left=charge.client_fee,
        fee_vat_left=charge.client_fee_vat,
        created_at=at,
    )
    legs = [
        Leg("gateway", -charge.amount),
        Leg(f"held:{holder}", charge.gross + charge.vat),
        Leg(f"held_fee:{holder}", charge.client_fee + charge.client_fee_vat),
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
            credit_payment_id=part.origin.credit_payment_id,
            payer_id=part.origin.payer_id,
            payee_id=part.origin.payee_id,
            currency=part.origin.currency,
            gross_left=part.gross,
            vat_left=part.vat,
            fee_left=part.client_fee,
            fee_vat_left=part.client_fee_vat,
            created_at=part.origin.created_at,
        )
        for part in parts
    ]
    work, fee = sum(part.work for part in parts), sum(part.fee for part in parts)
    legs = [*taken_from(frm, parts), Leg(f"held:{to}", work), Leg(f"held_fee:{to}", fee)]
    post(key=f"carry:{carried[0].pk}", kind="carry", at=at, currency=carried[0].currency, legs=merge_legs(legs))
    return carried


def take_parts(holder: str, gross: int) -> list[Part]:
    """Take `gross` out of the locked holdings of a holder, oldest first, each with its VAT and share of the client fee.

    Raises NotEnoughHeld.
    """
    if gross <= 0:
        raise ValueError("a part of held money is above 0")
    holdings = list(holdings_of(holder).select_for_update(no_key=True))
    if sum(holding.gross_left for holding in holdings) < gross:
        raise NotEnoughHeld(_("Less money is held than that. Load the page again to see what is held now."))
    parts = []
    for holding, share in shares_of(holdings, gross):
        holding.gross_left -= share.gross
        holding.vat_left -= share.vat
        holding.fee_left -= share.client_fee
        holding.fee_vat_left -= share.client_fee_vat
        holding.save(update_fields=["gross_left", "vat_left", "fee_left", "fee_vat_left"])
        parts.append(Part(holding, share.gross, share.vat, share.client_fee, share.client_fee_vat))
    return parts


def taken_from(holder: str, parts: Sequence[Part]) -> list[Leg]:
    """Return what taking parts debits: the held work and the held client fee of their holder."""
    return [
        Leg(f"held:{holder}", -sum(part.work for part in parts)),
        Leg(f"held_fee:{holder}", -sum(part.fee for part in parts)),
    ]
