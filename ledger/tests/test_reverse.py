"""Reversing a transfer: the only way to undo one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from ledger.actions import AlreadyReversed, InsufficientFunds, KeyClash, Leg, post, reverse
from ledger.models import Entry, Transfer
from ledger.queries import balances
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NAMES = ["gateway", "held:milestone:7", "frozen:case:2", "pending:party:5"]


@pytest.fixture
def freeze() -> int:
    post(
        key="charge:1", kind="funded", at=AT, currency="EUR", legs=[Leg("gateway", -900), Leg("held:milestone:7", 900)]
    )
    legs = [Leg("held:milestone:7", -900), Leg("frozen:case:2", 900)]
    return post(key="freeze:1", kind="freeze", at=AT, currency="EUR", legs=legs)


def test_a_reversal_undoes_the_transfer_and_points_at_it(freeze: int) -> None:
    reversal = Transfer.objects.get(pk=reverse(key="unfreeze:1", transfer_id=freeze, at=AT))
    assert (reversal.kind, reversal.reverses_id, reversal.currency) == ("reversal", freeze, "EUR")
    legs = Entry.objects.filter(transfer=reversal).values_list("account__name", "amount")
    assert sorted(legs) == [("frozen:case:2", -900), ("held:milestone:7", 900)]
    assert list(balances(NAMES, "EUR").values()) == [-900, 900, 0, 0]


def test_the_same_reversal_again_changes_nothing(freeze: int) -> None:
    first = reverse(key="unfreeze:1", transfer_id=freeze, at=AT)
    with nothing_happens():
        assert reverse(key="unfreeze:1", transfer_id=freeze, at=AT) == first


def test_a_transfer_is_reversed_once(freeze: int) -> None:
    reverse(key="unfreeze:1", transfer_id=freeze, at=AT)
    with nothing_happens(), pytest.raises(AlreadyReversed), transaction.atomic():
        reverse(key="unfreeze:2", transfer_id=freeze, at=AT)


def test_what_has_moved_on_cannot_be_taken_back(freeze: int) -> None:
    legs = [Leg("frozen:case:2", -900), Leg("pending:party:5", 900)]
    post(key="decide:1", kind="decided", at=AT, currency="EUR", legs=legs)
    with nothing_happens(), pytest.raises(InsufficientFunds), transaction.atomic():
        reverse(key="unfreeze:1", transfer_id=freeze, at=AT)


def test_a_key_of_a_reversal_is_no_key_for_a_plain_transfer_with_the_same_legs(freeze: int) -> None:
    reverse(key="unfreeze:1", transfer_id=freeze, at=AT)
    legs = [Leg("held:milestone:7", 900), Leg("frozen:case:2", -900)]
    with nothing_happens(), pytest.raises(KeyClash), transaction.atomic():
        post(key="unfreeze:1", kind="reversal", at=AT, currency="EUR", legs=legs)
