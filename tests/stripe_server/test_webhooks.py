import json
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.stripe_server import StripeServer
from tests.stripe_server.arrange import earn, pay, payee, recipient
from tests.stripe_server.webhooks import signature

SECRET = "whsec_test"


class Inbox(ThreadingHTTPServer):
    """Keep what is delivered; answer with the next status of `answers`, else 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/webhooks"

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.received]


class Receiver(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_sdk_accepts_the_signature(stripe_server: StripeServer, inbox: Inbox) -> None:
    stripe_server.webhooks.add(inbox.url, secret=SECRET)
    intent = pay(stripe_server.client(), metadata={"move_id": "1"})
    stripe_server.webhooks.settle()
    assert inbox.types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    body, header = inbox.received[-1]
    event = stripe.Webhook.construct_event(body, header, SECRET)
    assert (event.type, event.livemode, event.api_version) == ("payment_intent.succeeded", False, "2026-10-28.endive")
    assert event.data.object["id"] == intent.id
    assert event.request is not None
    assert event.request.id == stripe_server.calls.all()[0].request_id


def test_the_sdk_refuses_another_secret_body_or_time(stripe_server: StripeServer, inbox: Inbox) -> None:
    stripe_server.webhooks.add(inbox.url, secret=SECRET)
    stripe_server.client().v1.customers.create({})
    stripe_server.webhooks.settle()
    (delivery,) = stripe_server.webhooks.deliveries
    body, header = inbox.received[0]
    old = signature(body, SECRET, at=1_000_000_000)
    for forged in ((body, header, "whsec_other"), (body + b" ", header, SECRET), (body, old, SECRET)):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(*forged)
    assert delivery.is_delivered


def test_each_scope_has_its_endpoint_and_secret(stripe_server: StripeServer, inbox: Inbox) -> None:
    hooks = stripe_server.webhooks
    endpoints = [hooks.add(f"{inbox.url}/{scope}", scope) for scope in ("platform", "connect", "v2")]
    assert len({endpoint.secret for endpoint in endpoints}) == 3
    account = payee(stripe_server)
    earn(stripe_server, account)
    stripe_server.client().v1.payouts.create({"amount": 100, "currency": "eur"}, {"stripe_account": account})
    hooks.settle()
    by_scope: dict[str, list[Any]] = {"platform": [], "connect": [], "v2": []}
    for delivery in hooks.deliveries:
        by_scope[delivery.endpoint.scope].append(delivery.event)
    assert {event.get("account") for event in by_scope["platform"]} == {None}
    assert {event["account"] for event in by_scope["connect"]} == {account}
    assert "transfer.created" in [event["type"] for event in by_scope["platform"]]
    assert by_scope["connect"][-1]["type"] == "payout.created"
    assert {event["object"] for event in by_scope["v2"]} == {"v2.core.event"}


def test_thin_events_lead_to_their_account(stripe_server: StripeServer, inbox: Inbox) -> None:
    stripe_server.webhooks.add(inbox.url, "v2", secret=SECRET)
    client = stripe_server.client()
    account = recipient(client)
    stripe_server.webhooks.settle()
    body, header = inbox.received[0]
    notice: Any = client.parse_event_notification(body, header, SECRET)
    assert (notice.type, notice.related_object.id) == ("v2.core.account.created", account)
    assert notice.fetch_event().id == notice.id
    assert notice.fetch_related_object().id == account


def test_an_endpoint_may_want_some_events_only(stripe_server: StripeServer, inbox: Inbox) -> None:
    stripe_server.webhooks.add(inbox.url, events=("payment_intent.succeeded",))
    pay(stripe_server.client())
    stripe_server.webhooks.settle()
    assert inbox.types() == ["payment_intent.succeeded"]


def test_a_refused_delivery_is_tried_again(stripe_server: StripeServer, inbox: Inbox) -> None:
    inbox.answers = [500, 503]
    stripe_server.webhooks.add(inbox.url)
    stripe_server.webhooks.backoff = 0.01
    stripe_server.client().v1.customers.create({})
    stripe_server.webhooks.settle()
    (delivery,) = stripe_server.webhooks.deliveries
    assert delivery.statuses == [500, 503, 200]
    assert inbox.types() == ["customer.created"] * 3


def test_a_delivery_is_given_up(stripe_server: StripeServer, inbox: Inbox) -> None:
    inbox.answers = [500] * 9
    stripe_server.webhooks.add(inbox.url)
    stripe_server.webhooks.backoff, stripe_server.webhooks.attempts = 0.01, 3
    stripe_server.client().v1.customers.create({})
    stripe_server.webhooks.settle()
    (delivery,) = stripe_server.webhooks.deliveries
    assert (delivery.statuses, delivery.is_delivered) == ([500, 500, 500], False)


def test_nobody_there_counts_as_no_answer(stripe_server: StripeServer) -> None:
    stripe_server.webhooks.add("http://127.0.0.1:9/webhooks")
    stripe_server.webhooks.attempts = 1
    stripe_server.client().v1.customers.create({})
    stripe_server.webhooks.settle()
    assert [delivery.statuses for delivery in stripe_server.webhooks.deliveries] == [[0]]


def test_held_events_come_shuffled_doubled_or_not_at_all(stripe_server: StripeServer, inbox: Inbox) -> None:
    hooks = stripe_server.webhooks
    hooks.add(inbox.url)
    hooks.hold()
    for _ in range(4):
        pay(stripe_server.client())
    assert inbox.received == []
    sent = hooks.release(order=random.Random(7), copies=2, drop=frozenset({"charge.succeeded"}))
    ids = [json.loads(body)["id"] for body, _ in inbox.received]
    created = [
        event["id"] for event in reversed(stripe_server.world.every("event")) if event["type"] != "charge.succeeded"
    ]
    assert len(sent) == 16
    assert sorted(ids) == sorted(created * 2)
    assert ids != [each for each in created for _ in range(2)]
    assert hooks.held == []
    hooks.resume()
    stripe_server.client().v1.customers.create({})
    hooks.settle()
    assert inbox.types()[-1] == "customer.created"


def test_a_delivery_can_be_late(stripe_server: StripeServer, inbox: Inbox) -> None:
    stripe_server.webhooks.add(inbox.url)
    stripe_server.webhooks.delay = 0.2
    stripe_server.client().v1.customers.create({})
    assert inbox.received == []
    stripe_server.webhooks.settle()
    assert inbox.types() == ["customer.created"]


def test_events_can_be_asked_for_later(stripe_server: StripeServer) -> None:
    client, account = stripe_server.client(), payee(stripe_server)
    intent = pay(client)
    stripe_server.play.advance(hours=1)
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    recent = client.v1.events.list({"created": {"gte": refund.created}})
    assert [event.type for event in recent.data] == ["charge.refunded", "refund.created"]
    by_type = client.v1.events.list({"types": ["payment_intent.succeeded", "refund.*"]})
    assert [event.type for event in by_type.data] == ["refund.created", "payment_intent.succeeded"]
    assert client.v1.events.list({"type": "charge.refunded"}).data[0].data.object["amount_refunded"] == 100
    paged = client.v1.events.list({"limit": 1})
    assert [event.id for event in paged.auto_paging_iter()] == [
        event["id"] for event in stripe_server.world.every("event")
    ]
    theirs = client.v1.events.list({}, {"stripe_account": account})
    assert {event.account for event in theirs.data} == {account}
    assert client.v1.events.retrieve(recent.data[0].id).type == "charge.refunded"
    stripe_server.play.advance(days=31)
    assert [event.type for event in client.v1.events.list().data] == ["balance.available"]  # of the second day


def test_an_event_shows_its_object_as_it_was(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    intent = pay(client, card="authenticationRequired")
    stripe_server.play.authenticate(intent=intent.id)
    (event,) = client.v1.events.list({"type": "payment_intent.requires_action"}).data
    assert event.data.object["status"] == "requires_action"


def test_an_event_that_the_sdk_does_not_know_is_a_bug(stripe_server: StripeServer) -> None:
    with pytest.raises(ValueError, match=r"escrow\.opened"):
        stripe_server.world.emit("escrow.opened", {"id": "x"})
