from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import earn, kinds, pay, payee, recipient


def withdraw(server: StripeServer, account: str, amount: int = 5_000, **given: Any) -> stripe.Payout:
    params: Any = {"amount": amount, "currency": "eur", **given}
    return server.client().v1.payouts.create(params, {"stripe_account": account})


def test_available_money_is_paid_out(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    earn(stripe_server, account, 10_000)
    payout = withdraw(stripe_server, account, 6_000, metadata={"move_id": "9"})
    assert (payout.status, payout.automatic) == ("pending", False)
    stripe_server.play.send_payout(payout=payout.id)
    stripe_server.play.pay_payout(payout=payout.id)
    found = client.v1.payouts.retrieve(payout.id, {}, {"stripe_account": account})
    assert (found.status, found.metadata and found.metadata.to_dict()) == ("paid", {"move_id": "9"})
    sums = stripe_server.totals()
    assert (sums.paid_out_by_accounts, sums.accounts[account]) == (6_000, 4_000)
    assert kinds(stripe_server, account)[-4:] == ["payout.created", "payout.updated", "payout.updated", "payout.paid"]
    assert [each.id for each in client.v1.payouts.list({"status": "paid"}, {"stripe_account": account}).data] == [
        payout.id
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 10_001}, "balance_insufficient"),
        ({"amount": 0}, "parameter_invalid_integer"),
        ({"currency": "usd"}, None),
        ({"destination": "ba_other"}, "resource_missing"),
        ({"method": "instant"}, "instant_payouts_unsupported"),
    ],
)
def test_what_cannot_be_paid_out(stripe_server: StripeServer, changes: dict[str, Any], code: str | None) -> None:
    account = payee(stripe_server)
    earn(stripe_server, account, 10_000)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        withdraw(stripe_server, account, **changes)
    assert refusal.value.code == code
    assert stripe_server.totals().paid_out_by_accounts == 0


