"""Offers and milestones whose payment is contested at the bank: what it froze, and how they go on afterwards."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from contracts.actions.clocks import next_reminder
from contracts.actions.finishing import finish_when_done
from contracts.actions.milestones import tell
from contracts.actions.offers import freeze_charged_back_offer, return_contested_offer
from contracts.actions.rows import lock_milestone, turn
from contracts.models import Milestone
from core.actor import Actor
from payments.models import Chargeback, FrozenPart
from payments.queries import held

Status = Milestone.Status
#: What a clock that stood still gets at least when it runs on.
LEAST_CLOCK = timedelta(days=3)


def freeze_charged_back(chargeback: Chargeback, at: datetime) -> None:
    """Take note of what a chargeback froze (payments calls it in the transaction in which it opens).

    From: any state in which money is held. To: charged_back, whose clocks stand still; what is not frozen can still be
    released or given back. An offer that waits for its answer is withdrawn. Money: k1 and k4, posted by payments.
    Event: contracts.milestone_charged_back, contracts.offer_charged_back.
    """
    for source, (free, _of_cases) in _frozen_of(chargeback).items():
        kind, _colon, number = source.partition(":")
        if kind == "offer":
            freeze_charged_back_offer(int(number), held(source).gross, at)
            continue
        milestone = lock_milestone(int(number))
        more: dict[str, Any] = {"frozen": milestone.frozen + free}
        if milestone.status != Status.CHARGED_BACK:
            ends_at = milestone.review_ends_at or milestone.ask_back_ends_at
            more |= {"before": milestone.status, "clock_left": max(ends_at - at, timedelta()) if ends_at else None}
        turn(milestone, Status.CHARGED_BACK, at, **more)
        tell("milestone_charged_back", milestone, Actor.system(), at, amount=milestone.frozen)


def close_charged_back(chargeback: Chargeback, at: datetime) -> None:
    """Go on after the bank has decided (payments calls it in the transaction in which it closes a chargeback).

    From: charged_back. To: the state before, with at least three days on its clock; refunded where nothing is left of
    a lost one; still charged_back while another chargeback runs. What was won of an ended offer goes back.
    Money: posted by payments; c1 of an offer. Event: contracts.milestone_chargeback_won, _lost.
    """
    is_won = chargeback.status == Chargeback.Status.WON
    for source, (free, of_cases) in _frozen_of(chargeback).items():
        kind, _colon, number = source.partition(":")
        if kind == "offer":
            if is_won:
                return_contested_offer(int(number), free, at)
            continue
        milestone = lock_milestone(int(number))
        amount = free if is_won else free + of_cases
        milestone.frozen -= amount
        milestone.lost += 0 if is_won else amount
        _go_on(milestone, at)
        event = "milestone_chargeback_won" if is_won else "milestone_chargeback_lost"
        tell(event, milestone, Actor.system(), at, amount=free + of_cases)
        finish_when_done(milestone.contract, at)


def _go_on(milestone: Milestone, at: datetime) -> None:
    """Turn a locked milestone to the state that it was in before its payment was contested, as far as it still is."""
    still = FrozenPart.objects.filter(source=milestone.holder, case__startswith="chargeback:", closed_at=None)
    if still.exists():
        turn(milestone, Status.CHARGED_BACK, at)
        return
    before, asked_back, asked_back_at = Status(milestone.before), milestone.asked_back, milestone.asked_back_at
    ends_at = at + max(milestone.clock_left or timedelta(), LEAST_CLOCK)
    free = milestone.amount - milestone.released - milestone.refunded - milestone.moved - milestone.lost
    if milestone.frozen:  # the case that waited
        turn(milestone, Status.DISPUTED, at)
    elif not free:
        turn(milestone, Status.REFUNDED, at)
    elif before == Status.SUBMITTED:
        reminder = next_reminder(started_at=at, ends_at=ends_at, after=at)
        turn(milestone, before, at, review_ends_at=ends_at, remind_at=reminder)
    elif before == Status.REFUND_REQUESTED:
        reminder = next_reminder(started_at=at, ends_at=ends_at, after=at)
        turn(
            milestone,
            before,
            at,
            asked_back=min(asked_back or free, free),
            asked_back_at=asked_back_at,
            ask_back_ends_at=ends_at,
            remind_at=reminder,
        )
    else:
        turn(milestone, Status.FUNDED if before == Status.DISPUTED else before, at)


def _frozen_of(chargeback: Chargeback) -> dict[str, tuple[int, int]]:
    """Return, by holder, the gross that a chargeback froze: what was held, and what a case had frozen before."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for part in FrozenPart.objects.filter(case=chargeback.holder).order_by("source", "pk"):
        if part.source.startswith(("milestone:", "offer:")):
            sums[part.source][bool(part.taken_from)] += part.gross
    return {source: (free, of_cases) for source, (free, of_cases) in sums.items()}
