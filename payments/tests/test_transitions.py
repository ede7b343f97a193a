"""The machines of money: what their tables say is all that the verbs do."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_staff
from core.machine import sources_of
from payments import actions
from payments.actions.reversals import drop_reversals
from payments.actions.withdrawals import reconcile_withdrawal
from payments.gateway import GatewayAnswer
from payments.models import (
    Charge,
    Chargeback,
    Difference,
    MoneyCase,
    MoneyMove,
    OperatorCash,
    ProviderTransfer,
    Refund,
    TransferReversal,
    Withdrawal,
    WithdrawalSchedule,
)
from payments.tests import cards
from payments.tests.cards import make_bank, make_card
from payments.tests.purposes import Told, start

pytestmark = pytest.mark.usefixtures("invented")
ANSWERS: tuple[Literal["confirmed", "waiting", "denied"], ...] = ("confirmed", "waiting", "denied")
Move = MoneyMove.Status


MACHINES = [
    Charge,
    Chargeback,
    Refund,
    ProviderTransfer,
    TransferReversal,
    OperatorCash,
    Difference,
    MoneyCase,
    MoneyMove,
    Withdrawal,
    WithdrawalSchedule,
]


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_of_a_machine_is_reached_and_left_or_final(machine: Any) -> None:
    rows = machine.TRANSITIONS
    reached = {row.to for row in rows}
    assert reached == set(machine.Status)
    assert {row.frm for row in rows if row.frm} <= reached
    finals = reached - {row.frm for row in rows}
    assert (
        finals
        == {
            Charge: {"confirmed", "denied"},
            Chargeback: {"won", "lost"},
            Refund: {"denied", "dropped"},
            ProviderTransfer: {"confirmed"},
            TransferReversal: {"confirmed", "dropped"},
            OperatorCash: {"denied"},
            Difference: {"gone"},
            MoneyCase: {"closed"},
            MoneyMove: {"confirmed", "denied"},
            Withdrawal: {"returned", "cancelled"},
            WithdrawalSchedule: set(),
        }[machine]
    )


@pytest.fixture
def withdrawal(alice: Person, bob: Person, told: Told, at: datetime) -> Withdrawal:
    assert bob.party is not None
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    method = make_bank(bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    return actions.request_withdrawal(party_id=bob.party.pk, method_id=method.pk, amount=90_000, by=bob.actor, at=later)


def put(withdrawal: Withdrawal, status: str, at: datetime) -> MoneyMove:
    """Bring the withdrawal into a state through its own verbs, and return its move as sent or further."""
    move = MoneyMove.objects.get(verb="payout")
    if status == "cancelled":
        actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=make_staff("Fanny", "finance").actor, at=at)
        return move
    if status in {"reserved", "reconciling"}:
        MoneyMove.objects.filter(pk=move.pk).update(status=Move.SENT, sent_at=at, request_hash="x")
        if status == "reconciling":
            reconcile_withdrawal(withdrawal_id=withdrawal.pk, at=at)
        return move
    actions.run_move(move_id=move.pk, at=at)
    answers = {"sent": (), "paid": ("confirmed",), "returned": ("denied",)}[status]
    for state in answers:
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer(state, code="no_account"), at=at)  # type: ignore[arg-type]
    return move


@pytest.mark.parametrize("state", ANSWERS)
@pytest.mark.parametrize("status", sorted(Withdrawal.Status.values))
def test_an_answer_moves_a_withdrawal_only_as_its_table_says(
    withdrawal: Withdrawal, status: str, state: Literal["confirmed", "waiting", "denied"], at: datetime
) -> None:
    later = withdrawal.created_at
    move = put(withdrawal, status, later)
    withdrawal.refresh_from_db()
    assert withdrawal.status == status
    to = {"confirmed": "paid", "waiting": "sent", "denied": "returned"}[state]
    is_drawn = any(row.frm == status and row.verb == "settle_payout" and row.to == to for row in Withdrawal.TRANSITIONS)
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer(state, code="no_account"), at=later)
    withdrawal.refresh_from_db()
    assert withdrawal.status == (to if is_drawn else status)


@pytest.mark.parametrize("status", sorted(Withdrawal.Status.values))
def test_a_withdrawal_is_cancelled_only_from_where_its_table_says(
    withdrawal: Withdrawal, status: str, bob: Person
) -> None:
    later = withdrawal.created_at
    if status != "reserved":
        put(withdrawal, status, later)
    may = status in sources_of(Withdrawal.TRANSITIONS, "cancel_withdrawal")
    if may:
        actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=later)
    else:
        with pytest.raises(actions.WithdrawalNotCancellable):
            actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=later)
    withdrawal.refresh_from_db()
    assert withdrawal.status == ("cancelled" if may else status)


@pytest.mark.parametrize("state", ANSWERS)
@pytest.mark.parametrize("status", [Move.SENT, Move.WAITING, Move.UNKNOWN, Move.CONFIRMED, Move.DENIED])
def test_an_answer_moves_a_charge_only_as_its_table_says(
    alice: Person, told: Told, at: datetime, status: str, state: Literal["confirmed", "waiting", "denied"]
) -> None:
    charge = start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()
    MoneyMove.objects.update(status=Move.SENT, sent_at=at, request_hash="x")
    if status in {Move.WAITING, Move.CONFIRMED, Move.DENIED}:
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer(Move(status).value, fee=0), at=at)  # type: ignore[arg-type]
    elif status == Move.UNKNOWN:
        MoneyMove.objects.update(status=Move.UNKNOWN)
    charge.refresh_from_db()
    before = charge.status
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer(state, fee=0), at=at)
    charge.refresh_from_db()
    move.refresh_from_db()
    is_final = status in MoneyMove.FINAL
    assert move.status == (status if is_final else state)
    assert charge.status == (before if is_final else state)


@pytest.mark.parametrize("state", ANSWERS)
@pytest.mark.parametrize("status", sorted({*Refund.Status.values} - {"dropped"}))
def test_an_answer_moves_a_refund_only_as_its_table_says(
    alice: Person, told: Told, at: datetime, status: str, state: Literal["confirmed", "waiting", "denied"]
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    (refund,) = cards.refund("thing:7", 10_000, at=at)
    move = MoneyMove.objects.get(verb="refund")
    MoneyMove.objects.filter(pk=move.pk).update(status=Move.SENT, sent_at=at, request_hash="x")
    if status != Refund.Status.RESERVED:
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer(status), at=at)  # type: ignore[arg-type]
    to = {"confirmed": "confirmed", "denied": "denied", "waiting": "reserved"}[state]
    is_drawn = any((row.frm, row.to) == (status, to) for row in Refund.TRANSITIONS)
    for _time in range(2):
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer(state), at=at)
        refund.refresh_from_db()
        assert refund.status == (to if is_drawn else status)


@pytest.mark.parametrize("state", ANSWERS)
@pytest.mark.parametrize("status", sorted(OperatorCash.Status.values))
def test_an_answer_moves_cash_only_as_its_table_says(
    db: None, at: datetime, status: str, state: Literal["confirmed", "waiting", "denied"]
) -> None:
    cash = actions.top_up(amount=5_000, reason="Cash", by=make_staff("Fanny", "finance").actor, at=at)
    move = MoneyMove.objects.get(verb="topup")
    MoneyMove.objects.filter(pk=move.pk).update(status=Move.SENT, sent_at=at, request_hash="x")
    if status != OperatorCash.Status.PLANNED:
        actions.settle_move(move_id=move.pk, answer=GatewayAnswer(status), at=at)  # type: ignore[arg-type]
    to = {"confirmed": "confirmed", "denied": "denied", "waiting": "planned"}[state]
    is_drawn = any((row.frm, row.to) == (status, to) for row in OperatorCash.TRANSITIONS)
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer(state), at=at)
    cash.refresh_from_db()
    assert cash.status == (to if is_drawn else status)


@pytest.mark.parametrize("state", ANSWERS)
@pytest.mark.parametrize("status", sorted(TransferReversal.Status.values))
def test_an_answer_moves_a_reversal_only_as_its_table_says(
    withdrawal: Withdrawal, status: str, state: Literal["confirmed", "waiting", "denied"], bob: Person
) -> None:
    later = withdrawal.created_at
    actions.cancel_withdrawal(withdrawal_id=withdrawal.pk, by=bob.actor, at=later)
    release = ProviderTransfer.objects.get().release
    actions.give_back_release(release_id=release.pk, gross=10_000, by=bob.actor, at=later)
    reversal, move = TransferReversal.objects.get(), MoneyMove.objects.get(verb="reversal")
    if status == TransferReversal.Status.DROPPED:
        with transaction.atomic():
            drop_reversals(reversal.transfer, later)
    else:
        MoneyMove.objects.filter(pk=move.pk).update(status=Move.SENT, sent_at=later, request_hash="x")
        if status != TransferReversal.Status.PLANNED:
            actions.settle_move(move_id=move.pk, answer=GatewayAnswer(status), at=later)  # type: ignore[arg-type]
    reversal.refresh_from_db()
    assert reversal.status == status
    to = {"confirmed": "confirmed", "denied": "denied", "waiting": "planned"}[state]
    rows = [row for row in TransferReversal.TRANSITIONS if row.verb == "settle_reversal"]
    is_drawn = any((row.frm, row.to) == (status, to) for row in rows)
    actions.settle_move(move_id=move.pk, answer=GatewayAnswer(state), at=later)
    reversal.refresh_from_db()
    assert reversal.status == (to if is_drawn else status)
