"""Giving released money back: until when, how much, and what it costs each side, before anybody commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotFound
from core.money import split, split_within
from core.product import rules
from payments.models import GiveBack, Release
from payments.permissions import can_see_wallet


@dataclass(frozen=True, slots=True)
class ReturnQuote:
    """What giving back an amount of released work moves, in minor units.

    The payee gives the net, the operator both its fees with their VAT, and the client receives the total.
    """

    gross: int
    vat: int
    fee: int
    fee_vat: int
    client_fee: int
    client_fee_vat: int

    @property
    def net(self) -> int:
        """Return what the payee gives."""
        return self.gross + self.vat - self.fee - self.fee_vat

    @property
    def total(self) -> int:
        """Return what the client receives."""
        return self.gross + self.vat + self.client_fee + self.client_fee_vat


_PARTS = ("gross", "vat", "fee", "fee_vat", "client_fee", "client_fee_vat")


def left_of(release: Release) -> ReturnQuote:
    """Return what of a release was not given back, frozen or lost, each part by itself."""
    sums = {f"sum_{part}": Sum(part) for part in _PARTS}
    given = release.give_backs.aggregate(**sums)
    frozen = release.frozen_parts.filter(Q(closed_at=None) | Q(is_lost=True)).aggregate(**sums)
    gone = {part: (given[f"sum_{part}"] or 0) + (frozen[f"sum_{part}"] or 0) for part in _PARTS}
    return ReturnQuote(**{part: getattr(release, part) - gone[part] for part in _PARTS})


def quote_charged_back(release: Release, amount: int) -> ReturnQuote:
    """Return the part of a release whose total is just `amount`, above 0 and not more than all that is left of it.

    Work, client fee and the VAT on each follow in proportion by largest remainder, the freelancer's fee with them.
    """
    left = left_of(release)
    gross, vat, client_fee, client_fee_vat = split(amount, [left.gross, left.vat, left.client_fee, left.client_fee_vat])
    weights = [gross, left.gross - gross]
    works = [gross + vat, left.gross + left.vat - gross - vat]
    fees = split_within(left.fee, weights, works)
    rests = [work - fee for work, fee in zip(works, fees, strict=True)]
    fee_vats = split_within(left.fee_vat, fees, rests)
    return ReturnQuote(gross, vat, fees[0], fee_vats[0], client_fee, client_fee_vat)


def quote_give_back(release: Release, gross: int) -> ReturnQuote:
    """Return what giving back `gross` of a release moves; it is above 0 and not more than was left.

    Everything follows in proportion to what is left by largest remainder, so that the last part carries the rounding.
    """
    return _part_of(left_of(release), gross)


def _part_of(left: ReturnQuote, gross: int) -> ReturnQuote:
    weights = [gross, left.gross - gross]
    vats = split(left.vat, weights)
    works = [weight + vat for weight, vat in zip(weights, vats, strict=True)]
    fees = split_within(left.fee, weights, works)
    rests = [work - fee for work, fee in zip(works, fees, strict=True)]
    fee_vats = split_within(left.fee_vat, fees, rests)
    client_fee, client_fee_vat = split(left.client_fee, weights)[0], split(left.client_fee_vat, weights)[0]
    return ReturnQuote(gross, vats[0], fees[0], fee_vats[0], client_fee, client_fee_vat)


def most_to_give_back(release: Release) -> int:
    """Return how much gross of a release can be given back: what answers to the net that its payee still has."""
    left = left_of(release)
    if not left.gross or release.remaining >= left.net:
        return left.gross
    gross = left.gross * release.remaining // max(left.net, 1)
    while gross and _part_of(left, gross).net > release.remaining:
        gross -= 1
    return gross


def give_back_ends_at(release: Release) -> datetime:
    """Return until when money of a release can be given back: some days after its charge."""
    paid_at = release.created_at
    if release.charge and release.charge.settled_at:
        paid_at = release.charge.settled_at
    elif release.credit_payment:
        paid_at = release.credit_payment.created_at
    return paid_at + timedelta(days=rules().give_back_days)


def giveable_releases(party_id: int, at: datetime) -> list[Release]:
    """Return the releases of a payee of which money can be given back now, newest first."""
    since = at - timedelta(days=rules().give_back_days)
    mine = _releases().filter(payee_id=party_id, remaining__gt=0, created_at__gte=since).order_by("-pk")
    return [release for release in mine if give_back_ends_at(release) > at]


def giveable_of(sources: Collection[str]) -> dict[str, list[Release]]:
    """Return, by what they were released from, the releases of which the payee holds something, oldest first.

    Whether it is too late to give it back, their own page says.
    """
    found: defaultdict[str, list[Release]] = defaultdict(list)
    for release in Release.objects.filter(source__in=sources, remaining__gt=0).order_by("pk"):
        found[release.source].append(release)
    return dict(found)


def given_back_of(sources: Iterable[str]) -> dict[str, int]:
    """Return how much gross was given back of what was released from each of these, in minor units."""
    given = GiveBack.objects.filter(release__source__in=list(sources)).values("release__source")
    sums = given.annotate(total=Sum("gross")).order_by("release__source")
    return dict(sums.values_list("release__source", "total"))


def release_for(actor: Actor, release_id: int) -> Release:
    """Return a release of the actor's party, for those who may move its money. Raises NotFound."""
    release = _releases().filter(pk=release_id, payee_id=actor.party_id or 0).first()
    if release is None or not can_see_wallet(actor, release.payee_id):
        raise NotFound(_("There is no such release."))
    return release


def _releases() -> QuerySet[Release]:
    return Release.objects.select_related("charge", "credit_payment", "payer", "payee")
