"""The product on Stripe: from a card that is typed at the provider to money at the bank, told of by signed webhooks."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import Person, make_client, make_freelancer
from core.clock import real_now
from core.product import rules
from events.models import Event
from ledger.checks import run_checks
from ledger.queries import balance
from payments import actions
from payments.gateway import GatewayRefused, GatewayUnreachable
from payments.gateways import gateway_named
from payments.gateways.signatures import sign
from payments.gateways.stripe import client as stripe_client
from payments.models import (
    Charge,
    Chargeback,
    GatewayAccount,
    InboxCursor,
    MethodSetup,
    MoneyMove,
    PaymentMethod,
    PayoutMethod,
    WebhookEvent,
    Withdrawal,
)
from payments.queries import latest_charge
from payments.tests import cards
from payments.tests.purposes import Told, purpose_for, start
from proposals.actions import buy_connects
from proposals.models import CONNECTS_PURPOSE, ConnectPurchase, connects_account
from tests.providers import body_for, listen, stripe_settings
from tests.stripe_server import StripeServer

pytestmark = pytest.mark.django_db
VISA, NEEDS_BANK = "4242424242424242", "4000002760003184"
DEBIT, BAD_DEBIT = "AT611904300234573201", "AT861904300235473202"


@pytest.fixture
def server(settings: Any) -> Iterator[StripeServer]:
    """Serve a Stripe that the product of this test uses; its webhooks wait until they are delivered."""
    with StripeServer() as running:
        for name, value in stripe_settings(running).items():
            setattr(settings, name, value)
        running.webhooks.hold()
        listen(running, "http://localhost")
        yield running
        running.check()


@pytest.fixture
def at() -> datetime:
    """Return a moment that what the site receives during the test is not after."""
    return real_now().replace(microsecond=0) + timedelta(minutes=2)


@pytest.fixture
def alice(db: None, at: datetime) -> Person:
    return make_client("Alice", at=at)


@pytest.fixture
def bob(db: None, at: datetime) -> Person:
    return make_freelancer("Bob", at=at)


@pytest.fixture
def told(bob: Person) -> Iterator[Told]:
    with purpose_for(bob) as told:
        yield told


def post(delivery: Any, *, path: str = "", headers: dict[str, str] | None = None) -> int:
    """Deliver a webhook to the site as Stripe does, and return the answer's status."""
    address = path or delivery.endpoint.url.removeprefix("http://localhost")
    answer = Client(enforce_csrf_checks=True).post(
        address, delivery.body, content_type="application/json", headers=headers or delivery.headers()
    )
    return answer.status_code


def deliver(server: StripeServer, at: datetime, *, order: random.Random | None = None, copies: int = 1) -> None:
    """Deliver all that waits, and work through it."""
    waiting = list(server.webhooks.held) * copies
    server.webhooks.held.clear()
    if order:
        order.shuffle(waiting)
    for delivery in waiting:
        assert post(delivery) == 200, delivery.event["type"]
    for _round in range(3):
        actions.process_inbox(at=at)
    failed = WebhookEvent.objects.exclude(error="").values_list("kind", "error")
    assert list(failed) == []


def type_method(server: StripeServer, person: Person, at: datetime, number: str = VISA) -> MethodSetup:
    """Type a card or an IBAN into the provider's fields; nobody has told the product yet."""
    assert person.party is not None
    setup, begun = actions.begin_setup(party_id=person.party.pk, by=person.actor, at=at)
    collect = (
        server.play.collect_card(number=number) if number[:2].isdigit() else server.play.collect_debit(iban=number)
    )
    server.play.confirm(client_secret=begun.client_secret, payment_method=collect["id"])
    if server.world.objects[begun.provider_id]["status"] == "requires_action":
        server.play.authenticate(intent=begun.provider_id)
    return setup


def add_method(server: StripeServer, person: Person, at: datetime, number: str = VISA) -> PaymentMethod:
    """Add a method as the page does."""
    setup = type_method(server, person, at, number)
    finished = actions.finish_setup(setup_id=setup.pk, by=person.actor, at=at)
    assert finished.method is not None
    return finished.method


def books(name: str) -> int:
    return balance(name, "EUR")


# Methods


