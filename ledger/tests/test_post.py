"""Posting one transfer: what it writes, and what the database refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ledger.actions import BadTransfer, InsufficientFunds, KeyClash, Leg, merge_legs, post
from ledger.checks import run_checks
from ledger.models import Account, Entry, Transfer
from ledger.queries import balance, balances

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FUNDED = [Leg("gateway", -1050), Leg("held:milestone:7", 1000), Leg("held_fee:milestone:7", 50)]

EVENT: dict[str, Any] = {"key": "charge:1", "kind": "funded", "at": AT, "currency": "EUR", "legs": FUNDED}


def fund(key: str = "charge:1", legs: list[Leg] | None = None, currency: str = "EUR") -> int:
    return post(key=key, kind="funded", at=AT, currency=currency, legs=FUNDED if legs is None else legs)


def assert_nothing_was_posted() -> None:
    assert not Transfer.objects.exists()
    assert not Entry.objects.exists()
    assert not Account.objects.exists()


def test_a_transfer_writes_its_entries_in_the_order_given() -> None:
    transfer = Transfer.objects.get(pk=fund())
    assert (transfer.key, transfer.kind, transfer.at, transfer.currency) == ("charge:1", "funded", AT, "EUR")
    entries = Entry.objects.filter(transfer=transfer).order_by("pk").values_list("account__name", "amount")
    assert list(entries) == [("gateway", -1050), ("held:milestone:7", 1000), ("held_fee:milestone:7", 50)]
    assert run_checks(of="ledger.") == []


def test_live_and_hot_accounts_both_know_what_they_hold() -> None:
    fund()
    names = ["gateway", "held:milestone:7", "held_fee:milestone:7", "held:milestone:8"]
    assert balances(names, "EUR") == {
        "gateway": -1050,
        "held:milestone:7": 1000,
        "held_fee:milestone:7": 50,
        "held:milestone:8": 0,
    }
    assert balance("gateway", "USD") == 0


def test_the_row_of_a_hot_account_is_never_moved() -> None:
    fund()
    assert Account.objects.get(name="gateway").balance == 0


def test_the_same_event_posted_again_changes_nothing() -> None:
    first = fund()
    assert fund() == first
    assert fund(legs=list(reversed(FUNDED))) == first
    assert Entry.objects.count() == 3
    assert balance("held:milestone:7", "EUR") == 1000


@pytest.mark.parametrize(
    "other",
    [
        {"legs": [Leg("gateway", -1000), Leg("held:milestone:7", 1000)]},
        {"legs": [Leg("gateway", -1050), Leg("held:milestone:8", 1000), Leg("held_fee:milestone:7", 50)]},
        {"currency": "USD"},
        {"kind": "release"},
    ],
    ids=["amounts", "account", "currency", "kind"],
)
def test_a_known_key_with_another_event_is_refused(other: dict[str, Any]) -> None:
    fund()
    with pytest.raises(KeyClash), transaction.atomic():
        post(**{**EVENT, **other})
    assert Transfer.objects.count() == 1
    assert balance("held:milestone:7", "EUR") == 1000


@pytest.mark.parametrize(
    "legs",
    [
        [],
        [Leg("gateway", -10), Leg("held:milestone:7", 9)],
        [Leg("held:milestone:7", 10)],
        [Leg("gateway", -10), Leg("held:milestone:7", 10), Leg("held_fee:milestone:7", 0)],
        [Leg("gateway", -10), Leg("held:milestone:7", 5), Leg("held:milestone:7", 5)],
        [Leg("gateway", -10), Leg("purse:party:1", 10)],
        [Leg("gateway", -10), Leg("rev:gifts", 10)],
        [Leg("gateway", -10), Leg("heldfee:milestone:7", 10)],
        [Leg("gateway", -10), Leg("held", 10)],
        [Leg("gateway:party:1", -10), Leg("held:milestone:7", 10)],
        [Leg("gateway", -10), Leg("held:", 10)],
        [Leg("gateway", -10), Leg("held:milestone 7", 10)],
        [Leg("gateway", -10), Leg("held:milestone:7\n", 10)],
        [Leg("", -10), Leg("held:milestone:7", 10)],
    ],
    ids=[
        "empty",
        "unbalanced",
        "one leg",
        "zero",
        "repeated",
        "unknown kind",
        "half a kind",
        "misspelt kind",
        "no owner",
        "owner of a common account",
        "empty owner",
        "space",
        "line break",
        "no name",
    ],
)
def test_legs_that_are_no_transfer_are_refused(legs: list[Leg]) -> None:
    with pytest.raises(BadTransfer), transaction.atomic():
        fund(legs=legs)
    assert_nothing_was_posted()


def test_nobody_spends_what_is_not_there() -> None:
    fund()
    with pytest.raises(InsufficientFunds) as refusal, transaction.atomic():
        fund("release:1", [Leg("held:milestone:7", -1001), Leg("pending:party:2", 1001)])
    assert refusal.value.message == "There is not enough money for this."
    assert balances(["held:milestone:7", "pending:party:2"], "EUR") == {"held:milestone:7": 1000, "pending:party:2": 0}
    assert Transfer.objects.count() == 1


def test_nobody_repays_more_than_is_owed() -> None:
    fund(legs=[Leg("receivable:party:2", -70), Leg("withheld", 70)])
    with pytest.raises(InsufficientFunds), transaction.atomic():
        fund("repay:1", [Leg("gateway", -71), Leg("receivable:party:2", 71)])
    fund("repay:2", [Leg("gateway", -70), Leg("receivable:party:2", 70)])
    assert balance("receivable:party:2", "EUR") == 0


def test_the_longest_kind_that_fits_is_meant() -> None:
    fund(legs=[Leg("gateway", -30), Leg("rev:service", 20), Leg("tax:payable", 10)])
    fund("grant:1", [Leg("issued:grant", -60), Leg("connects:party:4", 60)], "CONNECT")
    named = Account.objects.order_by("name").values_list("name", "kind_id", "owner", "sign", "currency")
    assert list(named) == [
        ("connects:party:4", "connects", "party:4", 1, "CONNECT"),
        ("gateway", "gateway", "", 0, "EUR"),
        ("issued:grant", "issued", "grant", 0, "CONNECT"),
        ("rev:service", "rev:service", "", 0, "EUR"),
        ("tax:payable", "tax:payable", "", 0, "EUR"),
    ]


def test_one_name_is_one_account_in_each_currency() -> None:
    fund()
    fund("charge:2", [Leg("gateway", -5), Leg("held:milestone:7", 5)], "USD")
    assert balance("held:milestone:7", "EUR") == 1000
    assert balance("held:milestone:7", "USD") == 5


def test_entries_written_past_the_function_must_balance_and_keep_to_one_currency() -> None:
    transfer_id = fund()
    fund("charge:2", [Leg("gateway", -5), Leg("held:milestone:8", 5)], "USD")
    fund("charge:3", [Leg("gateway", -5), Leg("held:milestone:9", 5)])
    dollars, euros = Account.objects.get(name="held:milestone:8"), Account.objects.get(name="held:milestone:9")
    with pytest.raises(IntegrityError, match="do not sum to 0"), transaction.atomic():
        Entry.objects.create(transfer_id=transfer_id, account=euros, amount=1)
    crossing = [Entry(transfer_id=transfer_id, account=account, amount=n) for account, n in ((dollars, -1), (euros, 1))]
    with pytest.raises(IntegrityError, match="not in the currency of its transfer"), transaction.atomic():
        Entry.objects.bulk_create(crossing)
    assert run_checks(of="ledger.") == []


def test_legs_are_merged_by_account_and_lose_what_comes_to_zero() -> None:
    legs = [Leg("held:offer:7", -10), Leg("held_fee:offer:7", 0), Leg("held:offer:7", -5), Leg("gateway", 15)]
    assert merge_legs(legs) == [Leg("held:offer:7", -15), Leg("gateway", 15)]


def test_the_operator_bears_the_loss_of_protected_work() -> None:
    post(
        key="chargeback_lost:1",
        kind="chargeback_lost",
        at=AT,
        currency="EUR",
        legs=[Leg("exp:protection", -480), Leg("rev:client_fee", -24), Leg("withheld", 504)],
    )
    names = ["exp:protection", "rev:client_fee", "withheld"]
    assert balances(names, "EUR") == {"exp:protection": -480, "rev:client_fee": -24, "withheld": 504}


def test_posting_costs_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        fund()
