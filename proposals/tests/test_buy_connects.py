"""Buying connects: they come with the bank's yes, once, and never before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_member
from core.errors import FormSentBefore, NotAllowed
from core.product import rules
from events.models import Event
from ledger.models import Entry
from ledger.queries import balance
from payments.actions import (
    MethodNotUsable,
    give_up_waiting_charges,
    process_inbox,
    remove_payment_method,
    run_charge,
)
from payments.models import Charge, MoneyMove, PaymentMethod, SandboxEvent
from payments.queries import latest_charge
from payments.tests import cards
from proposals.actions import InvalidQuantity, buy_connects, fail_connect_purchase, receive_connects
from proposals.models import CONNECTS_PURPOSE, ConnectLot, ConnectPurchase
from proposals.tests.cast import connects_of, lots_of, party_of
from tests.nothing import nothing_happens

Status = ConnectPurchase.Status
HOUR = timedelta(hours=1)


def buy(person: Person, card: PaymentMethod, *, at: datetime, quantity: int = 20, token: str = "t") -> ConnectPurchase:
    return buy_connects(
        party_id=party_of(person).pk, quantity=quantity, method_id=card.pk, token=token, by=person.actor, at=at
    )


def charge_of(purchase: ConnectPurchase) -> Charge:
    charge = latest_charge(CONNECTS_PURPOSE, purchase.pk)
    assert charge is not None
    return charge


def pay(purchase: ConnectPurchase, at: datetime) -> Charge:
    charge = run_charge(charge_id=charge_of(purchase).pk, at=at)
    purchase.refresh_from_db()
    return charge


def test_nothing_arrives_before_the_bank_has_said_yes(bob: Person, at: datetime) -> None:
    purchase = buy(bob, cards.make_card(bob, at=at), at=at)

    assert (purchase.status, purchase.price, purchase.currency) == (Status.PAYING, 300, "EUR")
    assert (connects_of(bob), balance("rev:connects", "EUR")) == (40, 0)
    charge = charge_of(purchase)
    assert (charge.gross, charge.client_fee, charge.title) == (300, 0, "20 connects")


def test_a_card_that_works_brings_them_at_once(bob: Person, at: datetime) -> None:
    purchase = buy(bob, cards.make_card(bob, at=at), at=at)
    charge = pay(purchase, at + HOUR)

    assert charge.status == Charge.Status.CONFIRMED
    assert (purchase.status, purchase.settled_at) == (Status.PAID, at + HOUR)
    assert (connects_of(bob), lots_of(bob)) == (60, [("welcome", 40), ("purchase", 20)])
    assert ConnectLot.objects.get(origin="purchase").expires_at == at + HOUR + timedelta(days=365)
    money = Entry.objects.filter(transfer__kind="connects_paid").values_list("account__name", "amount")
    assert dict(money) == {"gateway": -300, "rev:connects": 300}
    assert (balance("rev:connects", "EUR"), balance("issued:purchase", "CONNECT")) == (300, -20)
    bought = Event.objects.get(kind="proposals.connects_bought")
    assert bought.data == {"amount": 20, "price": 300, "currency": "EUR", "charge": charge.pk}


def test_the_saved_card_is_charged_as_if_nobody_were_there(bob: Person, at: datetime) -> None:
    purchase = buy(bob, cards.make_card(bob, at=at), at=at)
    pay(purchase, at)

    assert charge_of(purchase).is_payer_present is False
    assert MoneyMove.objects.get(verb="charge").body["is_payer_present"] is False


@pytest.mark.parametrize(
    "number", ["4000000000009995", "4000000000009987", "4000000000000069"], ids=["no money", "lost", "expired"]
)
def test_a_refusal_ends_the_purchase_and_is_not_tried_again_by_itself(bob: Person, at: datetime, number: str) -> None:
    purchase = buy(bob, cards.make_card(bob, number, at=at), at=at)
    pay(purchase, at)
    assert (purchase.status, connects_of(bob)) == (Status.FAILED, 40)

    for days in (1, 3, 5, 8):
        cards.settle_all(at + timedelta(days=days))
    assert (Charge.objects.count(), MoneyMove.objects.count(), connects_of(bob)) == (1, 1, 40)


def test_a_declined_card_brings_nothing_and_another_try_may_follow(bob: Person, at: datetime) -> None:
    purchase = buy(bob, cards.make_card(bob, cards.DECLINED, at=at), at=at)
    assert pay(purchase, at).status == Charge.Status.DENIED

    assert (purchase.status, purchase.settled_at) == (Status.FAILED, at)
    assert (connects_of(bob), balance("gateway", "EUR"), balance("rev:connects", "EUR")) == (40, 0, 0)
    assert not ConnectLot.objects.filter(origin="purchase").exists()

    again = buy(bob, cards.make_card(bob, at=at), at=at, token="another form")
    pay(again, at)
    assert (again.status, connects_of(bob)) == (Status.PAID, 60)


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_second_step_at_the_bank_decides(bob: Person, at: datetime, is_approved: bool) -> None:
    purchase = buy(bob, cards.make_card(bob, cards.SECOND_STEP, at=at), at=at)
    charge = pay(purchase, at)
    assert (charge.status, purchase.status, connects_of(bob)) == (Charge.Status.WAITING, Status.PAYING, 40)
    assert charge.provider_id is not None
    assert MoneyMove.objects.get(verb="charge").code == "authentication_required"
    wanted = Event.objects.get(kind="payments.payer_wanted")
    assert (wanted.subject, wanted.data["party"]) == (f"charge:{charge.pk}", party_of(bob).pk)

    assert cards.sandbox().decide(charge.provider_id, is_approved=is_approved, at=at + HOUR)
    cards.settle_all(at + HOUR)

    purchase.refresh_from_db()
    assert purchase.status == (Status.PAID if is_approved else Status.FAILED)
    assert charge_of(purchase).provider_id == charge.provider_id
    assert connects_of(bob) == (60 if is_approved else 40)


def test_a_second_step_that_nobody_takes_is_given_up_after_a_week(bob: Person, at: datetime) -> None:
    purchase = buy(bob, cards.make_card(bob, cards.SECOND_STEP, at=at), at=at)
    pay(purchase, at)
    week = timedelta(days=rules().payer_absent_wait_days)

    assert give_up_waiting_charges(at=at + week - HOUR) == 0
    assert give_up_waiting_charges(at=at + week) == 1
    cards.settle_all(at + week)

    purchase.refresh_from_db()
    assert (purchase.status, connects_of(bob)) == (Status.FAILED, 40)


def test_money_that_comes_late_brings_them_late(bob: Person, at: datetime) -> None:
    purchase = buy(bob, cards.make_card(bob, cards.LATER, at=at), at=at)
    pay(purchase, at)
    cards.settle_all(at)
    purchase.refresh_from_db()
    assert (purchase.status, connects_of(bob)) == (Status.PAYING, 40)

    cards.settle_all(at + cards.SANDBOX_TIME)

    purchase.refresh_from_db()
    assert (purchase.status, connects_of(bob)) == (Status.PAID, 60)


@pytest.mark.parametrize("card", [cards.SUCCEEDS, cards.LATER])
def test_the_webhook_may_come_again_and_again(bob: Person, at: datetime, card: str) -> None:
    purchase = buy(bob, cards.make_card(bob, card, at=at), at=at)
    pay(purchase, at)
    later = at + cards.SANDBOX_TIME
    cards.settle_all(later)
    events = list(SandboxEvent.objects.exclude(happened_at=None))
    assert events

    for _time in range(2):
        for event in events:
            cards.deliver(event, at=later)
        process_inbox(at=later)
    cards.settle_all(later)

    assert (connects_of(bob), balance("rev:connects", "EUR")) == (60, 300)
    assert ConnectLot.objects.filter(origin="purchase").count() == 1
    assert Event.objects.filter(kind="proposals.connects_bought").count() == 1


@pytest.mark.parametrize("state", [Status.PAID, Status.FAILED])
@pytest.mark.parametrize("verb", [receive_connects, fail_connect_purchase])
def test_a_purchase_that_has_its_answer_takes_no_other(
    bob: Person, at: datetime, state: str, verb: Callable[[Charge, datetime], None]
) -> None:
    number = cards.SUCCEEDS if state == Status.PAID else cards.DECLINED
    purchase = buy(bob, cards.make_card(bob, number, at=at), at=at)
    charge = pay(purchase, at)
    assert purchase.status == state
    assert not [row for row in ConnectPurchase.TRANSITIONS if row.frm == state]

    with nothing_happens(), transaction.atomic():
        verb(charge, at)


def test_the_same_form_sent_twice_buys_once(bob: Person, at: datetime) -> None:
    card = cards.make_card(bob, at=at)
    first = buy(bob, card, at=at)

    with nothing_happens():
        assert buy(bob, card, at=at) == first
    assert Charge.objects.count() == 1


def test_the_same_form_with_another_number_or_card_is_refused(bob: Person, at: datetime) -> None:
    card, other = cards.make_card(bob, at=at), cards.make_card(bob, cards.LATER, at=at)
    buy(bob, card, at=at)

    for chosen, quantity in ((card, 80), (other, 20)):
        with nothing_happens(), pytest.raises(FormSentBefore), transaction.atomic():
            buy(bob, chosen, at=at, quantity=quantity)
    assert Charge.objects.count() == 1


def test_two_people_may_have_the_same_token(bob: Person, chloe: Person, at: datetime) -> None:
    one = buy(bob, cards.make_card(bob, at=at), at=at)
    other = buy(chloe, cards.make_card(chloe, at=at), at=at)

    assert one.pk != other.pk


def test_the_price_is_that_of_the_order(bob: Person, at: datetime, settings: Any) -> None:
    purchase = buy(bob, cards.make_card(bob, at=at), at=at)
    settings.PRODUCT = replace(rules(), connect_price=99)
    pay(purchase, at)

    assert balance("rev:connects", "EUR") == 300


@pytest.mark.parametrize("quantity", [0, -1, 501, 2**63])
def test_only_numbers_that_are_sold_are_sold(bob: Person, at: datetime, quantity: int) -> None:
    card = cards.make_card(bob, at=at)

    with nothing_happens(), pytest.raises(InvalidQuantity):
        buy(bob, card, at=at, quantity=quantity)


@pytest.mark.parametrize(("quantity", "price"), [(1, 15), (500, 7_500)])
def test_one_and_the_most_are_sold(bob: Person, at: datetime, quantity: int, price: int) -> None:
    purchase = buy(bob, cards.make_card(bob, at=at), at=at, quantity=quantity)
    pay(purchase, at)

    assert (purchase.price, connects_of(bob)) == (price, 40 + quantity)


def test_only_those_who_spend_for_the_party_buy(bob: Person, chloe: Person, alice: Person, at: datetime) -> None:
    card = cards.make_card(bob, at=at)
    worker = make_member("Will", party_of(bob), "named_worker", at=at)

    with nothing_happens():
        for person in (worker, chloe, alice):
            with pytest.raises(NotAllowed):
                buy(Person(person.user, bob.party, person.actor), card, at=at)


def test_a_client_has_no_use_for_connects(at: datetime, db: None) -> None:
    eve = make_client("Eve", at=at)
    card = cards.make_card(eve, at=at)

    with nothing_happens(), pytest.raises(NotAllowed):
        buy(eve, card, at=at)


def test_a_colleague_in_finance_buys_with_the_partys_card(bob: Person, at: datetime) -> None:
    fay = make_member("Fay", party_of(bob), "finance", at=at)
    purchase = buy(fay, cards.make_card(bob, at=at), at=at)
    pay(purchase, at)

    assert connects_of(bob) == 60


def test_anothers_card_and_a_removed_one_pay_for_nothing(bob: Person, chloe: Person, at: datetime) -> None:
    foreign, removed = cards.make_card(chloe, at=at), cards.make_card(bob, at=at)
    remove_payment_method(method_id=removed.pk, by=bob.actor, at=at)

    with nothing_happens():
        for card in (foreign, removed):
            with pytest.raises(MethodNotUsable):
                buy(bob, card, at=at)
