from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import charge_of, earn, kinds, pay, payee, recipient


def send(
    client: stripe.StripeClient, account: str, amount: int, charge: str | None = None, **given: Any
) -> stripe.Transfer:
    params: Any = {"amount": amount, "currency": "eur", "destination": account, **given}
    if charge is not None:
        params["source_transaction"] = charge
    return client.v1.transfers.create(params)


def test_a_charge_can_be_transferred_before_it_settles(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    charge = charge_of(pay(client, 10_000, transfer_group="contract:1"))
    transfer = send(client, account, 9_000, charge, metadata={"move_id": "5"}, transfer_group="contract:1")
    assert (transfer.source_transaction, transfer.transfer_group) == (charge, "contract:1")
    balance = client.v1.balance.retrieve({}, {"stripe_account": account})
    assert [(part.amount, part.currency) for part in balance.pending] == [(9_000, "eur")]
    assert [part.amount for part in balance.available] == [0]
    stripe_server.play.advance(days=2)
    balance = client.v1.balance.retrieve({}, {"stripe_account": account})
    assert [part.amount for part in balance.available] == [9_000]
    assert "transfer.created" in kinds(stripe_server)
    assert kinds(stripe_server, account)[-1] == "balance.available"
    payment = client.v1.charges.retrieve(str(transfer.destination_payment), {}, {"stripe_account": account})
    assert (payment.amount, payment.source_transfer) == (9_000, transfer.id)


def test_transfers_and_refunds_of_a_charge_stay_within_it(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    charge = charge_of(pay(client, 10_000))
    first = send(client, account, 4_000, charge)
    client.v1.refunds.create({"charge": charge, "amount": 3_000})
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed the source amount") as refusal:
        send(client, account, 3_001, charge)
    assert refusal.value.param == "amount"
    send(client, account, 3_000, charge)
    client.v1.transfers.reversals.create(first.id, {"amount": 1_000})
    with pytest.raises(stripe.InvalidRequestError):
        send(client, account, 1_001, charge)
    send(client, account, 1_000, charge)
    sums = stripe_server.totals()
    assert (sums.transferred, sums.reversed, sums.accounts[account]) == (8_000, 1_000, 7_000)


def test_without_a_source_only_available_money_goes(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    pay(client, 10_000)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        send(client, account, 5_000)
    assert (refusal.value.http_status, refusal.value.code) == (400, "balance_insufficient")
    stripe_server.play.advance(days=2)
    send(client, account, 5_000)
    with pytest.raises(stripe.InvalidRequestError) as beyond:
        send(client, account, 5_000)
    assert beyond.value.code == "balance_insufficient"
    assert stripe_server.totals().transferred == 5_000


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"currency": "usd"}, None, "currency"),
        ({"destination": "acct_none"}, "resource_missing", "destination"),
        ({"source_transaction": "ch_none"}, "resource_missing", "source_transaction"),
    ],
)
def test_what_cannot_be_transferred(
    stripe_server: StripeServer, changes: dict[str, Any], code: str | None, param: str
) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    params: Any = {
        "amount": 100,
        "currency": "eur",
        "destination": account,
        "source_transaction": charge_of(pay(client)),
    }
    changed: Any = {**params, **changes}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.transfers.create(changed)
    assert (refusal.value.code, refusal.value.param) == (code, param)
    assert stripe_server.totals().transferred == 0


def test_an_amount_is_needed_without_a_source(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.transfers.create({"currency": "eur", "destination": account})
    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "amount")


def test_an_account_that_is_not_onboarded_receives_nothing(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    account = recipient(client)
    charge = charge_of(pay(client))
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        send(client, account, 100, charge)
    assert refusal.value.code == "insufficient_capabilities_for_transfer"
    stripe_server.play.onboard(account=account, bank=None)
    assert send(client, account, 100, charge).amount == 100


def test_a_failed_charge_carries_nothing(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    with pytest.raises(stripe.CardError) as declined:
        pay(client, card="chargeDeclined")
    assert declined.value.error is not None
    with pytest.raises(stripe.InvalidRequestError, match="is failed"):
        send(client, account, 100, declined.value.error.charge)


def test_reversals_stay_within_the_transfer_and_the_balance(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = earn(stripe_server, account, 10_000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed amount"):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 10_001})
    part = client.v1.transfers.reversals.create(transfer.id, {"amount": 2_000, "metadata": {"move_id": "8"}})
    client.v1.payouts.create({"amount": 7_000, "currency": "eur"}, {"stripe_account": account})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.transfers.reversals.create(transfer.id, {"amount": 1_001})
    assert refusal.value.code == "balance_insufficient"
    rest = client.v1.transfers.reversals.create(transfer.id, {"amount": 1_000})
    found = client.v1.transfers.retrieve(transfer.id)
    assert (found.amount_reversed, found.reversed) == (3_000, False)
    assert [each.id for each in client.v1.transfers.reversals.list(transfer.id).data] == [rest.id, part.id]
    assert client.v1.transfers.reversals.retrieve(transfer.id, part.id).amount == 2_000
    assert kinds(stripe_server).count("transfer.reversed") == 2
    assert stripe_server.totals().accounts[account] == 0


def test_a_whole_reversal_happens_once(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = earn(stripe_server, account)
    client.v1.transfers.reversals.create(transfer.id)
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        client.v1.transfers.reversals.create(transfer.id)
    other = earn(stripe_server, account)
    reversal = client.v1.transfers.reversals.list(transfer.id).data[0]
    with pytest.raises(stripe.InvalidRequestError, match="No such transfer reversal"):
        client.v1.transfers.reversals.retrieve(other.id, reversal.id)


def test_pending_money_can_be_reversed(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = send(client, account, 9_000, charge_of(pay(client)))
    client.v1.transfers.reversals.create(transfer.id, {"amount": 4_000})
    stripe_server.play.advance(days=2)
    balance = client.v1.balance.retrieve({}, {"stripe_account": account})
    assert ([part.amount for part in balance.available], [part.amount for part in balance.pending]) == ([5_000], [0])


def test_lists_by_group_destination_and_time(stripe_server: StripeServer) -> None:
    client, bob, chloe = stripe_server.client(), payee(stripe_server), payee(stripe_server)
    charge = charge_of(pay(client))
    one = send(client, bob, 100, charge, transfer_group="contract:1")
    stripe_server.play.advance(hours=1)
    two = send(client, chloe, 100, charge, transfer_group="contract:1")
    three = send(client, bob, 100, charge, transfer_group="contract:2")
    by_group = client.v1.transfers.list({"transfer_group": "contract:1"})
    by_account = client.v1.transfers.list({"destination": bob})
    by_time = client.v1.transfers.list({"created": {"gt": one.created}})
    assert [each.id for each in by_group.data] == [two.id, one.id]
    assert [each.id for each in by_account.data] == [three.id, one.id]
    assert [each.id for each in by_time.data] == [three.id, two.id]
    changed = client.v1.transfers.update(one.id, {"metadata": {"a": "b"}})
    assert changed.metadata.to_dict() == {"a": "b"}