def test_a_card_is_saved_though_its_page_was_closed(server: StripeServer, alice: Person, at: datetime) -> None:
    setup = type_method(server, alice, at)
    assert not PaymentMethod.objects.exists()
    deliver(server, at)
    setup.refresh_from_db()
    method = PaymentMethod.objects.get()
    assert (setup.status, setup.method_id) == ("saved", method.pk)
    assert (method.kind, method.brand, method.last4, method.is_default) == ("card", "Visa", "4242", True)
    actions.finish_setup(setup_id=setup.pk, by=alice.actor, at=at)
    assert Event.objects.filter(kind="payments.method_added").count() == 1


def test_no_number_is_sent_or_kept_by_the_product(server: StripeServer, alice: Person, at: datetime) -> None:
    add_method(server, alice, at)
    deliver(server, at)
    assert VISA not in str([(call.params, call.key) for call in server.calls.all()])
    assert VISA not in str(list(WebhookEvent.objects.values_list("body", flat=True)))


def test_a_setup_is_taken_up_again_and_begun_anew_once_it_is_saved(
    server: StripeServer, alice: Person, at: datetime
) -> None:
    assert alice.party is not None
    first, _begun = actions.begin_setup(party_id=alice.party.pk, by=alice.actor, at=at)
    assert actions.begin_setup(party_id=alice.party.pk, by=alice.actor, at=at)[0].pk == first.pk
    add_method(server, alice, at)
    assert actions.begin_setup(party_id=alice.party.pk, by=alice.actor, at=at)[0].pk != first.pk


def test_the_same_card_once_more_takes_the_place_of_the_older(
    server: StripeServer, alice: Person, at: datetime
) -> None:
    older, newer = (add_method(server, alice, at) for _time in range(2))
    older.refresh_from_db()
    assert (older.status, newer.status, newer.is_default) == ("removed", "active", True)
    assert server.world.objects[older.provider_id]["customer"] is None


def test_a_method_that_the_provider_lets_go_is_removed(server: StripeServer, alice: Person, at: datetime) -> None:
    method = add_method(server, alice, at)
    server.client().v1.payment_methods.detach(method.provider_id)
    deliver(server, at)
    method.refresh_from_db()
    assert method.status == "removed"


# Charges


def test_a_charge_is_confirmed_by_page_and_webhook_once(
    server: StripeServer, alice: Person, told: Told, at: datetime
) -> None:
    charge = start(alice, add_method(server, alice, at), at=at)
    assert actions.run_charge(charge_id=charge.pk, at=at).status == Charge.Status.CONFIRMED
    deliver(server, at, order=random.Random(1), copies=3)
    assert told.heard == ["settled 7"]
    fee = (105_000 * 29 + 500) // 1000 + 30
    assert (books("held:thing:7"), books("gateway"), books("exp:gateway")) == (100_000, -105_000 + fee, -fee)
    assert -books("gateway") == server.totals().platform
    assert cards.differences() == []


@pytest.mark.parametrize(("is_approved", "heard"), [(True, ["settled 7"]), (False, ["failed 7 authentication_failed"])])
def test_a_payer_who_was_away_answers_on_the_same_payment(
    server: StripeServer, alice: Person, told: Told, at: datetime, is_approved: bool, heard: list[str]
) -> None:
    method = add_method(server, alice, at, NEEDS_BANK)
    charge = start(alice, method, at=at)
    Charge.objects.filter(pk=charge.pk).update(is_payer_present=False)
    waiting = actions.run_charge(charge_id=charge.pk, at=at)
    assert (waiting.status, waiting.give_up_at) == ("waiting", at + timedelta(days=rules().payer_absent_wait_days))
    assert waiting.next_url == f"/payments/confirm/{waiting.provider_id}/"
    deliver(server, at)
    assert told.heard == []
    secret = server.world.objects[str(waiting.provider_id)]["client_secret"]
    server.play.confirm(client_secret=secret, payment_method=method.provider_id)
    server.play.authenticate(intent=str(waiting.provider_id), succeeds=is_approved)
    deliver(server, at)
    assert told.heard == heard
    assert Charge.objects.get().provider_id == waiting.provider_id
    assert server.totals().charged == (105_000 if is_approved else 0)


