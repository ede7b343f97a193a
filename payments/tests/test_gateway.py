"""What every gateway must do, asked of each one that this version knows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from payments.gateway import (
    BankRefused,
    CalledInsideTransaction,
    CardRefused,
    Gateway,
    GatewayAnswer,
    GatewayRefused,
    GatewayUnreachable,
)
from payments.gateways import GATEWAYS, gateway_named
from payments.gateways.sandbox import WORKING_IBAN, Fault
from payments.models import SandboxObject, SandboxRequest
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, sandbox

pytestmark = pytest.mark.django_db
NUMBERS = itertools.count(1)


@pytest.fixture(params=sorted(GATEWAYS))
def gateway(request: pytest.FixtureRequest) -> Gateway:
    return gateway_named(request.param)


def charge(gateway: Gateway, at: datetime, *, number: str = cards.SUCCEEDS) -> GatewayAnswer:
    card = gateway.save_card(key=f"card-{number}", number=number, at=at)
    body = {"amount": 105_000, "currency": "EUR", "metadata": {"move_id": next(NUMBERS)}, "method": card.provider_id}
    return gateway.send("charge", key=f"charge-{next(NUMBERS)}", body=body, at=at)


def send(gateway: Gateway, verb: str, at: datetime, **body: Any) -> GatewayAnswer:
    whole = {"currency": "EUR", "metadata": {"move_id": next(NUMBERS)}, **body}
    return gateway.send(verb, key=f"{verb}-{next(NUMBERS)}", body=whole, at=at)


def account(gateway: Gateway, at: datetime) -> str:
    opened = gateway.open_account(key="account-1", party_id=1, at=at)
    sandbox().outgoing(at=at + SANDBOX_TIME)
    return opened


def test_a_charge_says_what_it_took_and_what_it_cost(gateway: Gateway, at: datetime) -> None:
    answer = charge(gateway, at)
    assert (answer.state, answer.amount, answer.currency, answer.fee) == ("confirmed", 105_000, "EUR", 1_600)
    assert gateway.balances("EUR").platform == 103_400


@pytest.mark.parametrize(
    ("number", "state", "code"),
    [
        (cards.DECLINED, "denied", "card_declined"),
        (cards.SECOND_STEP, "waiting", "second_step"),
        (cards.LATER, "waiting", ""),
    ],
)
def test_cards_do_what_they_are_for(gateway: Gateway, at: datetime, number: str, state: str, code: str) -> None:
    answer = charge(gateway, at, number=number)
    assert (answer.state, answer.code) == (state, code)
    assert gateway.balances("EUR").platform == 0


def test_the_same_key_and_body_is_the_same_charge(gateway: Gateway, at: datetime) -> None:
    card = gateway.save_card(key="card", number=cards.SUCCEEDS, at=at)
    body = {"amount": 100, "currency": "EUR", "metadata": {"move_id": 1}, "method": card.provider_id}
    answers = [gateway.send("charge", key="charge-1", body=body, at=at) for _time in range(3)]
    assert len({answer.provider_id for answer in answers}) == 1
    assert SandboxObject.objects.filter(kind="payment").count() == 1


def test_the_same_key_with_another_body_is_refused_and_is_no_denial(gateway: Gateway, at: datetime) -> None:
    card = gateway.save_card(key="card", number=cards.SUCCEEDS, at=at)
    body = {"amount": 100, "currency": "EUR", "metadata": {"move_id": 1}, "method": card.provider_id}
    gateway.send("charge", key="charge-1", body=body, at=at)
    with pytest.raises(GatewayRefused):
        gateway.send("charge", key="charge-1", body={**body, "amount": 101}, at=at)
    assert gateway.balances("EUR").platform == 100 - 27


def test_a_stored_500_is_the_answer_for_ever_and_the_object_can_be_found(gateway: Gateway, at: datetime) -> None:
    card = gateway.save_card(key="card", number=cards.SUCCEEDS, at=at)
    body = {"amount": 100, "currency": "EUR", "metadata": {"move_id": 77}, "method": card.provider_id}
    sandbox().faults.append(Fault("charge", "broken_after"))
    for _time in range(2):
        with pytest.raises(GatewayUnreachable):
            gateway.send("charge", key="charge-1", body=body, at=at)
    found = gateway.find("charge", 77, at=at)
    assert found is not None
    assert (found.state, found.move_id) == ("confirmed", 77)
    assert gateway.find("charge", 78, at=at) is None


def test_refunds_never_exceed_their_charge(gateway: Gateway, at: datetime) -> None:
    paid = charge(gateway, at)
    assert send(gateway, "refund", at, payment=paid.provider_id, amount=105_000).state == "confirmed"
    assert send(gateway, "refund", at, payment=paid.provider_id, amount=1).code == "charge_limit"
    assert gateway.balances("EUR").platform == -1_600


def test_a_charge_that_was_not_paid_is_not_refunded(gateway: Gateway, at: datetime) -> None:
    waiting = charge(gateway, at, number=cards.SECOND_STEP)
    assert send(gateway, "refund", at, payment=waiting.provider_id, amount=1).state == "denied"


def test_transfers_never_exceed_their_charge(gateway: Gateway, at: datetime) -> None:
    paid, to = charge(gateway, at), account(gateway, at)
    assert send(gateway, "refund", at, payment=paid.provider_id, amount=5_000).state == "confirmed"
    parts = {"account": to, "source_transaction": paid.provider_id}
    assert send(gateway, "transfer", at, **parts, amount=90_000).state == "confirmed"
    assert send(gateway, "transfer", at, **parts, amount=10_001).code == "charge_limit"
    assert send(gateway, "refund", at, payment=paid.provider_id, amount=10_001).code == "charge_limit"
    assert gateway.balances("EUR").accounts == {to: 90_000}


def test_nothing_is_transferred_before_the_account_is_enabled(gateway: Gateway, at: datetime) -> None:
    paid = charge(gateway, at)
    opened = gateway.open_account(key="account-1", party_id=1, at=at)
    assert not gateway.is_account_enabled(opened, at=at)
    refused = send(gateway, "transfer", at, account=opened, source_transaction=paid.provider_id, amount=1)
    assert refused.code == "account_not_enabled"
    assert account(gateway, at) == opened
    assert gateway.is_account_enabled(opened, at=at)


def test_payouts_never_exceed_the_accounts_balance(gateway: Gateway, at: datetime) -> None:
    paid, to = charge(gateway, at), account(gateway, at)
    bank = gateway.save_bank(key="bank", account=to, iban=WORKING_IBAN, at=at)
    send(gateway, "transfer", at, account=to, source_transaction=paid.provider_id, amount=90_000)
    assert send(gateway, "payout", at, account=to, bank=bank.provider_id, amount=90_001).code == "balance_insufficient"
    payout = send(gateway, "payout", at, account=to, bank=bank.provider_id, amount=90_000)
    assert payout.state == "waiting"
    assert gateway.balances("EUR").accounts == {to: 0}
    sandbox().outgoing(at=at + SANDBOX_TIME)
    assert gateway.fetch("payout", payout.provider_id, at=at).state == "confirmed"


def test_a_bank_of_another_account_is_not_paid_to(gateway: Gateway, at: datetime) -> None:
    to, other = account(gateway, at), gateway.open_account(key="account-2", party_id=2, at=at)
    bank = gateway.save_bank(key="bank", account=other, iban=WORKING_IBAN, at=at)
    assert send(gateway, "payout", at, account=to, bank=bank.provider_id, amount=1).code == "bank_unknown"
    with pytest.raises(BankRefused):
        gateway.save_bank(key="bank-2", account="sbx_acct_unknown", iban=WORKING_IBAN, at=at)


def test_a_cancelled_charge_is_not_approved_afterwards(gateway: Gateway, at: datetime) -> None:
    waiting = charge(gateway, at, number=cards.SECOND_STEP)
    assert send(gateway, "cancel", at, payment=waiting.provider_id, amount=1).state == "confirmed"
    assert not sandbox().decide(waiting.provider_id, is_approved=True, at=at)
    assert gateway.fetch("charge", waiting.provider_id, at=at).state == "denied"


def test_a_paid_charge_is_not_cancelled(gateway: Gateway, at: datetime) -> None:
    paid = charge(gateway, at)
    assert send(gateway, "cancel", at, payment=paid.provider_id, amount=1).state == "denied"


def test_no_number_of_a_card_or_of_a_bank_is_kept(gateway: Gateway, at: datetime) -> None:
    gateway.save_card(key="card", number=cards.SUCCEEDS, at=at)
    gateway.save_bank(key="bank", account=account(gateway, at), iban=WORKING_IBAN, at=at)
    objects = SandboxObject.objects.values_list("data", flat=True)
    kept = str([*objects, *SandboxRequest.objects.values_list("answer", flat=True)])
    assert cards.SUCCEEDS not in kept
    assert WORKING_IBAN not in kept


def test_a_real_card_is_refused(gateway: Gateway, at: datetime) -> None:
    with pytest.raises(CardRefused):
        gateway.save_card(key="card", number="5555555555554444", at=at)
    assert not SandboxObject.objects.exists()


def test_no_call_is_made_inside_a_transaction(gateway: Gateway, at: datetime) -> None:
    calls: list[Callable[[], object]] = [
        lambda: gateway.send("charge", key="k", body={}, at=at),
        lambda: gateway.fetch("charge", "x", at=at),
        lambda: gateway.find("charge", 1, at=at),
        lambda: gateway.save_card(key="k", number=cards.SUCCEEDS, at=at),
        lambda: gateway.forget_card("x", at=at),
        lambda: gateway.open_account(key="k", party_id=1, at=at),
        lambda: gateway.is_account_enabled("x", at=at),
        lambda: gateway.save_bank(key="k", account="x", iban=WORKING_IBAN, at=at),
        lambda: gateway.balances("EUR"),
    ]
    for call in calls:
        with pytest.raises(CalledInsideTransaction), transaction.atomic():
            call()
