"""What the server answers has only fields that the SDK's classes have, and its books add up under load."""

import json
import threading
from typing import Any
from urllib.request import Request, urlopen

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import CONSENT, earn, pay, payee, recipient
from tests.stripe_server.errors import Json
from tests.stripe_server.server import FOR_ACCOUNTS

CLASSES: dict[str, type[stripe.StripeObject]] = {
    "account": stripe.Account, "balance": stripe.Balance, "balance_settings": stripe.BalanceSettings,
    "balance_transaction": stripe.BalanceTransaction, "bank_account": stripe.BankAccount, "charge": stripe.Charge,
    "customer": stripe.Customer, "dispute": stripe.Dispute, "event": stripe.Event, "file": stripe.File,
    "mandate": stripe.Mandate, "payment_intent": stripe.PaymentIntent, "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout, "radar.early_fraud_warning": stripe.radar.EarlyFraudWarning, "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent, "topup": stripe.Topup, "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal, "v2.core.account": stripe.v2.core.Account,
}  # fmt: skip


def unknown_fields(thing: Any) -> set[str]:
    """Return the fields, at any depth, that the SDK's classes do not have."""
    if isinstance(thing, list):
        return {name for item in thing for name in unknown_fields(item)}
    if not isinstance(thing, dict):
        return set()
    kind = CLASSES.get(str(thing.get("object")))
    extra = set(thing) - set(kind.__annotations__) if kind else set()
    return {f"{thing['object']}.{name}" for name in extra} | {
        name for value in thing.values() for name in unknown_fields(value)
    }


def a_busy_day(server: StripeServer) -> None:
    """Do a little of everything."""
    client, account = server.client(), payee(server)
    customer = client.v1.customers.create({"email": "alice@example.com"})
    setup: Any = {
        "customer": customer.id, "payment_method": "pm_card_visa", "confirm": True, "mandate_data": CONSENT,
        "allowed_payment_method_types": ["card"],
    }  # fmt: skip
    client.v1.setup_intents.create(setup)
    for card in ("createDispute", "createIssuerFraudRecord", "authenticationRequired"):
        pay(client, card=card)
    with pytest.raises(stripe.CardError):
        pay(client, card="chargeDeclined")
    client.v1.refunds.create({"payment_intent": pay(client, card="refundFail").id})
    client.v1.transfers.reversals.create(earn(server, account).id, {"amount": 100})
    client.v1.payouts.create({"amount": 500, "currency": "eur"}, {"stripe_account": account})
    client.v1.topups.create({"amount": 500, "currency": "eur"})
    client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient", "requirements", "identity"]})
    server.play.advance(days=7)


def test_answers_have_only_the_fields_of_the_sdk(stripe_server: StripeServer) -> None:
    a_busy_day(stripe_server)
    things = list(stripe_server.world.objects.values())
    seen = {str(thing["object"]) for thing in things}
    assert set(CLASSES) - seen == {"balance", "balance_settings", "file", "v2.core.account"}
    answers = [call.answer for call in stripe_server.calls.all() if call.status == 200]
    assert unknown_fields(things) | unknown_fields(answers) == set()


def test_answers_hold_every_field_that_the_sdk_promises(stripe_server: StripeServer) -> None:
    a_busy_day(stripe_server)
    promised: dict[str, set[str]] = {
        "payment_intent": {"id", "status", "latest_charge", "last_payment_error", "next_action", "transfer_group"},
        "charge": {"balance_transaction", "amount_refunded", "disputed", "transfer_group", "payment_intent", "outcome"},
        "payout": {"status", "failure_code", "failure_message", "arrival_date", "automatic", "destination"},
        "transfer": {"amount_reversed", "reversed", "source_transaction", "destination_payment", "transfer_group"},
    }
    for kind, names in promised.items():
        for thing in stripe_server.world.every(kind):
            assert names <= set(thing)


def control(server: StripeServer, name: str, **given: Any) -> Json:
    body = json.dumps(given).encode()
    with urlopen(Request(f"{server.url}/_test/{name}", data=body, method="POST")) as answer:
        found: Json = json.load(answer)
        return found


