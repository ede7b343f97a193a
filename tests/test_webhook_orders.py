"""The provider's announcements in any order, doubled, late, lost and forged: the end is always the same."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from accounts.tests.cast import make_client, make_freelancer, make_staff
from conftest import Size
from core.clock import real_now
from ledger.checks import run_checks
from ledger.models import Entry
from payments import actions
from payments.actions.inbox import LARGEST_BODY
from payments.gateways.sandbox import SIGNATURE, WORKING_IBAN, Fault
from payments.models import (
    Charge,
    Credit,
    GatewayAccount,
    MoneyCase,
    MoneyMove,
    OperatorCash,
    PayoutMethod,
    ProviderTransfer,
    Refund,
    SandboxEvent,
    SandboxObject,
    WebhookEvent,
    Withdrawal,
    WithdrawalSchedule,
)
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, make_bank, make_card, sandbox
from payments.tests.purposes import Told, purpose_for, start

SEED = 20261125
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: Looking at the moves alone finds what these say neither for an account nor for a payout that was paid already, nor
#: for a refund that had arrived.
NEVER_LOST = {"account.updated", "payout.failed"}
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class History:
    """What the provider is about to announce, and the moment after which all of it has happened."""

    told: Told
    payout_id: str
    refund_id: str
    paid_at: datetime


def make_history(told: Told) -> History:
    """Let everything be asked for that is announced: nobody here has heard an announcement yet.

    A charge that comes later, one that fails later, one that is cancelled, a refund that goes through, one that the
    bank refuses, and one that comes back after it had arrived, a transfer, a payout by a schedule, an account that is
    being checked, and the operator's own cash put in and taken out.
    """
    fanny = make_staff("Fanny", "finance", at=AT)
    alice, chloe = make_client("Alice", at=AT), make_freelancer("Chloé", at=AT)
    bob = told_person(told)
    assert bob.party is not None
    assert chloe.party is not None
    good, bad = make_card(alice, at=AT), make_card(alice, cards.REFUND_FAILS, at=AT)
    bank = make_bank(bob, AT)
    for reference, card in ((1, good), (2, good), (3, bad)):
        actions.run_charge(charge_id=start(alice, card, at=AT, reference=reference).pk, at=AT)
    charge = start(alice, good, at=AT, reference=6, gross=50_000, client_fee=2_500)
    actions.run_charge(charge_id=charge.pk, at=AT)
    later = cards.earn(holder="thing:1", gross=100_000, at=AT)
    actions.set_withdrawal_schedule(
        party_id=bob.party.pk, rhythm="weekly", threshold=1, method_id=bank.pk, by=bob.actor, at=later
    )
    told.heard.clear()

    for reference, number in ((4, cards.LATER), (7, cards.FAILS_LATER), (5, cards.SECOND_STEP)):
        card = make_card(alice, number, at=later)
        charge = actions.run_charge(charge_id=start(alice, card, at=later, reference=reference).pk, at=later)
    actions.give_up_charge(charge_id=charge.pk, by=alice.actor, at=later)
    for holder, gross in (("thing:2", 100_000), ("thing:3", 100_000), ("thing:6", 50_000)):
        cards.refund(holder, gross, at=later)
    actions.top_up(amount=50_000, reason="More cash.", by=fanny.actor, at=later)
    actions.cash_out(amount=1_000, reason="Earned.", by=fanny.actor, at=later)
    actions.add_payout_method(party_id=chloe.party.pk, iban=WORKING_IBAN, by=chloe.actor, at=later)
    withdrawal = actions.request_withdrawal(
        party_id=bob.party.pk, method_id=bank.pk, amount=90_000, by=bob.actor, at=later
    )
    sandbox().faults += [Fault("cancel", "reply_lost"), *[Fault("refund", "reply_lost")] * 3]
    actions.run_due_moves(at=later)
    withdrawal.refresh_from_db()
    comes_back = SandboxObject.objects.get(kind="refund", data__amount=52_500)
    return History(told, withdrawal.provider_id or "", comes_back.pk, later + SANDBOX_TIME)


def told_person(told: Told) -> Any:
    """Return Bob, whose party the purpose pays."""
    return _people[told.payee_id]


_people: dict[int, Any] = {}


@pytest.fixture
def told(db: None) -> Any:
    bob = make_freelancer("Bob", at=AT)
    assert bob.party is not None
    _people[bob.party.pk] = bob
    with purpose_for(bob) as heard:
        yield heard
    _people.clear()


def state(told: Told) -> dict[str, Any]:
    """Return what there is in the end: every balance, every state, and what the purpose was told."""
    entries = Entry.objects.values_list("account__name", "amount")
    balances: Counter[str] = Counter()
    for name, amount in entries:
        balances[name] += amount
    rows: dict[str, Any] = {
        model.__name__: sorted(model.objects.values_list("pk", *fields))
        for model, fields in (
            (Charge, ("status", "failure_code")),
            (Refund, ("status", "failure_code")),
            (ProviderTransfer, ("status",)),
            (Withdrawal, ("status", "failure_code")),
            (PayoutMethod, ("status",)),
            (GatewayAccount, ("status",)),
            (WithdrawalSchedule, ("status",)),
            (OperatorCash, ("status",)),
        )
    }
    rows["Credit"] = sorted(Credit.objects.values_list("source", "amount", "left"))
    rows["MoneyCase"] = sorted(MoneyCase.objects.values_list("kind", "amount", "status"))
    open_moves = MoneyMove.objects.exclude(status__in=MoneyMove.FINAL).count()
    balances = Counter({name: amount for name, amount in balances.items() if amount})
    # Where it was heard only after it had come back, nobody was told that it had arrived.
    heard = sorted({*told.heard} - {"refunded 52500"})
    assert len(told.heard) == len({*told.heard})
    return {"balances": dict(balances), "told": heard, "open_moves": open_moves, **rows}


Sent = tuple[bytes, dict[str, str], int]


def body_of(event_id: str, kind: str, object_id: str = "sbx_pay_1") -> bytes:
    return json.dumps({"id": event_id, "type": kind, "livemode": False, "data": {"object": {"id": object_id}}}).encode()


def forgeries(event: SandboxEvent, number: int) -> list[Sent]:
    """Return six ways to say what nobody said, an event from the future, one too large, and one nobody listens to."""
    body = json.dumps(event.body).encode()
    truly, stamp = sandbox().signed(body)[SIGNATURE], int(real_now().timestamp())
    other = body_of(f"sbx_evt_forged_{number}", "payment_intent.succeeded", event.object_id)
    unknown = body_of(f"sbx_evt_unknown_{number}", "a.type.nobody.knows")
    big = b" " * (LARGEST_BODY + 1)
    return [
        (body, {}, 400),
        (body, sandbox().signed(body, secret=b"guessed"), 400),
        (other, {SIGNATURE: truly}, 400),
        (body, {SIGNATURE: f"t={stamp + 7},{truly.partition(',')[2]}"}, 400),
        (body, {SIGNATURE: f"t={stamp},v1="}, 400),
        (body, sandbox().signed(body, moment=real_now() - timedelta(seconds=310)), 400),
        (body, sandbox().signed(body, moment=real_now() + timedelta(seconds=310)), 400),
        (big, sandbox().signed(big), 413),
        (unknown, sandbox().signed(unknown), 200),
    ]


@cache
def site() -> ClientHandler:
    """Return the site with its middleware loaded, which takes longer than an answer."""
    handler = ClientHandler(enforce_csrf_checks=True)
    handler.load_middleware()
    return handler


def post(body: bytes, headers: dict[str, str]) -> int:
    client = Client(enforce_csrf_checks=True)
    client.handler = site()
    answer = client.post(
        reverse("payments:webhook", args=["sandbox"]), body, content_type="application/json", headers=headers
    )
    return answer.status_code


def announce(event: SandboxEvent) -> None:
    body = json.dumps(event.body).encode()
    assert post(body, sandbox().signed(body)) == 200


def play(history: History, numbers: random.Random) -> None:
    """Let the announcements come in one order, with what else may come; then let time pass."""
    at = history.paid_at
    sandbox().outgoing(at=at)
    first = list(SandboxEvent.objects.filter(delivered_at=None, happened_at__isnull=False))
    if numbers.random() < 0.5:  # payout and refund are announced, and worked upon, before they come back
        _deliver(first, numbers, at)
        first = []
    sandbox().return_payout(history.payout_id, at=at)
    sandbox().return_refund(history.refund_id, at=at)
    sandbox().outgoing(at=at)
    returned = SandboxEvent.objects.filter(object__in=[history.payout_id, history.refund_id])
    rest = [*first, *returned.filter(kind__endswith=".failed", delivered_at=None)]
    late = [event for event in rest if numbers.random() < 0.2]
    _deliver([event for event in rest if event not in late], numbers, at)
    SandboxEvent.objects.update(delivered_at=at)  # what was lost is not announced again
    for hours in range(1, 4):
        actions.process_inbox(at=at + hours * HOUR)
        actions.run_due_moves(at=at + hours * HOUR)
        actions.poll_waiting_moves(at=at + hours * HOUR)
    _deliver(late, numbers, at + 4 * HOUR)
    actions.process_inbox(at=at + 5 * HOUR)


def _deliver(events: list[SandboxEvent], numbers: random.Random, at: datetime) -> None:
    least = {event: event.kind in NEVER_LOST or is_late_refusal(event) for event in events}
    copies = [event for event in events for _copy in range(numbers.randint(least[event], 3))]
    numbers.shuffle(copies)
    for event in copies:
        if numbers.random() < 0.3:
            body, headers, status = numbers.choice(forgeries(event, numbers.randrange(10**9)))
            assert post(body, headers) == status
        announce(event)
        if numbers.random() < 0.4:
            actions.process_inbox(at=at)


def is_late_refusal(event: SandboxEvent) -> bool:
    """Test whether a refund that had arrived is said to have come back."""
    arrived = SandboxEvent.objects.filter(object=event.object_id, kind="refund.updated")
    return event.kind == "refund.failed" and arrived.exists()


class _Undone(Exception):
    """Leaves the transaction of one order behind."""


def in_one_order(history: History, numbers: random.Random) -> tuple[dict[str, Any], list[str], set[str]]:
    """Play one order and take it back; return the end, what the books miss, and the types that were stored."""
    history.told.heard.clear()
    undo = transaction.atomic()
    undo._from_testcase = True  # type: ignore[attr-defined]  # calls to the provider see no transaction of ours
    seen: list[tuple[dict[str, Any], list[str], set[str]]] = []
    try:
        with undo:
            play(history, numbers)
            differences = [str(each) for each in run_checks() if each.check.startswith(("ledger.", "payments."))]
            waiting = WebhookEvent.objects.filter(processed_at=None)
            differences += [f"{event.kind} waits: {event.error}" for event in waiting]
            differences += cards.differences()
            seen.append((state(history.told), differences, set(WebhookEvent.objects.values_list("kind", flat=True))))
            raise _Undone
    except _Undone:
        return seen[0]


def test_every_order_of_the_announcements_ends_the_same(told: Told, size: Size, figure: Callable[[str], None]) -> None:
    history = make_history(told)
    wanted: dict[str, Any] = {}
    kinds: set[str] = set()
    for order in range(size.webhook_orders):
        ends, differences, stored = in_one_order(history, random.Random(f"{SEED} {order}"))
        wanted = wanted or ends
        assert differences == [], f"order {order}"
        assert ends == wanted, f"order {order}"
        kinds |= stored
    assert wanted["told"] == [
        "failed 5 canceled",
        "failed 7 insufficient_funds",
        "refund failed 105000",
        "refund failed 52500",
        "refunded 105000",
        "settled 4",
    ]
    assert [row[1:] for row in wanted["Credit"]] == [(105_000, 105_000), (52_500, 52_500)]
    assert wanted["MoneyCase"] == [("refund_denied", 52_500, "open"), ("refund_denied", 105_000, "open")]
    assert wanted["open_moves"] == 0
    party = f"party:{told.payee_id}"
    assert wanted["balances"][f"available:{party}"] == 90_000
    assert wanted["balances"][f"connected:{party}"] == -90_000
    assert [row[1:] for row in wanted["Withdrawal"]] == [("returned", "no_account")]
    assert [row[1] for row in wanted["GatewayAccount"]] == ["enabled", "enabled"]
    assert [row[1] for row in wanted["WithdrawalSchedule"]] == ["paused"]
    assert [row[1] for row in wanted["OperatorCash"]] == ["confirmed", "confirmed"]
    assert kinds >= {
        "payment_intent.succeeded",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "topup.succeeded",
        "cashout.paid",
        "refund.updated",
        "refund.failed",
        "payout.paid",
        "payout.failed",
        "account.updated",
        "a.type.nobody.knows",
    }
    figure(f"webhooks: {size.webhook_orders} orders of the same announcements, one end")


#: Far above what a receipt takes (the benchmarks tell): enough to see one that waits for a worker.
RECEIPT_AT_MOST = 5.0


@pytest.mark.django_db(transaction=True)
def test_fifty_receipts_at_once_are_each_taken_at_once() -> None:
    count = 50
    site()
    barrier = threading.Barrier(count)
    took: list[float] = []
    answers: list[int] = []

    def receive(number: int) -> Callable[[], None]:
        body = body_of(f"sbx_evt_{number // 2}", "payment_intent.succeeded")  # each of them twice

        def work() -> None:
            barrier.wait(30)
            began = time.perf_counter()
            answers.append(post(body, sandbox().signed(body)))
            took.append(time.perf_counter() - began)
            connection.close()

        return work

    threads = [threading.Thread(target=receive(number)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sys.stderr.write(f"\n{count} receipts at once: the slowest took {max(took):.3f} s\n")
    assert answers == [200] * count
    assert WebhookEvent.objects.count() == count // 2
    assert max(took) < RECEIPT_AT_MOST
