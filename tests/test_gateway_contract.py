"""What every gateway must do, asked of each in turn: the sandbox, and Stripe over HTTP at the local server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from django.db import transaction

from payments.gateway import (
    EVIDENCE_FILES,
    EVIDENCE_TEXTS,
    VERBS,
    BankRefused,
    CalledInsideTransaction,
    EvidenceFile,
    GatewayAnswer,
    GatewayRefused,
    GatewayUnreachable,
)
from payments.gateways import GATEWAYS
from payments.gateways.sandbox import WORKING_IBAN, FaultKind
from tests.providers import (
    CURRENCY,
    NUMBERS,
    MethodName,
    Provider,
    SandboxProvider,
    StripeProvider,
    body_for,
    charge_of,
    listen,
    stripe_settings,
)
from tests.stripe_server import StripeServer

pytestmark = pytest.mark.django_db
FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)


@pytest.fixture(params=sorted(GATEWAYS))
def provider(request: pytest.FixtureRequest, settings: Any) -> Iterator[Provider]:
    """Play each provider in turn."""
    if request.param == "sandbox":
        sandbox = SandboxProvider()
        yield sandbox
        sandbox.sandbox.faults.clear()
        sandbox.sandbox.calls.clear()
        return
    with StripeServer() as server:
        for name, value in stripe_settings(server).items():
            setattr(settings, name, value)
        server.webhooks.hold()
        listen(server, "http://localhost")
        yield StripeProvider(server)
        server.check()


def earned(provider: Provider, amount: int = 90_000) -> tuple[str, str, GatewayAnswer]:
    """Return an account that is onboarded and was sent money, its bank, and the transfer."""
    paid, account = provider.funds(), provider.account()
    bank = provider.onboard(account)
    sent = provider.send("transfer", account=account, source_transaction=paid.provider_id, amount=amount)
    assert sent.state == "confirmed"
    provider.pass_time()
    return account, bank, sent


# Charges


def test_a_charge_says_what_it_took_and_what_it_cost(provider: Provider) -> None:
    answer = provider.charge(move_id=7)
    assert (answer.state, answer.amount, answer.currency, answer.move_id) == ("confirmed", 105_000, "EUR", 7)
    assert answer.fee == provider.fee(105_000)
    assert provider.gateway.balances(CURRENCY).platform == 105_000 - provider.fee(105_000)


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("declined", "denied", "card_declined"),
        ("insufficient_funds", "denied", "insufficient_funds"),
        ("card_lost", "denied", "card_lost"),
        ("expired_card", "denied", "expired_card"),
        ("second_step", "waiting", "second_step"),
        ("later", "waiting", None),
    ],
)
def test_methods_do_what_they_are_for(provider: Provider, name: MethodName, state: str, code: str | None) -> None:
    answer = provider.charge(name)
    assert answer.state == state
    assert code in {None, answer.code}
    assert bool(answer.next_url) is (name == "second_step")
    assert provider.gateway.balances(CURRENCY).platform == 0
    again = provider.gateway.fetch("charge", answer.provider_id, at=provider.at)
    assert (again.state, again.next_url) == (answer.state, answer.next_url)


def test_a_declined_charge_cannot_be_paid_after_all(provider: Provider) -> None:
    declined = provider.charge("declined")
    provider.pass_time()
    assert provider.gateway.fetch("charge", declined.provider_id, at=provider.at).state == "denied"
    assert provider.send("cancel", payment=declined.provider_id, amount=1).state in {"confirmed", "denied"}


def test_money_that_is_collected_for_days_comes_in_the_end(provider: Provider) -> None:
    collecting = provider.charge("later")
    provider.pass_time()
    answer = provider.gateway.fetch("charge", collecting.provider_id, at=provider.at)
    assert (answer.state, answer.amount) == ("confirmed", 105_000)
    assert answer.fee


def test_money_that_could_not_be_collected_is_denied_late(provider: Provider) -> None:
    collecting = provider.charge("fails_later")
    assert collecting.state == "waiting"
    provider.pass_time()
    answer = provider.gateway.fetch("charge", collecting.provider_id, at=provider.at)
    assert (answer.state, answer.code) == ("denied", "insufficient_funds")


@pytest.mark.parametrize(
    ("is_approved", "state", "code"), [(True, "confirmed", ""), (False, "denied", "authentication_failed")]
)
def test_the_payer_answers_their_bank_on_the_same_charge(
    provider: Provider, is_approved: bool, state: str, code: str
) -> None:
    waiting = provider.charge("second_step")
    provider.answer(waiting.provider_id, is_approved=is_approved)
    answer = provider.gateway.fetch("charge", waiting.provider_id, at=provider.at)
    assert (answer.state, answer.code, answer.next_url) == (state, code, "")


def test_a_charge_whose_payer_is_away_waits_for_them_on_the_same_charge(provider: Provider) -> None:
    answer = provider.charge("second_step", is_payer_present=False)
    assert (answer.state, answer.code) == ("waiting", "authentication_required")
    assert answer.next_url
    assert provider.gateway.second_step(answer.provider_id, at=provider.at).method
    again = provider.gateway.fetch("charge", answer.provider_id, at=provider.at)
    assert (again.state, again.code, again.provider_id) == ("waiting", "authentication_required", answer.provider_id)


@pytest.mark.parametrize(
    ("is_approved", "state", "code"), [(True, "confirmed", ""), (False, "denied", "authentication_failed")]
)
def test_a_payer_who_comes_back_answers_their_bank_on_the_same_charge(
    provider: Provider, is_approved: bool, state: str, code: str
) -> None:
    waiting = provider.charge("second_step", is_payer_present=False)
    provider.come_back(waiting.provider_id, is_approved=is_approved)
    answer = provider.gateway.fetch("charge", waiting.provider_id, at=provider.at)
    assert (answer.state, answer.code, answer.next_url) == (state, code, "")
    taken = 105_000 - provider.fee(105_000) if is_approved else 0
    assert provider.gateway.balances(CURRENCY).platform == taken


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("succeeds", "confirmed", ""),
        ("declined", "denied", "card_declined"),
        ("insufficient_funds", "denied", "insufficient_funds"),
        ("card_lost", "denied", "card_lost"),
        ("expired_card", "denied", "expired_card"),
    ],
)
def test_a_payer_who_is_away_is_charged_or_refused_as_one_who_is_there(
    provider: Provider, name: MethodName, state: str, code: str
) -> None:
    answer = provider.charge(name, is_payer_present=False)
    assert (answer.state, answer.code, answer.next_url) == (state, code, "")
    again = provider.gateway.fetch("charge", answer.provider_id, at=provider.at)
    assert (again.state, again.code, again.provider_id) == (state, code, answer.provider_id)
    taken = 105_000 - provider.fee(105_000) if state == "confirmed" else 0
    assert provider.gateway.balances(CURRENCY).platform == taken


def test_a_method_of_somebody_else_is_not_charged(provider: Provider) -> None:
    mine, theirs = provider.payer("succeeds"), provider.payer("succeeds")
    answer = provider.send("charge", **{**charge_of(mine), "method": theirs.method})
    assert (answer.state, answer.code) == ("denied", "card_unknown")


def test_a_forgotten_method_is_not_charged(provider: Provider) -> None:
    payer = provider.payer("succeeds")
    for _time in range(2):  # forgetting it twice is fine
        provider.gateway.forget_method(payer.method, at=provider.at)
    assert provider.gateway.fetch_method(payer.method, at=provider.at) is None
    answer = provider.send("charge", **charge_of(payer))
    assert (answer.state, answer.code) == ("denied", "card_unknown")


# Cancels


def test_a_cancelled_charge_is_over(provider: Provider) -> None:
    waiting = provider.charge("second_step")
    assert provider.send("cancel", payment=waiting.provider_id).state == "confirmed"
    answer = provider.gateway.fetch("charge", waiting.provider_id, at=provider.at)
    assert (answer.state, answer.code) == ("denied", "canceled")
    assert provider.gateway.fetch("cancel", waiting.provider_id, at=provider.at).state == "confirmed"


def test_a_paid_charge_is_not_cancelled(provider: Provider) -> None:
    paid = provider.charge()
    answer = provider.send("cancel", payment=paid.provider_id)
    assert (answer.state, answer.code) == ("denied", "not_cancelable")
    assert provider.gateway.fetch("charge", paid.provider_id, at=provider.at).state == "confirmed"


# Refunds


def test_refunds_never_exceed_their_charge(provider: Provider) -> None:
    provider.charge(amount=10_000)  # or the provider's fee would be missing for the last refund
    paid = provider.funds()
    assert provider.send("refund", payment=paid.provider_id, amount=150_000).state == "confirmed"
    assert provider.send("refund", payment=paid.provider_id, amount=50_001).code == "charge_limit"
    assert provider.send("refund", payment=paid.provider_id, amount=50_000).state == "confirmed"
    assert provider.send("refund", payment=paid.provider_id, amount=1).code == "charge_limit"
    assert provider.gateway.balances(CURRENCY).platform == 10_000 - provider.fee(10_000) - provider.fee(200_000)


def test_a_charge_that_was_not_paid_is_not_refunded(provider: Provider) -> None:
    waiting = provider.charge("second_step")
    answer = provider.send("refund", payment=waiting.provider_id, amount=1)
    assert (answer.state, answer.code) == ("denied", "charge_limit")


def test_a_refund_that_the_card_refuses_is_denied_later(provider: Provider) -> None:
    paid = provider.charge("refund_fails")
    provider.pass_time()
    refund = provider.send("refund", payment=paid.provider_id)
    assert refund.state in {"waiting", "confirmed"}
    provider.pass_time()
    answer = provider.gateway.fetch("refund", refund.provider_id, at=provider.at)
    assert (answer.state, answer.code) == ("denied", "refund_refused")


def test_a_refund_may_come_back_after_it_had_arrived(provider: Provider) -> None:
    paid = provider.charge("refund_comes_back")
    provider.funds()  # or the provider's fee would be missing for the refund
    refund = provider.send("refund", payment=paid.provider_id, amount=105_000)
    assert refund.state == "confirmed"
    before = provider.gateway.balances(CURRENCY).platform
    provider.pass_time()
    answer = provider.gateway.fetch("refund", refund.provider_id, at=provider.at)
    assert (answer.state, answer.code) == ("denied", "refund_refused")
    assert (answer.amount, answer.move_id) == (105_000, refund.move_id)
    assert provider.gateway.balances(CURRENCY).platform == before + 105_000
    told = [event.verb for event in provider.announced() if event.object_id == refund.provider_id]
    assert told[-1] == "refund"


# Transfers and reversals


def test_transfers_never_exceed_their_charge(provider: Provider) -> None:
    paid, account = provider.funds(), provider.account()
    provider.onboard(account)
    parts: dict[str, Any] = {"account": account, "source_transaction": paid.provider_id}
    assert provider.send("transfer", **parts, amount=150_000).state == "confirmed"
    assert provider.send("transfer", **parts, amount=50_001).code == "charge_limit"
    assert provider.gateway.balances(CURRENCY, accounts=[account]).accounts == {account: 150_000}


def test_a_transfer_may_leave_before_its_charge_has_settled(provider: Provider) -> None:
    paid, account = provider.charge(), provider.account()
    provider.onboard(account)
    answer = provider.send("transfer", account=account, source_transaction=paid.provider_id, amount=90_000)
    assert answer.state == "confirmed"


def test_a_charge_that_was_not_paid_carries_no_transfer(provider: Provider) -> None:
    waiting, account = provider.charge("second_step"), provider.account()
    provider.onboard(account)
    answer = provider.send("transfer", account=account, source_transaction=waiting.provider_id)
    assert (answer.state, answer.code) == ("denied", "charge_limit")


def test_a_transfer_without_a_charge_is_of_the_operators_own_money(provider: Provider) -> None:
    account = provider.account()
    provider.onboard(account)
    assert provider.send("transfer", account=account, amount=1).code == "balance_insufficient"
    provider.funds(100_000)
    assert provider.send("transfer", account=account, amount=50_000).state == "confirmed"
    answer = provider.send("transfer", account=account, amount=50_000)  # the provider's fee is missing
    assert (answer.state, answer.code) == ("denied", "balance_insufficient")


def test_nothing_is_transferred_before_the_account_is_enabled(provider: Provider) -> None:
    paid, account = provider.funds(), provider.account()
    assert not provider.gateway.account_state(account, at=provider.at).is_enabled
    refused = provider.send("transfer", account=account, source_transaction=paid.provider_id)
    assert (refused.state, refused.code) == ("denied", "account_not_enabled")


def test_reversals_never_exceed_their_transfer(provider: Provider) -> None:
    account, _bank, sent = earned(provider)
    back = provider.send("reversal", transfer=sent.provider_id, amount=40_000)
    assert (back.state, back.amount) == ("confirmed", 40_000)
    assert provider.send("reversal", transfer=sent.provider_id, amount=50_001).code == "transfer_limit"
    assert provider.send("reversal", transfer=sent.provider_id, amount=50_000).state == "confirmed"
    assert provider.send("reversal", transfer=sent.provider_id, amount=1).code == "transfer_limit"
    balances = provider.gateway.balances(CURRENCY, accounts=[account])
    assert balances.accounts == {account: 0}
    assert balances.platform == 200_000 - provider.fee(200_000)
    found = provider.gateway.fetch("reversal", back.provider_id, within=sent.provider_id, at=provider.at)
    assert (found.state, found.amount, found.move_id) == ("confirmed", 40_000, back.move_id)


def test_what_has_left_the_account_is_not_reversed(provider: Provider) -> None:
    account, bank, sent = earned(provider)
    provider.send("payout", account=account, bank=bank, amount=60_000)
    answer = provider.send("reversal", transfer=sent.provider_id, amount=30_001)
    assert (answer.state, answer.code) == ("denied", "balance_insufficient")


# Payouts and the operator's cash


def test_payouts_never_exceed_the_accounts_balance(provider: Provider) -> None:
    account, bank, _sent = earned(provider)
    assert provider.send("payout", account=account, bank=bank, amount=90_001).code == "balance_insufficient"
    payout = provider.send("payout", account=account, bank=bank, amount=90_000)
    assert payout.state == "waiting"
    assert provider.gateway.balances(CURRENCY, accounts=[account]).accounts == {account: 0}
    provider.pass_time()
    answer = provider.gateway.fetch("payout", payout.provider_id, within=account, at=provider.at)
    assert (answer.state, answer.amount, answer.move_id) == ("confirmed", 90_000, payout.move_id)


def test_a_payout_may_come_back_after_it_was_paid(provider: Provider) -> None:
    account, bank, _sent = earned(provider)
    payout = provider.send("payout", account=account, bank=bank, amount=90_000)
    provider.pass_time()
    provider.return_payout(payout.provider_id)
    answer = provider.gateway.fetch("payout", payout.provider_id, within=account, at=provider.at)
    assert (answer.state, answer.code) == ("denied", "no_account")
    assert provider.gateway.balances(CURRENCY, accounts=[account]).accounts == {account: 90_000}


def test_a_payout_to_a_bank_that_refuses_comes_back(provider: Provider) -> None:
    paid, account = provider.funds(), provider.account()
    bank = provider.onboard(account, fails=True)
    provider.send("transfer", account=account, source_transaction=paid.provider_id, amount=1_000)
    provider.pass_time()
    payout = provider.send("payout", account=account, bank=bank, amount=1_000)
    provider.pass_time()
    answer = provider.gateway.fetch("payout", payout.provider_id, within=account, at=provider.at)
    assert (answer.state, answer.code) == ("denied", "no_account")


def test_a_bank_of_another_account_is_not_paid_to(provider: Provider) -> None:
    account, _bank, _sent = earned(provider)
    other = provider.account()
    answer = provider.send("payout", account=account, bank=provider.onboard(other), amount=1)
    assert (answer.state, answer.code) == ("denied", "bank_unknown")


def test_an_account_that_is_restricted_pays_nothing_out(provider: Provider) -> None:
    account, bank, _sent = earned(provider)
    provider.restrict(account)
    state = provider.gateway.account_state(account, at=provider.at)
    assert (state.is_enabled, state.missing) == (False, ("document",))
    answer = provider.send("payout", account=account, bank=bank, amount=1)
    assert (answer.state, answer.code) == ("denied", "account_not_enabled")


def test_the_operator_tops_up_and_takes_out_no_more_than_there_is(provider: Provider) -> None:
    topup = provider.send("topup", amount=50_000)
    provider.pass_time()
    assert provider.gateway.fetch("topup", topup.provider_id, at=provider.at).state == "confirmed"
    assert provider.gateway.balances(CURRENCY).available == 50_000
    assert provider.send("cashout", amount=50_001).code == "balance_insufficient"
    cashout = provider.send("cashout", amount=20_000)
    provider.pass_time()
    assert provider.gateway.fetch("cashout", cashout.provider_id, at=provider.at).state == "confirmed"
    assert provider.gateway.balances(CURRENCY).platform == 30_000


@pytest.mark.parametrize(("verb", "left", "code"), [("topup", 0, "debit_failed"), ("cashout", 50_000, "no_account")])
def test_the_operators_cash_may_come_back_after_it_had_arrived(
    provider: Provider, verb: str, left: int, code: str
) -> None:
    sent = provider.send("topup", amount=50_000)
    provider.pass_time()
    if verb == "cashout":
        sent = provider.send("cashout", amount=20_000)
        provider.pass_time()
    assert provider.gateway.fetch(verb, sent.provider_id, at=provider.at).state == "confirmed"
    provider.return_cash(verb, sent.provider_id)
    answer = provider.gateway.fetch(verb, sent.provider_id, at=provider.at)
    assert (answer.state, answer.code, answer.move_id) == ("denied", code, sent.move_id)
    assert provider.gateway.balances(CURRENCY).platform == left
    assert (verb, sent.provider_id) in [(event.verb, event.object_id) for event in provider.announced()]


# One key, one effect


Ready = tuple[dict[str, Any], Callable[[], int]]


def ready(provider: Provider, verb: str) -> Ready:
    """Arrange all that a move needs; return its body, and a count of how often it was done."""
    body: dict[str, Any] = {"amount": 1_000}
    accounts: list[str] = []
    match verb:
        case "charge":
            body |= charge_of(provider.payer("succeeds"))
        case "cancel":
            payment = provider.charge("second_step").provider_id
            return (
                body_for(verb, next(NUMBERS), payment=payment),
                lambda: int(provider.gateway.fetch("cancel", payment, at=provider.at).state == "confirmed"),
            )
        case "refund":
            body["payment"] = provider.funds().provider_id
        case "transfer":
            paid, account = provider.funds(), provider.account()
            provider.onboard(account)
            body |= {"account": account, "source_transaction": paid.provider_id}
        case "reversal":
            body["transfer"] = earned(provider)[2].provider_id
        case "payout":
            account, bank, _sent = earned(provider)
            body |= {"account": account, "bank": bank}
            accounts = [account]
        case "cashout":
            provider.funds()
        case _:
            pass
    whole = body_for(verb, next(NUMBERS), **body)
    number = whole["metadata"]["move_id"]
    return whole, lambda: sum(each.move_id == number for each in provider.records(verb, *accounts))


@pytest.mark.parametrize("verb", VERBS)
def test_the_same_key_and_body_happen_once(provider: Provider, verb: str) -> None:
    body, count = ready(provider, verb)
    answers = [provider.gateway.send(verb, key="test:once", body=body, at=provider.at) for _time in range(3)]
    assert len({(answer.state, answer.provider_id) for answer in answers}) == 1
    assert answers[0].state in {"confirmed", "waiting"}
    assert count() == 1


@pytest.mark.parametrize("verb", VERBS)
def test_the_same_key_with_another_body_is_refused_and_is_no_denial(provider: Provider, verb: str) -> None:
    body, count = ready(provider, verb)
    other = {**body, "amount": 1_001}
    if verb == "cancel":  # its address is part of what the key remembers, its amount is not sent
        other = {**body, "payment": provider.charge("second_step").provider_id}
    provider.gateway.send(verb, key="test:once", body=body, at=provider.at)
    with pytest.raises(GatewayRefused):
        provider.gateway.send(verb, key="test:once", body=other, at=provider.at)
    assert count() == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_call_that_goes_wrong_happens_once_or_not_at_all(provider: Provider, verb: str, fault: FaultKind) -> None:
    body, count = ready(provider, verb)
    since = provider.at

    def send() -> GatewayAnswer:
        return provider.gateway.send(verb, key="test:spoiled", body=body, at=provider.at)

    provider.spoil(verb, fault)
    with pytest.raises(GatewayUnreachable):
        send()
    happened = fault in {"reply_lost", "broken_after"}
    assert count() == int(happened)
    if fault in {"broken_before", "broken_after"}:  # the key remembers that it broke: it is looked up instead
        with pytest.raises(GatewayUnreachable):
            send()
        if verb == "cancel":
            found: GatewayAnswer | None = provider.gateway.fetch("cancel", body["payment"], at=provider.at)
            assert found
            assert (found.state == "confirmed") is happened
        else:
            number = body["metadata"]["move_id"]
            found = provider.gateway.find(verb, number, body=body, since=since, at=provider.at)
            assert (found is not None) is happened
            assert found is None or (found.move_id, found.amount) == (number, 1_000)
            assert provider.gateway.find(verb, 10**9, body=body, since=since, at=provider.at) is None
    else:
        assert send().state in {"confirmed", "waiting"}
    assert count() == int(fault != "broken_before")


# Methods, customers, accounts


def test_a_saved_method_says_what_may_be_shown_of_it(provider: Provider) -> None:
    customer = provider.customer()
    saved = provider.add(customer, "succeeds")
    assert (saved.kind, saved.brand, saved.last4) == ("card", "Visa", "4242")
    assert saved.expires_on is not None
    assert saved.expires_on.year == provider.at.year + 3
    again = provider.add(customer, "succeeds")
    assert saved.fingerprint == again.fingerprint != ""
    assert provider.gateway.fetch_method(saved.provider_id, at=provider.at) == saved


def test_a_setup_that_nobody_finished_is_waiting(provider: Provider) -> None:
    customer = provider.customer()
    setup = provider.gateway.begin_setup(key="test:setup", customer=customer, at=provider.at)
    assert provider.gateway.begin_setup(key="test:setup", customer=customer, at=provider.at) == setup
    assert provider.gateway.fetch_setup(setup.provider_id, at=provider.at) == setup
    answer = provider.gateway.finish_setup(setup.provider_id, at=provider.at)
    assert (answer.state, answer.customer, answer.method) == ("waiting", customer, None)


def test_an_account_is_opened_once_and_names_its_banks(provider: Provider) -> None:
    facts: dict[str, Any] = {"party_id": 1, "name": "Bob", "email": "bob@example.org", "country": "FR"}
    opened = [provider.gateway.open_account(key="test:account", at=provider.at, **facts) for _time in range(2)]
    assert opened[0] == opened[1]
    bank = provider.onboard(opened[0])
    state = provider.gateway.account_state(opened[0], at=provider.at)
    assert (state.is_enabled, state.missing, state.is_closed) == (True, (), False)
    assert [each.provider_id for each in state.banks] == [bank]
    assert state.banks[0].label[2:8] == " ···· "


def test_banks_are_told_where_the_provider_asks_for_them(provider: Provider) -> None:
    account = provider.account()
    link = provider.gateway.onboarding_link(
        account, return_url="http://localhost/back/", refresh_url="http://localhost/again/", at=provider.at
    )
    assert bool(link) is provider.gateway.has_own_onboarding
    if provider.gateway.has_own_onboarding:
        with pytest.raises(BankRefused):
            provider.gateway.save_bank(key="test:bank", account=account, iban=WORKING_IBAN, at=provider.at)
    else:
        with pytest.raises(BankRefused):
            provider.gateway.save_bank(key="test:bank", account="unknown", iban=WORKING_IBAN, at=provider.at)


# Disputes


def contested(provider: Provider) -> str:
    paid = provider.charge("disputed")
    provider.pass_time()
    (record,) = provider.records("dispute")
    assert record.parent == paid.provider_id
    return str(record.provider_id)


def test_a_dispute_takes_the_money_and_a_fee(provider: Provider) -> None:
    dispute = provider.gateway.dispute(contested(provider), at=provider.at)
    assert (dispute.amount, dispute.currency, dispute.fee) == (105_000, "EUR", 1_500)
    assert (dispute.status, dispute.is_withheld, dispute.is_open) == ("needs_response", True, True)
    assert dispute.reason == "fraudulent"
    assert dispute.evidence_due_at is not None
    balances = provider.gateway.balances(CURRENCY)
    assert (balances.withheld, balances.platform) == (105_000, -provider.fee(105_000) - 1_500)


def test_a_disputed_charge_is_not_refunded(provider: Provider) -> None:
    dispute = provider.gateway.dispute(contested(provider), at=provider.at)
    answer = provider.send("refund", payment=dispute.payment)
    assert (answer.state, answer.code) == ("denied", "charge_disputed")


@pytest.mark.parametrize("is_won", [True, False])
def test_the_bank_decides_a_dispute(provider: Provider, is_won: bool) -> None:
    name = contested(provider)
    provider.decide_dispute(name, is_won=is_won)
    dispute = provider.gateway.dispute(name, at=provider.at)
    assert (dispute.status, dispute.is_withheld) == (("won", False) if is_won else ("lost", True))
    balances = provider.gateway.balances(CURRENCY)
    back = 105_000 if is_won else 0
    assert (balances.withheld, balances.platform) == (0, back - provider.fee(105_000) - 1_500)


@pytest.mark.parametrize(
    ("text", "status"),
    [("It was delivered.", "under_review"), ("winning_evidence", "won"), ("losing_evidence", "lost")],
)
def test_evidence_is_handed_in_once(provider: Provider, text: str, status: str) -> None:
    name = contested(provider)
    texts = dict.fromkeys(EVIDENCE_TEXTS, "Logo") | {"other": text}
    files = {each: EvidenceFile(f"{each}.pdf", "application/pdf", b"%PDF-1.7 test") for each in EVIDENCE_FILES}
    for _time in range(2):
        given = provider.gateway.submit_evidence(name, key="test:evidence", texts=texts, files=files, at=provider.at)
        assert given.status == status


# What the provider says by itself


def test_lists_show_everything_with_its_move(provider: Provider) -> None:
    account, bank, sent = earned(provider)
    provider.send("payout", account=account, bank=bank, amount=10_000)
    provider.send("reversal", transfer=sent.provider_id, amount=5_000)
    paid = provider.charge()
    provider.send("refund", payment=paid.provider_id, amount=2_000)
    provider.send("topup", amount=3_000)
    provider.pass_time()
    provider.send("cashout", amount=4_000)
    shown = {verb: provider.records(verb, account) for verb in VERBS if verb != "cancel"}
    assert {verb: sorted(each.amount for each in rows) for verb, rows in shown.items()} == {
        "charge": [105_000, 200_000],
        "refund": [2_000],
        "transfer": [90_000],
        "reversal": [5_000],
        "payout": [10_000],
        "topup": [3_000],
        "cashout": [4_000],
    }
    every = [row for rows in shown.values() for row in rows]
    assert all(row.move_id and row.currency == "EUR" for row in every)
    assert {row.account for row in (*shown["transfer"], *shown["payout"])} == {account}
    assert shown["reversal"][0].parent == sent.provider_id
    assert shown["refund"][0].parent == paid.provider_id
    assert {row.fee for row in shown["charge"]} == {provider.fee(105_000), provider.fee(200_000)}
    assert provider.records("payout") == []


def test_events_speak_of_moves_and_accounts_and_can_be_read_again(provider: Provider) -> None:
    since = provider.at
    account, bank, _sent = earned(provider)
    paid = provider.charge()
    payout = provider.send("payout", account=account, bank=bank, amount=10_000)
    provider.pass_time()
    events = provider.announced()
    said = {(event.verb, event.object_id, event.account) for event in events if event.verb}
    assert ("charge", paid.provider_id, "") in said
    assert ("payout", payout.provider_id, account) in said
    assert ("account", account, account) in said
    listed = {
        event.event_id: event for event in provider.gateway.events_since(since, accounts=[account], at=provider.at)
    }
    for event in events:
        again = listed[event.event_id]
        assert (again.kind, again.verb, again.object_id) == (event.kind, event.verb, event.object_id)


def test_no_call_is_made_inside_a_transaction(provider: Provider) -> None:
    gateway, at = provider.gateway, provider.at
    facts: dict[str, Any] = {"party_id": 1, "name": "", "email": "", "at": at}
    calls: list[Callable[[], object]] = [
        lambda: gateway.send("charge", key="k", body={}, at=at),
        lambda: gateway.fetch("charge", "x", at=at),
        lambda: gateway.find("charge", 1, body={}, since=at, at=at),
        lambda: gateway.second_step("x", at=at),
        lambda: gateway.open_customer(key="k", **facts),
        lambda: gateway.begin_setup(key="k", customer="c", at=at),
        lambda: gateway.fetch_setup("x", at=at),
        lambda: gateway.finish_setup("x", at=at),
        lambda: gateway.fetch_method("x", at=at),
        lambda: gateway.forget_method("x", at=at),
        lambda: gateway.open_account(key="k", country="FR", **facts),
        lambda: gateway.onboarding_link("x", return_url="", refresh_url="", at=at),
        lambda: gateway.account_state("x", at=at),
        lambda: gateway.save_bank(key="k", account="x", iban=WORKING_IBAN, at=at),
        lambda: gateway.dispute("x", at=at),
        lambda: gateway.submit_evidence("x", key="k", texts={}, files={}, at=at),
        lambda: gateway.events_since(at, at=at),
        lambda: gateway.balances(CURRENCY),
        lambda: gateway.listing("charge", since=at, at=at),
    ]
    for call in calls:
        with pytest.raises(CalledInsideTransaction), transaction.atomic():
            call()


def test_an_unknown_object_is_a_mistake_of_ours(provider: Provider) -> None:
    for call in (
        lambda: provider.gateway.fetch("charge", "pi_unknown", at=provider.at),
        lambda: provider.gateway.dispute("du_unknown", at=provider.at),
        lambda: provider.gateway.finish_setup("seti_unknown", at=provider.at),
    ):
        with pytest.raises(GatewayRefused):
            call()