def test_a_browser_can_play_stripe_js(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = client.v1.payment_intents.create(
        {"amount": 5_000, "currency": "eur", "allowed_payment_method_types": ["card"]}
    )
    good = control(stripe_server, "collect_card", number="4242424242424242")["id"]
    bad = control(stripe_server, "collect_card", number="4000000000000002")["id"]
    refused = control(stripe_server, "confirm", client_secret=intent.client_secret, payment_method=bad)
    assert refused["error"]["decline_code"] == "generic_decline"
    assert stripe_server.totals().charged == 0
    shown = control(stripe_server, "confirm", client_secret=intent.client_secret, payment_method=good)
    assert shown["payment_intent"]["status"] == "succeeded"
    again = control(stripe_server, "confirm", client_secret=intent.client_secret, payment_method=good)
    assert again["error"]["code"] == "payment_intent_unexpected_state"
    assert stripe_server.totals().charged == 5_000


def test_a_client_secret_is_needed_in_the_browser(stripe_server: StripeServer) -> None:
    intent = stripe_server.client().v1.payment_intents.create({"amount": 5_000, "currency": "eur"})
    with pytest.raises(OSError, match="400") as refusal:
        control(stripe_server, "confirm", client_secret=f"{intent.id}_secret_guess", payment_method="pm_card_visa")
    refusal.value.close()  # type: ignore[attr-defined]
    assert stripe_server.totals().charged == 0


def test_the_banks_page_can_be_used(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="threeDSecure2Required", return_url=f"{stripe_server.url}/_test/authenticate/none")
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    url = str(intent.next_action.redirect_to_url.url)
    with urlopen(url) as page:
        assert b"your bank" in page.read()
    with urlopen(Request(f"{url}?outcome=succeeds", data=b"", method="POST")) as page:
        assert page.url.endswith("/_test/authenticate/none")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_one_charge_is_never_transferred_twice_by_threads(stripe_server: StripeServer) -> None:
    account = payee(stripe_server)
    charge = str(pay(stripe_server.client(), 10_000).latest_charge)
    barrier, sent, refused = threading.Barrier(8), [], []

    def transfer() -> None:
        client = stripe_server.client()
        params: Any = {"amount": 3_000, "currency": "eur", "destination": account, "source_transaction": charge}
        barrier.wait()
        try:
            sent.append(client.v1.transfers.create(params).id)
        except stripe.InvalidRequestError as refusal:
            refused.append(refusal.param)

    threads = [threading.Thread(target=transfer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(sent), refused) == (3, ["amount"] * 5)
    assert stripe_server.totals().transferred == 9_000


def test_the_books_are_checked(stripe_server: StripeServer) -> None:
    pay(stripe_server.client())
    stripe_server.check()
    stripe_server.world.balances[None, "eur"]["pending"] += 1
    with pytest.raises(AssertionError):
        stripe_server.check()
    stripe_server.world.balances[None, "eur"]["pending"] -= 1


def test_an_error_of_the_server_itself_is_seen(stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_server.world, "balance_of", None)
    with pytest.raises(stripe.APIError):
        stripe_server.client().v1.balance.retrieve()
    assert ["TypeError" in bug for bug in stripe_server.bugs] == [True]
    with pytest.raises(AssertionError, match="TypeError"):
        stripe_server.check()
    stripe_server.bugs.clear()


def test_accounts_act_only_where_stripe_lets_them() -> None:
    assert "/v1/payouts" in FOR_ACCOUNTS
    assert not any(path.startswith(("/v1/transfers", "/v1/refunds", "/v1/payment_intents")) for path in FOR_ACCOUNTS)


def test_totals_of_a_whole_story(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = earn(stripe_server, account, 100_000)
    client.v1.transfers.reversals.create(transfer.id, {"amount": 10_000})
    client.v1.payouts.create({"amount": 60_000, "currency": "eur"}, {"stripe_account": account})
    client.v1.refunds.create({"charge": str(transfer.source_transaction), "amount": 10_000})
    sums = stripe_server.totals()
    assert (sums.charged, sums.refunded, sums.transferred, sums.reversed) == (100_000, 10_000, 100_000, 10_000)
    assert (sums.paid_out_by_accounts, sums.accounts) == (60_000, {account: 30_000})
    assert (sums.fees, sums.platform) == (2_930, -2_930)
    assert stripe_server.totals("usd").charged == 0
    assert recipient(client) not in sums.accounts
