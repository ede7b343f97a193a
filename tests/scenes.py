"""How each money verb comes to the moment before its call: through the product's own verbs, up to a planned move."""

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
from payments.tests import cards


@dataclass(frozen=True, slots=True)
class Due:
    """A planned move, and the moment at which a worker may send it."""

    move: MoneyMove
    at: datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """One verb under way. `announces` tells whether the provider sends an event about it that a worker acts upon.

    `is_done_after_all` tells whether the product tries anew after a call that is known never to have had an effect;
    otherwise the verb ends undone, and the money is where it was.
    """

    verb: str
    prepare: Callable[[], Due]
    announces: bool = True
    is_polled: bool = False
    is_done_after_all: bool = False


def planned(verb: str, at: datetime) -> Due:
    """Return the one planned move of this verb."""
    return Due(MoneyMove.objects.get(verb=verb, status=MoneyMove.Status.PLANNED), at)


def pay_at_once() -> Due:
    """Let Alice send an offer, whose first milestone is charged."""
    cast.start_sending(cast.make_deal())
    return planned("charge", cast.AT)


def pay_later() -> Due:
    """Let Alice pay from an account whose bank takes its time."""
    cast.start_sending(cast.make_deal(card=cards.LATER))
    return planned("charge", cast.AT)


def give_up() -> Due:
    """Let Alice withdraw an offer while her bank waits for her second step."""
    deal = cast.make_deal(card=cards.SECOND_STEP)
    offer = cast.start_sending(deal)
    cards.settle_all(cast.AT)
    contract_actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    return planned("cancel", cast.AT)


def give_back() -> Due:
    """Let Bob decline an offer that was paid."""
    deal = cast.make_deal()
    offer = cast.send(deal)
    contract_actions.decline_offer(offer_id=offer.pk, note="No time.", by=deal.bob.actor, at=cast.AT)
    return planned("refund", cast.AT)


def _matured() -> tuple[cast.Deal, int, datetime]:
    """Let Alice release a milestone to Bob, and its days pass."""
    deal = cast.make_deal()
    contract = cast.sign(deal)
    bank = cards.make_bank(deal.bob, cast.AT)
    cast.released(deal, contract)
    cards.settle_all(cast.AT)
    later = cast.AT + cast.days(rules().security_days)
    actions.mature_releases(at=later)
    actions.plan_transfers(at=later)
    return deal, bank.pk, later


def transfer() -> Due:
    """Let released money become available, so that it goes to Bob's account at the provider."""
    _deal, _bank, later = _matured()
    return planned("transfer", later)


def withdraw() -> Due:
    """Let Bob withdraw all he has."""
    deal, bank, later = _matured()
    cards.settle_all(later)
    actions.request_withdrawal(party_id=deal.freelancer.pk, method_id=bank, amount=90_000, by=deal.bob.actor, at=later)
    return planned("payout", later)


def take_back() -> Due:
    """Let Bob give money back that has already gone to his account at the provider."""
    deal, _bank, later = _matured()
    cards.settle_all(later)
    release = Release.objects.get()
    actions.give_back_release(release_id=release.pk, gross=20_000, by=deal.bob.actor, at=later)
    return planned("reversal", later)


def top_up() -> Due:
    """Let finance staff put cash in."""
    fanny = make_staff("Fanny", "finance", at=cast.AT)
    actions.top_up(amount=50_000, reason="First cash.", by=fanny.actor, at=cast.AT)
    return planned("topup", cast.AT)


def cash_out() -> Due:
    """Let finance staff take out a part of the cash that they put in."""
    due = top_up()
    cards.settle_all(due.at)
    cards.settle_all(due.at + cards.SANDBOX_TIME)
    fanny = make_staff("Flora", "finance", at=cast.AT)
    actions.cash_out(amount=20_000, reason="Earned.", by=fanny.actor, at=due.at)
    return planned("cashout", due.at)


SCENES = {
    "charge": Scene("charge", pay_at_once),
    "charge that takes its time": Scene("charge", pay_later, is_polled=True),
    "cancel": Scene("cancel", give_up, is_done_after_all=True),
    "refund": Scene("refund", give_back, is_done_after_all=True),
    "transfer": Scene("transfer", transfer, announces=False, is_done_after_all=True),
    "payout": Scene("payout", withdraw, is_polled=True),
    "reversal": Scene("reversal", take_back, announces=False, is_done_after_all=True),
    "topup": Scene("topup", top_up, is_polled=True),
    "cashout": Scene("cashout", cash_out, is_polled=True),
}
