"""Calls to the provider: one key, one body, no transaction, and whatever goes wrong ends in one effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.tests.cast import Person
from core.clock import forget, move_forward
from core.product import rules
from events.models import Event
from payments import actions, registry
from payments.actions.calls import LEASE
from payments.actions.moves import MoveMismatch
from payments.gateway import CalledInsideTransaction, GatewayAnswer, GatewayRefused
from payments.gateways.sandbox import Fault, FaultKind, SandboxGateway
from payments.models import Charge, MoneyCase, MoneyMove, Refund, SandboxObject
from payments.tests import cards
from payments.tests.cards import make_card, sandbox, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]
HOUR = timedelta(hours=1)
FAULTS: list[FaultKind] = ["request_lost", "reply_lost", "broken_before", "broken_after"]
Status = MoneyMove.Status


class Killed(BaseException):
    """The worker was killed."""


@pytest.mark.parametrize("kind", ["request_lost", "reply_lost"])
def test_a_call_without_an_answer_is_repeated_under_its_key(
    alice: Person, told: Told, at: datetime, books: Books, kind: FaultKind
) -> None:
    sandbox().faults.append(Fault("charge", kind))
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    move = MoneyMove.objects.get()
    assert (charge.status, move.status, move.tries) == (Charge.Status.PLANNED, Status.UNKNOWN, 1)
    assert books("gateway") == 0
    actions.run_due_moves(at=at + timedelta(seconds=9))
    assert MoneyMove.objects.get().tries == 1
    actions.run_due_moves(at=at + timedelta(seconds=10))
    move.refresh_from_db()
    assert (move.status, move.tries, move.attempt) == (Status.CONFIRMED, 2, 1)
    assert set(sandbox().calls) == {move.key}
    assert SandboxObject.objects.filter(kind="payment").count() == 1
    assert told.heard == ["settled 7"]
    assert books("gateway") == -105_000 + 1_600


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_ends_in_one_charge_or_in_none(
    alice: Person, told: Told, at: datetime, books: Books, kind: FaultKind
) -> None:
    sandbox().faults += [Fault("charge", kind)] * 3
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    for hours in range(1, 23):
        settle_all(at + hours * HOUR)
    move = MoneyMove.objects.get()
    came = SandboxObject.objects.filter(kind="payment").count()
    assert came == (0 if kind == "broken_before" else 1)
    assert move.status == (Status.CONFIRMED if came else Status.DENIED)
    assert told.heard == (["settled 7"] if came else ["failed 7 never_arrived"])
    assert books("held:thing:7") == 100_000 * came
    assert Event.objects.filter(kind="payments.move_unknown").count() <= 1


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_ends_in_one_refund(alice: Person, told: Told, at: datetime, books: Books, kind: FaultKind) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    sandbox().faults.append(Fault("refund", kind))
    cards.refund("thing:7", 100_000, at=at)
    for hours in range(23):
        settle_all(at + hours * HOUR)
    refund = Refund.objects.get()
    assert refund.status == Refund.Status.CONFIRMED
    assert SandboxObject.objects.filter(kind="refund").count() == 1
    assert books("gateway") == 1_600
    attempts = MoneyMove.objects.filter(verb="refund").count()
    assert attempts == (2 if kind == "broken_before" else 1)


def test_a_worker_killed_between_sending_and_settling_is_followed_by_another(
    alice: Person, told: Told, at: datetime, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()

    def die(**_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setitem(actions.calls.SETTLE, "charge", die)
        with pytest.raises(Killed):
            actions.run_move(move_id=move.pk, at=at)
    move.refresh_from_db()
    assert move.status == Status.SENT
    actions.run_move(move_id=move.pk, at=at + LEASE - timedelta(seconds=1))
    assert len(sandbox().calls) == 1
    actions.run_due_moves(at=at + LEASE)
    assert len(sandbox().calls) == 2
    assert SandboxObject.objects.filter(kind="payment").count() == 1
    assert actions.run_charge(charge_id=charge.pk, at=at + LEASE).status == Charge.Status.CONFIRMED
    assert told.heard == ["settled 7"]


def test_a_worker_killed_before_the_call_is_followed_by_another(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()

    def die(*_: object, **__: object) -> GatewayAnswer:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sandbox(), "send", die)
        with pytest.raises(Killed):
            actions.run_move(move_id=move.pk, at=at)
    settle_all(at + LEASE)
    assert told.heard == ["settled 7"]
    assert MoneyMove.objects.get().sent_at == at


def test_a_jump_of_the_demonstration_clock_ends_no_lease_and_makes_no_call_old(
    alice: Person, told: Told, at: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO_CLOCK = True
    forget()
    start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()
    jump = timedelta(days=5)
    asked: list[str] = []
    send = sandbox().send

    def jump_meanwhile(verb: str, **call: Any) -> GatewayAnswer:
        if not asked:
            asked.append(verb)
            move_forward(by=jump)
            forget()
            actions.run_due_moves(at=at + jump)
            actions.run_due_moves(at=at + jump + LEASE - timedelta(seconds=1))
        return send(verb, **call)

    monkeypatch.setattr(sandbox(), "send", jump_meanwhile)
    actions.run_move(move_id=move.pk, at=at)
    forget()

    move.refresh_from_db()
    assert (move.tries, move.status) == (1, Status.CONFIRMED)
    assert len(sandbox().calls) == 1


def test_a_lease_ends_by_real_time_also_after_a_jump(
    alice: Person, told: Told, at: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO_CLOCK = True
    forget()
    start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()

    def die(*_: object, **__: object) -> GatewayAnswer:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sandbox(), "send", die)
        with pytest.raises(Killed):
            actions.run_move(move_id=move.pk, at=at)
    jump = timedelta(days=5)
    move_forward(by=jump)
    forget()
    actions.run_due_moves(at=at + jump + LEASE)
    forget()

    move.refresh_from_db()
    assert (move.tries, move.status) == (2, Status.CONFIRMED), (
        "sent again under its key, not looked up as one long lost"
    )


def test_the_webhook_may_be_quicker_than_the_answer(
    alice: Person, told: Told, at: datetime, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(alice, make_card(alice, at=at), at=at)
    move = MoneyMove.objects.get()
    send = sandbox().send

    def slow(verb: str, *, key: str, body: dict[str, object], at: datetime) -> GatewayAnswer:
        answer = send(verb, key=key, body=body, at=at)
        actions.deliver_sandbox_events(at=at)
        assert actions.process_inbox(at=at) == 1
        return answer

    monkeypatch.setattr(sandbox(), "send", slow)
    assert actions.run_move(move_id=move.pk, at=at).status == Status.CONFIRMED
    assert told.heard == ["settled 7"]
    assert books("held:thing:7") == 100_000


@pytest.mark.parametrize(
    "answer",
    [
        GatewayAnswer("confirmed", "sbx_pay_other", amount=104_999),
        GatewayAnswer("confirmed", "sbx_pay_other", currency="USD"),
        GatewayAnswer("confirmed", "sbx_pay_other", move_id=0),
        GatewayAnswer("confirmed", "sbx_pay_other"),
    ],
)
def test_an_answer_about_something_else_settles_nothing(
    alice: Person, told: Told, at: datetime, books: Books, answer: GatewayAnswer
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at).pk, at=at)
    move = MoneyMove.objects.get()
    with pytest.raises(MoveMismatch):
        actions.settle_move(move_id=move.pk, answer=answer, at=at)
    assert told.heard == []
    assert books("gateway") == 0
    assert MoneyMove.objects.get().status == Status.WAITING


def test_a_body_that_changed_after_it_was_sent_is_not_sent_again(alice: Person, told: Told, at: datetime) -> None:
    sandbox().faults.append(Fault("charge", "reply_lost"))
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    move = MoneyMove.objects.get()
    MoneyMove.objects.update(body={**move.body, "amount": 1})
    with pytest.raises(MoveMismatch):
        actions.run_move(move_id=move.pk, at=at + HOUR)
    assert len(sandbox().calls) == 1
    MoneyMove.objects.update(body=move.body)


def test_the_provider_is_never_called_inside_a_transaction(alice: Person, told: Told, at: datetime) -> None:
    charge = start(alice, make_card(alice, at=at), at=at)
    with pytest.raises(CalledInsideTransaction), transaction.atomic():
        actions.run_charge(charge_id=charge.pk, at=at)
    assert sandbox().calls == []
    assert MoneyMove.objects.get().status == Status.PLANNED


def test_a_move_that_fails_does_not_stop_the_others(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_card(alice, at=at)
    for reference in (1, 2, 3):
        start(alice, card, at=at, reference=reference)
    settled = told.settled

    def stumble(charge: Charge, moment: datetime) -> None:
        if charge.reference == 2:
            raise RuntimeError("a bug of the purpose")
        settled(charge, moment)

    monkeypatch.setattr(told, "settled", stumble)
    purpose = registry.purpose_named("tests.thing")
    registry.register_purpose("tests.thing", lock=purpose.lock, settled=stumble, failed=told.failed)
    assert actions.run_due_moves(at=at) == 2
    registry.register_purpose("tests.thing", lock=purpose.lock, settled=settled, failed=told.failed)
    settle_all(at + LEASE)
    assert sorted(told.heard) == ["settled 1", "settled 2", "settled 3"]
    assert SandboxObject.objects.filter(kind="payment").count() == 3


def test_the_hours_of_repeating_are_a_setting(alice: Person, told: Told, at: datetime) -> None:
    sandbox().faults += [Fault("charge", "broken_after")]
    with override_settings(PRODUCT=replace(rules(), unknown_move_hours=1)):
        actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
        actions.run_due_moves(at=at + HOUR)
        assert MoneyMove.objects.get().status == Status.UNKNOWN
        actions.run_due_moves(at=at + 3 * HOUR)
    assert MoneyMove.objects.get().status == Status.CONFIRMED


def test_a_request_that_the_provider_refuses_is_a_case_at_once(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, at=at), at=at).pk, at=at)
    cards.refund("thing:7", 100_000, at=at)

    def refuse(*_args: Any, **_more: Any) -> None:
        raise GatewayRefused("parameter_unknown")

    monkeypatch.setattr(SandboxGateway, "send", refuse)
    actions.run_due_moves(at=at)
    move = MoneyMove.objects.get(verb="refund")
    case = MoneyCase.objects.get()
    assert (move.status, case.kind, case.subject) == ("unknown", "move_unknown", f"move:{move.pk}")
    monkeypatch.undo()
    actions.run_due_moves(at=at + timedelta(hours=2))
    case.refresh_from_db()
    assert (MoneyMove.objects.get(verb="refund").status, case.status) == ("confirmed", "closed")
