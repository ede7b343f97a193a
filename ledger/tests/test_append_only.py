"""The books are only added to: whatever the code, the database refuses the rest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger.actions import Leg, post
from ledger.models import Account, Entry, Transfer
from ledger.queries import balance
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FORBIDDEN = [
    "UPDATE ledger_transfer SET at = now()",
    "DELETE FROM ledger_transfer",
    "TRUNCATE ledger_transfer",
    "TRUNCATE ledger_account, ledger_rollup",
    "UPDATE ledger_entry SET amount = amount + 1",
    "DELETE FROM ledger_entry WHERE false",
    "TRUNCATE ledger_entry",
    "UPDATE ledger_account SET balance = balance + 1",
    "UPDATE ledger_account SET owner = 'party:1'",
    "UPDATE ledger_account SET kind = 'pending'",
    "UPDATE ledger_account SET sign = -1",
    "UPDATE ledger_account SET currency = 'USD'",
    "DELETE FROM ledger_account",
]


@pytest.fixture(autouse=True)
def funded() -> None:
    legs = [Leg("gateway", -1000), Leg("held:milestone:7", 1000)]
    post(key="charge:1", kind="funded", at=AT, currency="EUR", legs=legs)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses(statement: str) -> None:
    with connection.cursor() as cursor, nothing_happens():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing of the posting is left to do
        cursor.execute("SET LOCAL jalon.may_truncate = off")
        with pytest.raises(IntegrityError, match="the books are only added to"), transaction.atomic():
            cursor.execute(statement)


def test_the_tables_are_emptied_only_where_a_test_set_up_says_so() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jalon.may_truncate = ''")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("TRUNCATE ledger_entry")
        assert Entry.objects.count() == 2
        cursor.execute("SET LOCAL jalon.may_truncate = on")
        cursor.execute("TRUNCATE ledger_entry")
    assert Entry.objects.count() == 0


def test_the_orm_is_refused_too() -> None:
    for thing in (Transfer.objects.get(), Entry.objects.first(), Account.objects.get(name="held:milestone:7")):
        assert thing is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            thing.save()
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            type(thing).objects.filter(pk=thing.pk)._raw_delete(using="default")


def test_a_transfer_gets_all_its_entries_in_one_statement_or_none() -> None:
    transfer = Transfer.objects.get()
    post(
        key="charge:2", kind="funded", at=AT, currency="EUR", legs=[Leg("held:offer:1", 5), Leg("held:milestone:7", -5)]
    )
    offer = Account.objects.get(name="held:offer:1")
    post(key="charge:3", kind="funded", at=AT, currency="EUR", legs=[Leg("held:offer:2", 1), Leg("held:offer:1", -1)])
    late = Account.objects.get(name="held:offer:2")
    lines = [Entry(transfer=transfer, account=offer, amount=-1), Entry(transfer=transfer, account=late, amount=1)]
    with pytest.raises(IntegrityError, match="has its entries already"), transaction.atomic():
        Entry.objects.bulk_create(lines)
    assert balance("held:offer:1", "EUR") == 4


def test_an_entry_needs_a_transfer_and_an_account_that_exist() -> None:
    held = Account.objects.get(name="held:milestone:7")
    for lines in (
        [Entry(transfer_id=0, account=held, amount=-1), Entry(transfer_id=0, account_id=held.pk + 1000, amount=1)],
        [Entry(transfer=Transfer.objects.get(), account_id=held.pk + n, amount=a) for n, a in ((1000, 1), (1001, -1))],
    ):
        with nothing_happens(), pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.bulk_create(lines)