@pytest.mark.parametrize(("iban", "heard"), [(DEBIT, ["settled 7"]), (BAD_DEBIT, ["failed 7 insufficient_funds"])])
def test_a_debit_is_collected_for_days(
    server: StripeServer, alice: Person, told: Told, at: datetime, iban: str, heard: list[str]
) -> None:
    method = add_method(server, alice, at, iban)
    assert (method.kind, method.brand, method.last4, method.expires_on) == ("sepa_debit", "SEPA", iban[-4:], None)
    assert method.mandate
    charge = actions.run_charge(charge_id=start(alice, method, at=at).pk, at=at)
    assert (charge.status, charge.next_url, charge.give_up_at) == ("waiting", "", None)
    deliver(server, at)
    assert told.heard == []
    server.play.advance(days=8)
    deliver(server, at + timedelta(days=8))
    assert told.heard == heard


def test_a_waiting_charge_that_is_given_up_is_cancelled_at_the_provider(
    server: StripeServer, alice: Person, told: Told, at: datetime
) -> None:
    method = add_method(server, alice, at, NEEDS_BANK)
    charge = actions.run_charge(charge_id=start(alice, method, at=at).pk, at=at)
    assert charge.status == Charge.Status.WAITING
    actions.give_up_waiting_charges(at=at + timedelta(hours=25))
    actions.run_due_moves(at=at + timedelta(hours=25))
    charge.refresh_from_db()
    assert (charge.status, charge.failure_code) == ("denied", "canceled")
    assert server.world.objects[str(charge.provider_id)]["status"] == "canceled"
    deliver(server, at + timedelta(hours=25), order=random.Random(2), copies=2)
    assert told.heard == ["failed 7 canceled"]


# Connects, off session


def buy(person: Person, method_id: int, at: datetime, token: str = "form") -> tuple[ConnectPurchase, Charge]:
    """Buy 20 connects as the page does."""
    assert person.party is not None
    purchase = buy_connects(
        party_id=person.party.pk, quantity=20, method_id=method_id, token=token, by=person.actor, at=at
    )
    charge = latest_charge(CONNECTS_PURPOSE, purchase.pk)
    assert charge is not None
    charge = actions.run_charge(charge_id=charge.pk, at=at)
    purchase.refresh_from_db()
    return purchase, charge


def connects_of(person: Person) -> int:
    assert person.party is not None
    return balance(connects_account(person.party.pk), "CONNECT")


def test_connects_are_charged_to_the_saved_card_off_session(server: StripeServer, bob: Person, at: datetime) -> None:
    method = add_method(server, bob, at)
    purchase, _charge = buy(bob, method.pk, at)
    deliver(server, at, order=random.Random(5), copies=2)
    (call,) = server.calls.of("POST", "/v1/payment_intents")
    assert (call.params["off_session"], call.params["payment_method"]) == ("true", method.provider_id)
    assert (purchase.status, connects_of(bob), books("rev:connects")) == ("paid", 20, 300)
    assert server.totals().charged == 300


@pytest.mark.parametrize(("is_approved", "state", "held"), [(True, "paid", 20), (False, "failed", 0)])
def test_a_bank_that_wants_the_buyer_gets_them_on_the_same_payment(
    server: StripeServer, bob: Person, at: datetime, is_approved: bool, state: str, held: int
) -> None:
    method = add_method(server, bob, at, NEEDS_BANK)
    purchase, charge = buy(bob, method.pk, at)
    deliver(server, at)
    assert (charge.status, charge.next_url) == ("waiting", f"/payments/confirm/{charge.provider_id}/")
    assert (purchase.status, connects_of(bob)) == ("paying", 0)
    step = gateway_named("stripe").second_step(str(charge.provider_id), at=at)
    assert (step.is_declined, step.method) == (True, method.provider_id)
    server.play.confirm(client_secret=step.client_secret, payment_method=step.method)
    server.play.authenticate(intent=str(charge.provider_id), succeeds=is_approved)
    deliver(server, at, order=random.Random(6), copies=3)
    purchase.refresh_from_db()
    assert (purchase.status, connects_of(bob)) == (state, held)
    assert len(server.world.by_kind["payment_intent", None]) == 1
    assert server.totals().charged == (300 if is_approved else 0)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_lost"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
    ids=["soft", "lost", "expired"],
)
def test_a_refused_card_ends_the_purchase_and_another_card_makes_another(
    server: StripeServer, bob: Person, at: datetime, token: str, code: str
) -> None:
    method = add_method(server, bob, at)
    good = method.provider_id
    PaymentMethod.objects.filter(pk=method.pk).update(provider_id=token)  # a card that went bad after it was saved
    purchase, charge = buy(bob, method.pk, at)
    deliver(server, at, copies=2)
    assert (purchase.status, charge.status, charge.failure_code) == ("failed", "denied", code)
    assert server.world.objects[str(charge.provider_id)]["status"] == "canceled"
    PaymentMethod.objects.filter(pk=method.pk).update(provider_id=good)
    again, _charge = buy(bob, method.pk, at, "another form")
    deliver(server, at, copies=2)
    assert (again.status, connects_of(bob), server.totals().charged) == ("paid", 20, 300)


