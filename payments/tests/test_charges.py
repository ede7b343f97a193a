"""Charging a client: started inside a purpose's verb, sent once, settled by the provider's answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person, make_client, make_member
from core.errors import NotAllowed
from ledger.models import Transfer
from payments import actions
from payments.actions.moves import MoveUnderWay, plan_move
from payments.gateways.sandbox import Fault
from payments.models import Charge, Holding, MoneyMove
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_card, sandbox, settle_all
from payments.tests.purposes import Told, start

Books = Callable[[str], int]
HOUR = timedelta(hours=1)


def run(charge: Charge, at: datetime) -> Charge:
    return actions.run_charge(charge_id=charge.pk, at=at)


def test_a_confirmed_charge_is_held_with_the_client_fee(alice: Person, told: Told, at: datetime, books: Books) -> None:
    charge = run(start(alice, make_card(alice, at=at), at=at), at)
    assert charge.status == Charge.Status.CONFIRMED
    assert told.heard == ["settled 7"]
    assert books("held:thing:7") == 100_000
    assert books("held_fee:thing:7") == 5_000
    assert books("gateway") == -105_000 + 1_600
    assert books("exp:gateway") == -1_600
    assert charge.provider_fee == 1_600
    move = MoneyMove.objects.get()
    assert move.key == f"sandbox:charge:charge-{charge.pk}:1"
    assert move.status == MoneyMove.Status.CONFIRMED
    holding = Holding.objects.get()
    assert (holding.gross_left, holding.fee_left, holding.scope) == (100_000, 5_000, "contract:5")


def test_a_charge_without_client_fee_is_held_whole(alice: Person, told: Told, at: datetime, books: Books) -> None:
    run(start(alice, make_card(alice, at=at), at=at, client_fee=0), at)
    assert books("held:thing:7") == 100_000
    assert books("held_fee:thing:7") == 0


def test_a_declined_charge_moves_nothing_and_says_why(alice: Person, told: Told, at: datetime, books: Books) -> None:
    charge = run(start(alice, make_card(alice, cards.DECLINED, at=at), at=at), at)
    assert (charge.status, charge.failure_code) == (Charge.Status.DENIED, "card_declined")
    assert told.heard == ["failed 7 card_declined"]
    assert not Transfer.objects.exists()
    assert books("gateway") == 0


def test_a_second_try_after_a_denial_is_a_new_charge_with_a_new_key(alice: Person, told: Told, at: datetime) -> None:
    first = run(start(alice, make_card(alice, cards.DECLINED, at=at), at=at), at)
    second = run(start(alice, make_card(alice, at=at), at=at), at)
    assert second.status == Charge.Status.CONFIRMED
    assert [move.key for move in MoneyMove.objects.order_by("pk")] == [
        f"sandbox:charge:charge-{first.pk}:1",
        f"sandbox:charge:charge-{second.pk}:1",
    ]


def test_a_second_step_keeps_the_charge_waiting_until_the_payer_took_it(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    charge = run(start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at), at)
    assert charge.status == Charge.Status.WAITING
    assert charge.next_url == f"/payments/sandbox-bank/{charge.provider_id}/"
    assert charge.give_up_at == at + 24 * HOUR
    assert charge.provider_id is not None
    assert sandbox().decide(charge.provider_id, is_approved=True, at=at + HOUR)
    settle_all(at + HOUR)
    charge.refresh_from_db()
    assert charge.status == Charge.Status.CONFIRMED
    assert told.heard == ["settled 7"]
    assert books("held:thing:7") == 100_000
    assert len(sandbox().calls) == 1


def test_a_refused_second_step_ends_the_charge(alice: Person, told: Told, at: datetime, books: Books) -> None:
    charge = run(start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at), at)
    assert charge.provider_id is not None
    sandbox().decide(charge.provider_id, is_approved=False, at=at)
    settle_all(at)
    assert told.heard == ["failed 7 authentication_failed"]
    assert books("gateway") == 0


def test_a_charge_that_is_processed_later_is_settled_by_its_webhook(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    charge = run(start(alice, make_card(alice, cards.LATER, at=at), at=at), at)
    assert (charge.status, charge.next_url, charge.give_up_at) == (Charge.Status.WAITING, "", None)
    settle_all(at)
    assert told.heard == []
    settle_all(at + SANDBOX_TIME)
    assert told.heard == ["settled 7"]
    assert books("gateway") == -105_000 + 1_600


def test_a_waiting_charge_is_polled_hourly_where_no_webhook_comes(alice: Person, told: Told, at: datetime) -> None:
    run(start(alice, make_card(alice, cards.LATER, at=at), at=at), at)
    assert actions.poll_waiting_moves(at=at + HOUR - timedelta(seconds=1)) == 0
    assert actions.poll_waiting_moves(at=at + HOUR) == 0
    sandbox().outgoing(at=at + HOUR)
    assert actions.poll_waiting_moves(at=at + HOUR) == 0
    assert told.heard == []
    actions.poll_waiting_moves(at=at + 2 * HOUR)
    assert told.heard == ["settled 7"]


def test_a_charge_whose_payer_never_comes_is_cancelled_by_a_call_of_its_own_key(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    charge = run(start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at), at)
    assert actions.give_up_waiting_charges(at=at + 24 * HOUR - timedelta(seconds=1)) == 0
    assert actions.give_up_waiting_charges(at=at + 24 * HOUR) == 1
    assert actions.give_up_waiting_charges(at=at + 24 * HOUR) == 0
    assert told.heard == []
    settle_all(at + 24 * HOUR)
    assert told.heard == ["failed 7 canceled"]
    charge.refresh_from_db()
    assert charge.status == Charge.Status.DENIED
    assert sandbox().calls == [f"sandbox:charge:charge-{charge.pk}:1", f"sandbox:cancel:charge-{charge.pk}:1"]
    assert books("gateway") == 0


def test_a_charge_that_comes_all_the_same_after_giving_up_is_settled_and_the_purpose_decides(
    alice: Person, told: Told, at: datetime, books: Books
) -> None:
    told.refunds_at_once = True
    charge = run(start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at), at)
    actions.give_up_charge(charge_id=charge.pk, by=alice.actor, at=at)
    assert charge.provider_id is not None
    sandbox().decide(charge.provider_id, is_approved=True, at=at)
    settle_all(at)
    assert told.heard == ["settled 7", "refunded 105000"]
    assert books("held:thing:7") == 0
    assert books("gateway") == 1_600
    cancel = MoneyMove.objects.get(verb="cancel")
    assert cancel.status == MoneyMove.Status.DENIED


def test_a_cancel_that_never_arrived_is_a_new_attempt_and_no_charge_waits_for_ever(
    alice: Person, told: Told, at: datetime
) -> None:
    sandbox().faults.append(Fault("cancel", "broken_before"))
    charge = run(start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at), at)
    actions.give_up_charge(charge_id=charge.pk, by=alice.actor, at=at)
    for hours in range(22):
        settle_all(at + hours * HOUR)
    assert told.heard == []
    assert MoneyMove.objects.get(verb="cancel").status == MoneyMove.Status.DENIED
    assert actions.give_up_waiting_charges(at=at + 23 * HOUR) == 1
    settle_all(at + 23 * HOUR)
    assert told.heard == ["failed 7 canceled"]
    assert [move.attempt for move in MoneyMove.objects.filter(verb="cancel").order_by("pk")] == [1, 2]


def test_a_charge_given_up_before_it_was_sent_is_never_sent(alice: Person, told: Told, at: datetime) -> None:
    charge = start(alice, make_card(alice, at=at), at=at)
    actions.give_up_charge(charge_id=charge.pk, by=alice.actor, at=at)
    settle_all(at)
    assert run(charge, at).status == Charge.Status.DENIED
    assert told.heard == ["failed 7 given_up"]
    assert sandbox().calls == []


def test_giving_up_twice_plans_one_cancel(alice: Person, told: Told, at: datetime) -> None:
    charge = run(start(alice, make_card(alice, cards.SECOND_STEP, at=at), at=at), at)
    for _twice in range(2):
        actions.give_up_charge(charge_id=charge.pk, by=alice.actor, at=at)
    assert MoneyMove.objects.filter(verb="cancel").count() == 1


def test_a_settled_charge_cannot_be_given_up(alice: Person, told: Told, at: datetime) -> None:
    charge = run(start(alice, make_card(alice, at=at), at=at), at)
    with pytest.raises(actions.ChargeEnded):
        actions.give_up_charge(charge_id=charge.pk, by=alice.actor, at=at)
    assert not MoneyMove.objects.filter(verb="cancel").exists()


def test_one_thing_is_paid_for_by_one_charge_at_a_time(alice: Person, told: Told, at: datetime) -> None:
    card = make_card(alice, at=at)
    start(alice, card, at=at)
    with pytest.raises(actions.ChargeUnderWay):
        start(alice, card, at=at)
    assert Charge.objects.count() == 1


def test_a_strangers_or_removed_card_pays_nothing(alice: Person, told: Told, at: datetime) -> None:
    foreign = make_card(make_client("Chloé", at=at), at=at)
    removed = make_card(alice, at=at)
    actions.remove_payment_method(method_id=removed.pk, by=alice.actor, at=at)
    for card in (foreign, removed):
        with pytest.raises(actions.MethodNotUsable):
            start(alice, card, at=at)
    assert not Charge.objects.exists()
    assert not MoneyMove.objects.exists()


def test_people_without_that_right_pay_nothing(alice: Person, told: Told, at: datetime) -> None:
    assert alice.party is not None
    card = make_card(alice, at=at)
    for person in (make_member("Max", alice.party, "member", at=at), make_client("Chloé", at=at)):
        with pytest.raises(NotAllowed):
            actions.start_charge(
                payer_id=alice.party.pk,
                method_id=card.pk,
                purpose="tests.thing",
                reference=7,
                scope="",
                title="",
                gross=1,
                client_fee=0,
                by=person.actor,
                at=at,
            )
    assert not Charge.objects.exists()


def test_a_new_attempt_before_a_definite_answer_is_a_bug(alice: Person, told: Told, at: datetime) -> None:
    charge = start(alice, make_card(alice, at=at), at=at)
    with pytest.raises(MoveUnderWay):
        plan_move(verb="charge", source=f"charge-{charge.pk}", amount=1, currency="EUR", gateway="sandbox", at=at)


def test_settling_twice_changes_nothing(alice: Person, told: Told, at: datetime) -> None:
    charge = run(start(alice, make_card(alice, at=at), at=at), at)
    move = MoneyMove.objects.get()
    assert charge.provider_id is not None
    answer = sandbox().fetch("charge", charge.provider_id, at=at)
    for _twice in range(2):
        actions.settle_move(move_id=move.pk, answer=answer, at=at + HOUR)
    assert told.heard == ["settled 7"]
    assert Transfer.objects.count() == 2
