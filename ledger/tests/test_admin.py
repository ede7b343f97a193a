"""The books in the admin: found and read by finance staff, changed by nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import make_staff, sign_in
from ledger.actions import Leg, post
from ledger.actions import reverse as reverse_transfer
from ledger.models import Account, Entry, Transfer
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MODELS = ("account", "transfer", "entry")


@pytest.fixture
def books() -> None:
    charge = [Leg("gateway", -105_000), Leg("held:milestone:7", 100_000), Leg("held_fee:milestone:7", 5_000)]
    charged = post(key="charge:1", kind="funded", at=AT, currency="EUR", legs=charge)
    reverse_transfer(key="charge:1:back", transfer_id=charged, at=AT)
    grant = [Leg("issued:grant", -60), Leg("connects:party:12", 60)]
    post(key="grant:1", kind="grant", at=AT, currency="CONNECT", legs=grant)
    post(key="charge:2", kind="funded", at=AT, currency="EUR", legs=[Leg("gateway", -500), Leg("credit:party:12", 500)])


@pytest.fixture
def finance(client: Client) -> Client:
    sign_in(client, make_staff("Farah", "finance"))
    return client


def page(client: Client, model: str, query: str = "") -> str:
    answer = client.get(reverse(f"admin:ledger_{model}_changelist") + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.usefixtures("books")
def test_accounts_are_shown_with_what_they_hold(finance: Client) -> None:
    shown = page(finance, "account")
    assert "-€5.00" in shown.replace("\u2212", "-")
    assert ">60<" in shown
    assert "held:milestone:7" in shown


@pytest.mark.usefixtures("books")
def test_accounts_are_found_by_name_and_by_owner(finance: Client) -> None:
    found = page(finance, "account", "?q=party:12")
    assert "connects:party:12" in found
    assert "credit:party:12" in found
    assert "held:milestone:7" not in found.replace("such as held:milestone:7", "")
    assert "1 account" in page(finance, "account", "?q=held:milestone:7")
    assert "1 account" in page(finance, "account", "?kind=credit")


@pytest.mark.usefixtures("books")
def test_transfers_are_found_by_key_and_by_owner(finance: Client) -> None:
    assert "1 transfer" in page(finance, "transfer", "?q=charge:1")
    assert "2 transfers" in page(finance, "transfer", "?q=milestone:7")
    assert "0 transfers" in page(finance, "transfer", "?q=charge:99")


@pytest.mark.usefixtures("books")
def test_entries_are_found_by_key_account_and_owner(finance: Client) -> None:
    gateway = Account.objects.get(name="gateway")
    for query, count in (
        ("?q=charge:1", "3 entries"),
        ("?q=held:milestone:7", "2 entries"),
        ("?q=milestone:7", "4 entries"),
        (f"?account={gateway.pk}", "3 entries"),
    ):
        assert count in page(finance, "entry", query)


@pytest.mark.usefixtures("books")
def test_a_transfer_shows_its_legs_and_what_undid_it(finance: Client) -> None:
    transfer = Transfer.objects.get(key="charge:1")
    answer = finance.get(reverse("admin:ledger_transfer_change", args=[transfer.pk]))
    shown = answer.content.decode()
    assert "€1,000.00" in shown
    assert "\u2212€1,050.00" in shown
    assert "charge:1:back" in shown
    assert answer.status_code == 200


@pytest.mark.usefixtures("books")
def test_an_account_links_to_its_entries(finance: Client) -> None:
    account = Account.objects.get(name="gateway")
    shown = finance.get(reverse("admin:ledger_account_change", args=[account.pk])).content.decode()
    assert f'href="{reverse("admin:ledger_entry_changelist")}?account={account.pk}"' in shown


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted(finance: Client, model: str) -> None:
    rows = {"account": Account.objects, "transfer": Transfer.objects, "entry": Entry.objects}
    row = rows[model].first()
    assert row is not None
    with nothing_happens():
        assert finance.get(reverse(f"admin:ledger_{model}_add")).status_code == 403
        assert finance.post(reverse(f"admin:ledger_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        changed = finance.post(reverse(f"admin:ledger_{model}_change", args=[row.pk]), {"balance": "1", "amount": "1"})
        assert changed.status_code == 403


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("group", ["support", "moderator", "mediator"])
@pytest.mark.parametrize("model", MODELS)
def test_other_staff_do_not_look_into_the_books(client: Client, group: str, model: str) -> None:
    sign_in(client, make_staff("Dora", group))
    assert client.get(reverse(f"admin:ledger_{model}_changelist")).status_code == 403


@pytest.mark.usefixtures("books")
def test_administrators_do(client: Client) -> None:
    sign_in(client, make_staff("Ada", "administrator"))
    assert "held:milestone:7" in page(client, "account")