# From the charge to the bank


def onboarded(server: StripeServer, bob: Person, at: datetime) -> GatewayAccount:
    """Let Bob tell the provider about himself, and the provider tell the product."""
    assert bob.party is not None
    url = actions.begin_onboarding(
        party_id=bob.party.pk, return_url="http://localhost/b", refresh_url="http://localhost/r", by=bob.actor, at=at
    )
    account = GatewayAccount.objects.get()
    assert url.startswith(server.url)
    deliver(server, at)
    account.refresh_from_db()
    assert account.status != GatewayAccount.Status.ENABLED
    assert set(account.missing) >= {"bank", "document"}
    server.play.onboard(account=str(account.provider_id))
    deliver(server, at)
    account.refresh_from_db()
    return account


@pytest.mark.parametrize("generation", ["v1", "v2"])
def test_an_account_is_told_about_at_the_provider_and_read_back(
    server: StripeServer, bob: Person, at: datetime, settings: Any, generation: str
) -> None:
    settings.STRIPE_ACCOUNTS = generation
    account = onboarded(server, bob, at)
    assert (account.status, account.missing, account.enabled_at) == ("enabled", [], at)
    bank = PayoutMethod.objects.get()
    assert (bank.label, bank.status) == ("DE ···· 3000", "active")
    assert bank.usable_from == at + timedelta(days=rules().payout_method_wait_days)
    kept = server.client().v1.balance_settings.retrieve(None, {"stripe_account": str(account.provider_id)}).to_dict()
    assert kept["payments"]["payouts"]["schedule"]["interval"] == "manual"
    server.play.restrict(account=str(account.provider_id), due=["individual.verification.document"])
    deliver(server, at)
    account.refresh_from_db()
    assert (account.status, account.missing) == ("restricted", ["document"])


