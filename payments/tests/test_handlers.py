"""What payments does about its own events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from accounts.tests.cast import Person
from events.actions import deliver_due
from events.models import Delivery
from payments import actions, tasks
from payments.models import Charge, MoneyMove
from payments.tests.cards import make_card
from payments.tests.purposes import Told, start


def test_a_planned_move_wakes_a_worker_of_the_payouts_queue(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, dict[str, Any], str]] = []

    def note(name: str, *, kwargs: dict[str, Any], queue: str, **_: Any) -> None:
        sent.append((name, kwargs, queue))

    monkeypatch.setattr(current_app, "send_task", note)
    start(alice, make_card(alice, at=at), at=at)
    deliver_due(at=at)
    move = MoneyMove.objects.get()
    assert ("payments.tasks.run_move", {"move_id": move.pk}, "payouts") in sent


def test_without_a_broker_the_sweep_finds_the_move(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app, "send_task", fail)
    start(alice, make_card(alice, at=at), at=at)
    deliver_due(at=at)
    assert not Delivery.objects.filter(handler__startswith="payments.").exclude(state=Delivery.State.DONE).exists()
    assert actions.run_due_moves(at=at) == 1
    assert told.heard == ["settled 7"]


def test_a_task_run_twice_pays_once(alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "now", lambda: at)
    start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()
    for _twice in range(2):
        tasks.run_move(move_id=move.pk)
    assert told.heard == ["settled 7"]
    assert Charge.objects.get().status == Charge.Status.CONFIRMED
