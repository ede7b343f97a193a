"""Methods that are being added, disputes of the sandbox, and accounts of which the provider wants to know more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_client, make_staff, sign_in
from core.errors import NotAllowed
from core.machine import sources_of
from payments import actions
from payments.actions import inbox
from payments.actions.payouts import AccountElsewhere
from payments.gateway import MethodRefused, ProviderDispute
from payments.gateways.sandbox import WORKING_IBAN
from payments.models import (
    GatewayAccount,
    InboxCursor,
    MethodSetup,
    PaymentMethod,
    SandboxObject,
    WebhookEvent,
)
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_bank, make_card, sandbox, settle_all
from payments.tests.purposes import Told, start

DISPUTED = "4000000000000259"


def begin(person: Person, at: datetime) -> MethodSetup:
    assert person.party is not None
    return actions.begin_setup(party_id=person.party.pk, by=person.actor, at=at)[0]


def finish(setup: MethodSetup, person: Person, at: datetime) -> MethodSetup:
    return actions.finish_setup(setup_id=setup.pk, by=person.actor, at=at)


def test_a_setup_waits_until_its_card_is_typed_and_is_saved_once(alice: Person, at: datetime) -> None:
    setup = begin(alice, at)
    assert finish(setup, alice, at).status == MethodSetup.Status.OPEN
    assert not PaymentMethod.objects.exists()
    sandbox().type_card(str(setup.provider_id), number=cards.SUCCEEDS, at=at)
    for _time in range(2):
        saved = finish(setup, alice, at)
        assert (saved.status, saved.settled_at, saved.method) == ("saved", at, PaymentMethod.objects.get())
    method = PaymentMethod.objects.get()
    assert (method.last4, method.is_default, len(method.fingerprint)) == ("4242", True, 16)


def test_a_card_that_was_refused_leaves_the_setup_open_for_another(alice: Person, at: datetime) -> None:
    setup = begin(alice, at)
    with pytest.raises(MethodRefused):
        sandbox().type_card(str(setup.provider_id), number="5555555555554444", at=at)
    assert finish(setup, alice, at).status == MethodSetup.Status.OPEN
    assert begin(alice, at + timedelta(hours=1)).pk == setup.pk
    assert begin(alice, at + timedelta(hours=20)).pk != setup.pk


def test_nobody_begins_or_finishes_for_another_party(alice: Person, at: datetime) -> None:
    setup, stranger = begin(alice, at), make_client("Chloé", at=at)
    sandbox().type_card(str(setup.provider_id), number=cards.SUCCEEDS, at=at)
    assert alice.party is not None
    with pytest.raises(NotAllowed):
        actions.begin_setup(party_id=alice.party.pk, by=stranger.actor, at=at)
    with pytest.raises(NotAllowed):
        finish(setup, stranger, at)
    assert not PaymentMethod.objects.exists()
    assert MethodSetup.objects.get().status == MethodSetup.Status.OPEN


def test_the_table_of_a_setup_says_all_that_the_verb_does() -> None:
    assert {row.to for row in MethodSetup.TRANSITIONS} == set(MethodSetup.Status)
    assert sources_of(MethodSetup.TRANSITIONS, "finish_setup") == {MethodSetup.Status.OPEN}


def test_a_card_belongs_to_the_customer_who_added_it(alice: Person, at: datetime) -> None:
    chloe = make_client("Chloé", at=at)
    mine, theirs = make_card(alice, at=at), make_card(chloe, at=at)
    assert mine.provider_id != theirs.provider_id
    assert mine.fingerprint == theirs.fingerprint


def test_a_charge_whose_payer_is_away_waits_for_days(alice: Person, told: Told, at: datetime) -> None:
    card = make_card(alice, cards.SECOND_STEP, at=at)
    assert alice.party is not None
    charge = actions.start_charge(
        payer_id=alice.party.pk,
        method_id=card.pk,
        purpose="tests.thing",
        reference=7,
        scope="contract:5",
        title="Logo",
        gross=100_000,
        client_fee=5_000,
        is_payer_present=False,
        by=alice.actor,
        at=at,
    )
    waiting = actions.run_charge(charge_id=charge.pk, at=at)
    assert (waiting.status, waiting.give_up_at) == ("waiting", at + timedelta(days=7))
    assert actions.give_up_waiting_charges(at=at + timedelta(days=6)) == 0
    assert actions.give_up_waiting_charges(at=at + timedelta(days=7)) == 1


@pytest.mark.usefixtures("invented")  # the books of a dispute are written by those who look after it
def test_a_card_that_is_charged_back_is_told_of_and_decided_by_finance_staff(
    alice: Person, told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[ProviderDispute] = []
    monkeypatch.setattr(inbox, "see_dispute", lambda _gateway, dispute, _moment: heard.append(dispute))
    charge = actions.run_charge(charge_id=start(alice, make_card(alice, DISPUTED, at=at), at=at).pk, at=at)
    before = sandbox().balances("EUR")
    settle_all(at + SANDBOX_TIME)
    assert [(each.payment, each.amount, each.fee, each.status) for each in heard] == [
        (charge.provider_id, 105_000, 1_500, "needs_response")
    ]
    after = sandbox().balances("EUR")
    assert (after.platform, after.withheld) == (before.platform - 106_500, 105_000)
    dispute = heard[0].provider_id
    with pytest.raises(NotAllowed):
        actions.decide_sandbox_dispute(provider_id=dispute, is_won=True, by=alice.actor, at=at)
    fred = make_staff("Fred", "finance")
    for is_won in (True, False):  # the first decision stands
        actions.decide_sandbox_dispute(provider_id=dispute, is_won=is_won, by=fred.actor, at=at + SANDBOX_TIME)
    settle_all(at + 2 * SANDBOX_TIME)
    assert heard[-1].status == "won"
    assert sandbox().balances("EUR").platform == before.platform - 1_500


def test_an_event_that_was_lost_is_read_from_the_list(alice: Person, told: Told, at: datetime) -> None:
    actions.run_charge(charge_id=start(alice, make_card(alice, cards.LATER, at=at), at=at).pk, at=at)
    later = at + SANDBOX_TIME
    for event in sandbox().outgoing(at=later):
        sandbox().mark_delivered(event.pk, at=later)  # answered, and lost all the same
    assert actions.process_inbox(at=later) == 0
    assert actions.fill_gaps(at=later) == 1
    actions.process_inbox(at=later)
    assert told.heard == ["settled 7"]
    assert (InboxCursor.objects.get().read_until, WebhookEvent.objects.count()) == (later, 1)
    assert actions.fill_gaps(at=later + timedelta(hours=1)) == 0


def test_an_account_of_which_more_is_wanted_says_so_in_the_wallet(bob: Person, at: datetime) -> None:
    make_bank(bob, at)
    account = GatewayAccount.objects.get()
    sandbox().restrict_account(str(account.provider_id), missing=["document", "never_heard_of"], at=at)
    settle_all(at)
    account.refresh_from_db()
    assert (account.status, account.missing) == ("restricted", ["document", "never_heard_of"])
    client = Client()
    sign_in(client, bob)
    page = client.get(reverse("payments:wallet")).content.decode()
    assert "A document that proves who you are" in page
    assert "Something that our payment provider names on its page" in page


def test_an_account_that_waits_is_asked_about_hourly(bob: Person, at: datetime) -> None:
    assert bob.party is not None
    actions.add_payout_method(party_id=bob.party.pk, iban=WORKING_IBAN, by=bob.actor, at=at)
    SandboxObject.objects.filter(kind="account").update(data={"status": "enabled", "balance": 0, "party": bob.party.pk})
    assert actions.refresh_waiting_accounts(at=at + timedelta(minutes=59)) == 0
    assert actions.refresh_waiting_accounts(at=at + timedelta(minutes=60)) == 1
    assert GatewayAccount.objects.get().status == GatewayAccount.Status.ENABLED
    assert actions.refresh_waiting_accounts(at=at + timedelta(hours=3)) == 0


def test_a_bank_is_not_typed_here_where_the_provider_asks_for_it(bob: Person, at: datetime, settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "stripe"
    client = Client()
    sign_in(client, bob)
    cards.prove_password(client)
    answer = client.post(reverse("payments:payout_method_new"), {"iban": WORKING_IBAN})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("payments:onboarding"))
    assert not GatewayAccount.objects.exists()


def test_a_test_card_pays_nothing_where_money_is_real(alice: Person, told: Told, at: datetime, settings: Any) -> None:
    card = make_card(alice, at=at)
    settings.PAYMENT_GATEWAY = "stripe"
    with pytest.raises(actions.MethodNotUsable):
        start(alice, card, at=at)
    with pytest.raises(MethodRefused):
        make_card(alice, at=at)
    client = Client()
    sign_in(client, alice)
    assert "4242" not in client.get(reverse("payments:client")).content.decode()


def test_an_account_of_another_gateway_is_not_used(bob: Person, at: datetime, settings: Any) -> None:
    make_bank(bob, at)
    settings.PAYMENT_GATEWAY = "stripe"
    assert bob.party is not None
    with pytest.raises(AccountElsewhere):
        actions.begin_onboarding(party_id=bob.party.pk, return_url="", refresh_url="", by=bob.actor, at=at)
