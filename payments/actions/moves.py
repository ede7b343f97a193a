"""Money moves: planned with their key inside the transaction that needs them, and ended by the provider's answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.actor import Actor
from events.actions import record
from payments.actions.cases import settle_money_cases
from payments.gateway import GatewayAnswer
from payments.gateways import gateway_named
from payments.models import MoneyMove

#: How long a waiting move rests before the provider is asked again.
POLL_EVERY = timedelta(hours=1)
#: The provider's code of a move that it has never heard of, long after it was sent.
NEVER_ARRIVED = "never_arrived"
#: The code of a move that was ended before it was sent.
NOT_SENT = "not_sent"


class MoveUnderWay(Exception):
    """A new attempt was planned while an older one may still succeed: a bug that would pay twice."""


class MoveMismatch(Exception):
    """The provider's object is not the one that was asked for; a person has to look at it."""


def plan_move(*, verb: str, source: str, amount: int, currency: str, gateway: str, at: datetime) -> MoneyMove:
    """Store a move with its key, inside the transaction of its intent row; a worker sends it after the commit.

    From: nothing, or an earlier attempt that was definitely denied. To: planned. Money: none yet.
    Event: payments.move_planned.

    Raises MoveUnderWay if an earlier attempt of the same source is not denied.
    """
    earlier = list(MoneyMove.objects.filter(verb=verb, source=source))
    if any(move.status != MoneyMove.Status.DENIED for move in earlier):
        raise MoveUnderWay(f"{verb} {source}")
    attempt = len(earlier) + 1
    move = MoneyMove.objects.create(
        verb=verb,
        source=source,
        attempt=attempt,
        gateway=gateway,
        amount=amount,
        currency=currency,
        key=f"{gateway_named(gateway).environment}:{verb}:{source}:{attempt}",
        created_at=at,
        next_at=at,
    )
    record(kind="payments.move_planned", actor=Actor.system(), subject=f"move:{move.pk}", at=at, verb=verb)
    return move


def drop_move(move: MoneyMove, *, at: datetime, code: str = NOT_SENT) -> None:
    """End a locked move that was never sent.

    From: planned. To: denied. Money: none. Event: none; the caller's says it.
    """
    if move.status != MoneyMove.Status.PLANNED:
        raise MoveMismatch(f"{move} was sent already")
    move.status, move.code, move.settled_at = MoneyMove.Status.DENIED, code, at
    move.save(update_fields=["status", "code", "settled_at"])


def take_answer(move: MoneyMove, answer: GatewayAnswer, *, at: datetime) -> None:
    """Write the provider's answer on a locked move that is not final.

    From: sent, waiting, unknown. To: what the answer says. Money: the caller's posting. Event: the caller's.

    Raises MoveMismatch if the answer speaks of another move, object or sum.
    """
    _check_match(move, answer)
    fields = ["status", "code", "provider_id", "next_at", "settled_at"]
    move.status, move.code = MoneyMove.Status(answer.state), answer.code[:60]
    if answer.provider_id and move.verb != MoneyMove.Verb.CANCEL:
        move.provider_id = answer.provider_id
    if move.is_final:
        move.settled_at = at
    else:
        move.next_at = at + POLL_EVERY
    move.save(update_fields=fields)
    settle_money_cases(case_subject(move), at=at)  # whatever it says: it is known again what became of it


def is_undone(move: MoneyMove, answer: GatewayAnswer) -> bool:
    """Test whether the provider takes back, of a locked move, what it had confirmed.

    The move stays as it was answered; its row says what became of it. A look-up that has found nothing undoes nothing.

    Raises MoveMismatch if the answer speaks of another move, object or sum.
    """
    if move.status != MoneyMove.Status.CONFIRMED or answer.state != "denied" or answer.code == NEVER_ARRIVED:
        return False
    _check_match(move, answer)
    return True


def case_subject(move: MoneyMove) -> str:
    """Return what a case about the move is about; people know a payout as the withdrawal that it pays."""
    return f"withdrawal:{move.intent_id}" if move.verb == MoneyMove.Verb.PAYOUT else f"move:{move.pk}"


def _check_match(move: MoneyMove, answer: GatewayAnswer) -> None:
    if move.status == MoneyMove.Status.PLANNED:
        raise MoveMismatch(f"{move} was answered before it was sent")
    pairs = [
        ("move", answer.move_id, move.pk),
        ("amount", answer.amount, move.amount),
        ("currency", answer.currency or None, move.currency),
        ("object", answer.provider_id or None, move.provider_id if move.verb != MoneyMove.Verb.CANCEL else None),
    ]
    for name, said, ours in pairs:
        if said is not None and ours is not None and said != ours:
            raise MoveMismatch(f"{move}: the provider's {name} is {said}, ours {ours}")
