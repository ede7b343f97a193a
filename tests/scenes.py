"""How each money verb comes to the moment before its call: through the product's own verbs, up to a planned move.

Cards, banks and time are those of the provider that the scene is played with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.tests.cast import make_staff
from contracts import actions as contract_actions
from contracts.tests import cast
from core.product import rules
from payments import actions
from payments.models import MoneyMove, Release
from tests.witnesses import CardName, Provider


@dataclass(frozen=True, slots=True)
class Due:
    """A planned move, and the moment at which a worker may send it."""

    move: MoneyMove
    at: datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """One verb under way. `is_polled` tells whether it may wait so long that the provider is asked about it.

    `is_done_after_all` tells whether the product tries anew after a call that is known never to have had an effect;
    otherwise the verb ends undone, and the money is where it was.
    """

    verb: str
    prepare: Callable[[Provider], Due]
    is_polled: bool = False
    is_done_after_all: bool = False


def planned(verb: str, at: datetime) -> Due:
    """Return the one planned move of this verb."""
    return Due(MoneyMove.objects.get(verb=verb, status=MoneyMove.Status.PLANNED), at)


def make_deal(provider: Provider, card: CardName = "succeeds") -> cast.Deal:
    """Let Bob bid on a job of Alice's, who has a card of the provider's."""
    return cast.make_deal(pay_with=lambda alice: provider.card(alice, card), at=provider.at)


def pay_at_once(provider: Provider) -> Due:
    """Let Alice send an offer, whose first milestone is charged."""
    cast.start_sending(make_deal(provider))
    return planned("charge", provider.at)


def pay_later(provider: Provider) -> Due:
    """Let Alice pay from an account whose bank takes its time."""
    cast.start_sending(make_deal(provider, "later"))
    return planned("charge", provider.at)


def give_up(provider: Provider) -> Due:
    """Let Alice withdraw an offer while her bank waits for her second step."""
    deal = make_deal(provider, "second_step")
    offer = cast.start_sending(deal)
    provider.rest(provider.at)
    contract_actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=provider.at)
    return planned("cancel", provider.at)


def give_back(provider: Provider) -> Due:
    """Let Bob decline an offer that was paid."""
    deal = make_deal(provider)
    offer = cast.send(deal)
    contract_actions.decline_offer(offer_id=offer.pk, note="No time.", by=deal.bob.actor, at=provider.at)
    return planned("refund", provider.at)


def _matured(provider: Provider) -> tuple[cast.Deal, int, datetime]:
    """Let Alice release a milestone to Bob, and its days pass."""
    deal = make_deal(provider)
    contract = cast.sign(deal)
    bank = provider.bank(deal.bob)
    cast.released(deal, contract)
    provider.rest(provider.at)
    later = provider.at + cast.days(rules().security_days)
    provider.pass_time(later)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    return deal, bank.pk, later


def transfer(provider: Provider) -> Due:
    """Let released money become available, so that it goes to Bob's account at the provider."""
    _deal, _bank, later = _matured(provider)
    return planned("transfer", later)


def withdraw(provider: Provider) -> Due:
    """Let Bob withdraw all he has."""
    deal, bank, later = _matured(provider)
    provider.rest(later)
    actions.request_withdrawal(party_id=deal.freelancer.pk, method_id=bank, amount=90_000, by=deal.bob.actor, at=later)
    return planned("payout", later)


def take_back(provider: Provider) -> Due:
    """Let Bob give money back that has already gone to his account at the provider."""
    deal, _bank, later = _matured(provider)
    provider.rest(later)
    release = Release.objects.get()
    actions.give_back_release(release_id=release.pk, gross=20_000, by=deal.bob.actor, at=later)
    return planned("reversal", later)


def top_up(provider: Provider) -> Due:
    """Let finance staff put cash in."""
    fanny = make_staff("Fanny", "finance", at=provider.at)
    actions.top_up(amount=50_000, reason="First cash.", by=fanny.actor, at=provider.at)
    return planned("topup", provider.at)


def cash_out(provider: Provider) -> Due:
    """Let finance staff take out a part of the cash that they put in."""
    at = top_up(provider).at
    provider.rest(at)
    at += provider.takes
    provider.rest(at)
    fanny = make_staff("Flora", "finance", at=at)
    actions.cash_out(amount=20_000, reason="Earned.", by=fanny.actor, at=at)
    return planned("cashout", at)


SCENES = {
    "charge": Scene("charge", pay_at_once),
    "charge that takes its time": Scene("charge", pay_later, is_polled=True),
    "cancel": Scene("cancel", give_up, is_done_after_all=True),
    "refund": Scene("refund", give_back, is_done_after_all=True),
    "transfer": Scene("transfer", transfer, is_done_after_all=True),
    "payout": Scene("payout", withdraw, is_polled=True),
    "reversal": Scene("reversal", take_back, is_done_after_all=True),
    "topup": Scene("topup", top_up, is_polled=True),
    "cashout": Scene("cashout", cash_out, is_polled=True),
}