def test_pending_money_cannot_be_paid_out(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    charge = str(pay(client).latest_charge)
    params: Any = {"amount": 5_000, "currency": "eur", "destination": account, "source_transaction": charge}
    client.v1.transfers.create(params)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        withdraw(stripe_server, account)
    assert refusal.value.code == "balance_insufficient"
    stripe_server.play.advance(days=2)
    assert withdraw(stripe_server, account).amount == 5_000


def test_an_account_without_checks_or_bank_is_not_paid_out(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    account = recipient(client)
    with pytest.raises(stripe.InvalidRequestError) as before:
        withdraw(stripe_server, account)
    stripe_server.play.onboard(account=account, bank=None)
    earn(stripe_server, account)
    with pytest.raises(stripe.InvalidRequestError, match="external accounts") as without_bank:
        withdraw(stripe_server, account)
    stripe_server.play.onboard(account=account)
    stripe_server.play.restrict(account=account, due=["individual.verification.document"])
    with pytest.raises(stripe.InvalidRequestError) as restricted:
        withdraw(stripe_server, account)
    stripe_server.play.restrict(account=account)
    assert withdraw(stripe_server, account).amount == 5_000
    codes = [refusal.value.code for refusal in (before, without_bank, restricted)]
    assert codes == ["payouts_not_allowed"] * 3


def test_a_payout_that_was_paid_can_still_fail(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    earn(stripe_server, account, 10_000)
    payout = withdraw(stripe_server, account)
    stripe_server.play.pay_payout(payout=payout.id)
    stripe_server.play.fail_payout(payout=payout.id, code="no_account")
    found = client.v1.payouts.retrieve(payout.id, {}, {"stripe_account": account})
    assert (found.status, found.failure_code) == ("failed", "no_account")
    assert found.failure_balance_transaction is not None
    assert stripe_server.totals().accounts[account] == 10_000
    with pytest.raises(Exception, match="is failed"):
        stripe_server.play.fail_payout(payout=payout.id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        withdraw(stripe_server, account)
    assert refusal.value.code == "payouts_not_allowed"
    bank = client.v1.accounts.external_accounts.list(account).data[0]
    assert isinstance(bank, stripe.BankAccount)
    assert bank.status == "errored"
    assert client.v1.accounts.retrieve(account).payouts_enabled is False
    stripe_server.play.onboard(account=account)
    assert withdraw(stripe_server, account).amount == 5_000


@pytest.mark.parametrize(
    ("bank", "status", "code"),
    [("DE89370400440532013000", "paid", None), ("DE62370400440532013001", "failed", "could_not_process")],
)
def test_a_payout_arrives_as_its_bank_account_says(
    stripe_server: StripeServer, bank: str, status: str, code: str | None
) -> None:
    account = payee(stripe_server, bank=bank)
    earn(stripe_server, account)
    payout = withdraw(stripe_server, account)
    stripe_server.play.advance(days=2)
    found = stripe_server.client().v1.payouts.retrieve(payout.id, {}, {"stripe_account": account})
    assert (found.status, found.failure_code) == (status, code)


def test_only_a_pending_payout_can_be_cancelled(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    earn(stripe_server, account, 10_000)
    payout = withdraw(stripe_server, account)
    assert client.v1.payouts.cancel(payout.id, {}, {"stripe_account": account}).status == "canceled"
    assert stripe_server.totals().accounts[account] == 10_000
    sent = withdraw(stripe_server, account)
    stripe_server.play.send_payout(payout=sent.id)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be canceled"):
        client.v1.payouts.cancel(sent.id, {}, {"stripe_account": account})
    assert kinds(stripe_server, account).count("payout.canceled") == 1


def test_payouts_belong_to_their_account(stripe_server: StripeServer) -> None:
    client, account, other = stripe_server.client(), payee(stripe_server), payee(stripe_server)
    earn(stripe_server, account)
    payout = withdraw(stripe_server, account)
    for options in ({}, {"stripe_account": other}):
        given: Any = options
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.payouts.retrieve(payout.id, {}, given)
        assert refusal.value.http_status == 404
        assert client.v1.payouts.list({}, given).data == []


def test_a_schedule_that_is_not_manual_pays_out_by_itself(stripe_server: StripeServer) -> None:
    client, manual, daily = stripe_server.client(), payee(stripe_server), recipient(stripe_server.client())
    stripe_server.play.onboard(account=daily)
    for account in (manual, daily):
        earn(stripe_server, account, 10_000)
    stripe_server.play.advance(days=1)
    by_itself = client.v1.payouts.list({}, {"stripe_account": daily}).data
    assert [(each.amount, each.automatic) for each in by_itself] == [(10_000, True)]
    assert client.v1.payouts.list({}, {"stripe_account": manual}).data == []
    stripe_server.play.advance(days=2)
    assert "payout.reconciliation_completed" in kinds(stripe_server, daily)


def test_settings_of_the_platform_and_of_accounts(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), recipient(stripe_server.client())
    intervals = []
    for options in ({}, {"stripe_account": account}):
        given: Any = options
        payouts = client.v1.balance_settings.retrieve({}, given).payments.payouts
        assert payouts is not None
        assert payouts.schedule is not None
        intervals.append(payouts.schedule.interval)
    assert intervals == ["manual", "daily"]
    wanted: Any = {"payments": {"payouts": {"schedule": {"interval": "manual"}}, "debit_negative_balances": True}}
    found = client.v1.balance_settings.update(wanted, {"stripe_account": account})
    assert found.payments.debit_negative_balances is True
    assert kinds(stripe_server, account)[-1] == "balance_settings.updated"


def test_the_platform_pays_itself_out_and_tops_up(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    pay(client, 10_000, "bypassPending")
    client.v1.payouts.create({"amount": 1_000, "currency": "eur"})
    topup = client.v1.topups.create({"amount": 50_000, "currency": "eur", "metadata": {"move_id": "1"}})
    assert topup.status == "pending"
    stripe_server.play.advance(days=1)
    assert client.v1.topups.retrieve(topup.id).status == "succeeded"
    failed = client.v1.topups.create({"amount": 70_000, "currency": "eur"})
    stripe_server.play.end_topup(topup=failed.id, failure="insufficient_funds")
    assert [each.status for each in client.v1.topups.list().data] == ["failed", "succeeded"]
    sums = stripe_server.totals()
    assert (sums.paid_out, sums.topped_up, sums.platform) == (1_000, 50_000, 58_680)
    stripe_server.play.reverse_topup(topup=topup.id)
    assert client.v1.topups.retrieve(topup.id).status == "reversed"
    assert stripe_server.totals().topped_up == 0
    with pytest.raises(Exception, match="is reversed"):
        stripe_server.play.reverse_topup(topup=topup.id)
    assert [kind for kind in kinds(stripe_server) if kind.startswith("topup")] == [
        "topup.created", "topup.succeeded", "topup.created", "topup.failed", "topup.reversed",
    ]  # fmt: skip


def test_movements_can_be_listed(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    transfer = earn(stripe_server, account, 10_000)
    payout = withdraw(stripe_server, account)
    mine = client.v1.balance_transactions.list({}, {"stripe_account": account}).data
    assert [(each.type, each.amount) for each in mine] == [("payout", -5_000), ("payment", 10_000)]
    by_source = client.v1.balance_transactions.list({"source": transfer.id}).data
    assert [(each.type, each.net) for each in by_source] == [("transfer", -10_000)]
    by_type = client.v1.balance_transactions.list({"type": "charge", "expand": ["data.source"]}).data
    assert [isinstance(each.source, stripe.Charge) for each in by_type] == [True]
    whole = client.v1.payouts.retrieve(payout.id, {"expand": ["balance_transaction"]}, {"stripe_account": account})
    assert isinstance(whole.balance_transaction, stripe.BalanceTransaction)
    assert whole.balance_transaction.net == -5_000