def test_money_goes_from_the_card_to_the_bank_and_comes_back_once(
    server: StripeServer, alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    assert bob.party is not None
    party = f"party:{bob.party.pk}"
    actions.run_charge(charge_id=start(alice, add_method(server, alice, at), at=at).pk, at=at)
    account = onboarded(server, bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    assert (books(f"available:{party}"), books(f"connected:{party}")) == (90_000, -90_000)
    server.play.advance(days=rules().security_days)
    withdrawal = actions.request_withdrawal(
        party_id=bob.party.pk, method_id=PayoutMethod.objects.get().pk, amount=90_000, by=bob.actor, at=later
    )
    actions.run_due_moves(at=later)
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.SENT
    payout = str(withdrawal.provider_id)
    server.play.pay_payout(payout=payout)
    deliver(server, later, order=random.Random(3), copies=2)
    withdrawal.refresh_from_db()
    assert (withdrawal.status, books(f"connected:{party}")) == ("paid", 0)
    assert server.totals().paid_out_by_accounts == 90_000

    server.play.fail_payout(payout=payout, code="no_account")
    deliver(server, later, order=random.Random(4), copies=3)
    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.failure_code) == ("returned", "no_account")
    assert (books(f"available:{party}"), books(f"connected:{party}")) == (90_000, -90_000)
    totals = server.totals()
    assert (-books("gateway"), 90_000) == (totals.platform, totals.accounts[str(account.provider_id)])
    ours = [each for each in run_checks() if each.check.startswith(("ledger.", "payments."))]
    assert [str(difference) for difference in ours] == []
    assert cards.differences() == []
    keys: dict[str, set[str]] = {}
    for call in server.calls.all():
        if call.key:
            keys.setdefault(call.key, set()).add(call.fingerprint)
    assert {len(bodies) for bodies in keys.values()} == {1}


# The inbox


def first(server: StripeServer, kind: str) -> Any:
    return next(each for each in server.webhooks.held if each.event["type"] == kind)


@pytest.fixture
def paid(server: StripeServer, alice: Person, told: Told, at: datetime) -> Charge:
    return actions.run_charge(charge_id=start(alice, add_method(server, alice, at), at=at).pk, at=at)


def test_each_address_believes_its_own_secrets_only(server: StripeServer, paid: Charge) -> None:
    delivery = first(server, "payment_intent.succeeded")
    for path in (
        "/webhooks/stripe/connect/",
        "/webhooks/stripe/thin/",
        "/webhooks/sandbox/",
        "/webhooks/stripe/nothing/",
    ):
        assert post(delivery, path=path) == 400
    assert not WebhookEvent.objects.exists()
    assert post(delivery) == 200


@pytest.mark.parametrize(("scope", "secret"), [("connect/", "whsec_connect"), ("thin/", "whsec_thin")])
def test_an_event_at_the_address_of_another_scope_is_refused_though_it_is_signed(
    server: StripeServer, paid: Charge, scope: str, secret: str
) -> None:
    delivery = first(server, "payment_intent.succeeded")
    headers = {"Stripe-Signature": sign(delivery.body, secret=secret.encode(), stamp=int(time.time()))}
    assert post(delivery, path=f"/webhooks/stripe/{scope}", headers=headers) == 400


@pytest.mark.parametrize("seconds", [-301, 302])
def test_an_event_of_another_time_is_refused(server: StripeServer, paid: Charge, seconds: int) -> None:
    delivery = first(server, "payment_intent.succeeded")
    assert post(delivery, headers=delivery.headers(at=int(time.time()) + seconds)) == 400
    assert not WebhookEvent.objects.exists()


def test_both_secrets_of_a_rotation_are_believed(server: StripeServer, paid: Charge, settings: Any) -> None:
    delivery = first(server, "payment_intent.succeeded")
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_platform"]
    assert post(delivery) == 200
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new"]
    assert post(delivery) == 400


@pytest.mark.parametrize(("key", "status"), [("sk_test_local", 400), ("sk_live_local", 200)])
def test_an_event_of_the_other_mode_is_refused(settings: Any, key: str, status: int) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = key, ["whsec_platform"]
    event = {"id": "evt_1", "object": "event", "type": "x.y", "livemode": True, "data": {"object": {"id": "x_1"}}}
    body = json.dumps(event).encode()
    headers = {"Stripe-Signature": sign(body, secret=b"whsec_platform", stamp=int(time.time()))}
    answer = Client().post(reverse("payments:webhook", args=["stripe"]), body, "application/json", headers=headers)
    assert answer.status_code == status


def test_an_event_of_an_unknown_account_is_kept_for_staff(server: StripeServer, bob: Person, at: datetime) -> None:
    onboarded(server, bob, at)
    GatewayAccount.objects.update(provider_id="acct_other")
    server.play.restrict(account=next(iter(server.world.by_kind["account", None])), due=["external_account"])
    for delivery in list(server.webhooks.held):
        post(delivery)
    actions.process_inbox(at=at)
    assert "is no account of ours" in str(list(WebhookEvent.objects.exclude(error="").values_list("error", flat=True)))
    assert GatewayAccount.objects.get().status == "enabled"


def test_what_was_never_delivered_is_found_within_the_hour(
    server: StripeServer, alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    type_method(server, alice, at)
    onboarded(server, bob, at)
    server.play.restrict(account=str(GatewayAccount.objects.get().provider_id), due=["individual.dob.day"])
    server.webhooks.held.clear()  # all of them lost
    found = actions.fill_gaps(at=at + timedelta(hours=1))
    assert found > 0
    actions.process_inbox(at=at + timedelta(hours=1))
    assert GatewayAccount.objects.get().missing == ["birth"]
    assert InboxCursor.objects.get(gateway="stripe").read_until == at + timedelta(hours=1)
    actions.fill_gaps(at=at + timedelta(hours=2))  # an account that waits is asked about its own events too
    assert actions.fill_gaps(at=at + timedelta(hours=3)) == 0


@pytest.mark.parametrize("is_won", [True, False])
def test_a_dispute_is_a_chargeback_whose_sums_are_those_of_the_provider(
    server: StripeServer, paid: Charge, at: datetime, is_won: bool
) -> None:
    dispute = server.play.open_dispute(charge=str(paid.provider_id))
    deliver(server, at, copies=2)
    chargeback = Chargeback.objects.get()
    assert (chargeback.charge, chargeback.amount, chargeback.status) == (paid, paid.amount, "open")
    assert -balance("withheld", "EUR") == paid.amount == gateway_named("stripe").balances("EUR").withheld
    assert -balance("gateway", "EUR") == gateway_named("stripe").balances("EUR").platform
    if is_won:
        server.play.win_dispute(dispute=dispute["id"])
    else:
        server.play.lose_dispute(dispute=dispute["id"])
    deliver(server, at, copies=2)
    chargeback.refresh_from_db()
    assert chargeback.status == ("won" if is_won else "lost")
    assert balance("withheld", "EUR") == 0
    assert -balance("gateway", "EUR") == gateway_named("stripe").balances("EUR").platform


def test_a_dispute_whose_sum_was_not_taken_yet_is_neither_listed_nor_withheld(
    server: StripeServer, paid: Charge, at: datetime
) -> None:
    dispute = server.play.open_dispute(charge=str(paid.provider_id))
    gateway, since = gateway_named("stripe"), at - timedelta(days=400)
    listed = [each.provider_id for each in gateway.listing("dispute", since=since, accounts=[], at=at)]
    assert (listed, gateway.balances("EUR").withheld) == ([dispute["id"]], paid.amount)
    server.world.objects[dispute["id"]]["balance_transactions"] = []
    assert list(gateway.listing("dispute", since=since, accounts=[], at=at)) == []
    assert gateway.balances("EUR").withheld == 0


def test_a_warning_of_fraud_is_written_down_once(server: StripeServer, paid: Charge, at: datetime) -> None:
    server.play.warn_of_fraud(charge=str(paid.provider_id))
    deliver(server, at, copies=2)
    event = Event.objects.get(kind="payments.charge_doubted")
    assert event.subject == f"charge:{paid.pk}"


def test_a_move_that_broke_at_the_provider_is_looked_up_and_never_sent_anew(
    server: StripeServer, alice: Person, told: Told, at: datetime
) -> None:
    server.faults.add("error_after", "POST", "/v1/payment_intents")
    charge = start(alice, add_method(server, alice, at), at=at)
    actions.run_charge(charge_id=charge.pk, at=at)
    move = MoneyMove.objects.get()
    assert move.status == MoneyMove.Status.UNKNOWN
    later = at + timedelta(hours=rules().unknown_move_hours, minutes=1)
    actions.run_due_moves(at=later)
    move.refresh_from_db()
    assert (move.status, told.heard) == ("confirmed", ["settled 7"])
    assert server.totals().charged == 105_000


# Without webhooks, and when something is wrong


def test_without_any_webhook_a_payout_is_asked_about_hourly(
    server: StripeServer, alice: Person, bob: Person, told: Told, at: datetime
) -> None:
    assert bob.party is not None
    actions.run_charge(charge_id=start(alice, add_method(server, alice, at), at=at).pk, at=at)
    onboarded(server, bob, at)
    later = cards.earn(holder="thing:7", gross=100_000, at=at)
    server.play.advance(days=rules().security_days)
    withdrawal = actions.request_withdrawal(
        party_id=bob.party.pk, method_id=PayoutMethod.objects.get().pk, amount=90_000, by=bob.actor, at=later
    )
    actions.run_due_moves(at=later)
    server.play.pay_payout(payout=server.world.by_kind["payout", GatewayAccount.objects.get().provider_id][-1])
    assert actions.poll_waiting_moves(at=later + timedelta(hours=1)) == 1
    withdrawal.refresh_from_db()
    assert withdrawal.status == Withdrawal.Status.PAID
    assert cards.differences() == []


def body_of(person: Person, method: PaymentMethod, **changes: Any) -> dict[str, Any]:
    assert person.party is not None
    customer = person.party.payment_customers.get().provider_id
    charge = {"customer": customer, "method": method.provider_id, "method_kind": "card", "is_payer_present": True}
    return body_for("charge", 1, **charge) | changes


@pytest.mark.parametrize(
    ("amount", "expected"), [(1, "amount_not_allowed"), (1_000_000_000, "amount_not_allowed"), (0, GatewayRefused)]
)
def test_a_sum_that_the_provider_does_not_take_is_denied_and_nonsense_is_a_mistake_of_ours(
    server: StripeServer, alice: Person, at: datetime, amount: int, expected: Any
) -> None:
    body = body_of(alice, add_method(server, alice, at), amount=amount)
    if isinstance(expected, str):
        answer = gateway_named("stripe").send("charge", key="test:1", body=body, at=at)
        assert (answer.state, answer.code) == ("denied", expected)
    else:
        with pytest.raises(expected):
            gateway_named("stripe").send("charge", key="test:1", body=body, at=at)


def test_an_answer_that_does_not_come_in_time_is_no_answer(
    server: StripeServer, alice: Person, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of(alice, add_method(server, alice, at))
    monkeypatch.setattr(stripe_client, "TIMEOUTS", (1.0, 0.2))
    stripe_client._client.cache_clear()
    server.faults.add("slow", "POST", "/v1/payment_intents", seconds=1.0)
    gateway = gateway_named("stripe")
    with pytest.raises(GatewayUnreachable):
        gateway.send("charge", key="test:1", body=body, at=at)
    monkeypatch.undo()
    stripe_client._client.cache_clear()
    with pytest.raises(GatewayUnreachable, match="409"):  # the first call is still being worked on
        gateway.send("charge", key="test:1", body=body, at=at)
    until = time.monotonic() + 10
    while not any(call.fault == "slow" for call in server.calls.all()):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert gateway.send("charge", key="test:1", body=body, at=at).state == "confirmed"
    assert len(server.world.by_kind["charge", None]) == 1


def test_an_account_whose_holder_has_left_takes_nothing_and_is_left_out_of_the_lists(
    server: StripeServer, bob: Person, at: datetime
) -> None:
    account = str(onboarded(server, bob, at).provider_id)
    gateway = gateway_named("stripe")
    assert gateway.balances("EUR", accounts=[account]).accounts == {account: 0}
    server.play.disconnect(account=account)
    answer = gateway.send("payout", key="test:1", body=body_for("payout", 1, account=account, bank="ba_1"), at=at)
    assert (answer.state, answer.code) == ("denied", "account_not_enabled")
    assert gateway.balances("EUR", accounts=[account]).accounts == {}
    assert list(gateway.listing("payout", since=at - timedelta(days=1), accounts=[account], at=at)) == []


def test_a_wrong_key_is_a_mistake_of_ours(server: StripeServer, at: datetime, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_other"
    with pytest.raises(GatewayRefused):
        gateway_named("stripe").balances("EUR")


def untyped(kind: Any, *facts: Any, **more: Any) -> stripe.StripeError:
    """Make an error whose constructor has no types in the SDK."""
    error: stripe.StripeError = kind(*facts, **more)
    return error


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (untyped(stripe.APIConnectionError, "no route"), GatewayUnreachable),
        (stripe.RateLimitError("slow down", http_status=429), GatewayUnreachable),
        (stripe.APIError("broken", http_status=500), GatewayUnreachable),
        (stripe.APIError("nonsense", http_status=200), GatewayRefused),
        (stripe.APIError("in use", http_status=409), GatewayUnreachable),
        (stripe.IdempotencyError("in use", http_status=409), GatewayUnreachable),
        (stripe.IdempotencyError("another body", http_status=400), GatewayRefused),
        (untyped(stripe.InvalidRequestError, "locked", "id", code="lock_timeout", http_status=429), GatewayUnreachable),
        (
            untyped(stripe.InvalidRequestError, "no such", "id", code="resource_missing", http_status=404),
            GatewayRefused,
        ),
        (stripe.AuthenticationError("no key", http_status=401), GatewayRefused),
        (stripe.PermissionError("no access", http_status=403), GatewayRefused),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_the_sdk_raises_means_that_nobody_knows_or_that_we_are_wrong(
    error: stripe.StripeError, meaning: type[Exception]
) -> None:
    with pytest.raises(meaning) as told, stripe_client.strictly():
        raise error
    assert str(error.user_message or "-") not in str(told.value)
