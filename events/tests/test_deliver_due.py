"""Delivery: each handler once, whatever breaks."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from core.actor import Actor
from core.errors import NotAllowed
from core.models import ClockOffset
from core.request import current_request_id, request_scope
from core.tests.threads import together
from events import actions
from events.actions import MOST_ATTEMPTS, DeliveryNotFailed, deliver_due, record, retry_delivery
from events.models import Delivery, Event
from events.tests.conftest import Hearing

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ADMINISTRATOR = Actor(user_id=3, groups=frozenset({"administrator"}))


def happen(subject: str = "job:1", kind: str = "jobs.job_closed", at: datetime = AT) -> int:
    with transaction.atomic():
        return record(kind=kind, actor=Actor.system(), subject=subject, at=at).pk


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("handler", "state"))


def fail(_event: Event) -> None:
    raise RuntimeError("the printer is on fire")


def write(_event: Event) -> None:
    """Leave something behind that can be counted: one more day on the clock."""
    ClockOffset.objects.get_or_create(pk=1, defaults={"offset": timedelta()})
    ClockOffset.objects.update(offset=F("offset") + timedelta(days=1))


def written() -> timedelta:
    row = ClockOffset.objects.filter(pk=1).first()
    return row.offset if row else timedelta()


@pytest.mark.django_db
def test_a_handler_hears_the_event_and_the_delivery_is_done(hearing: Hearing) -> None:
    name = hearing.add("bell")
    event = happen()
    assert deliver_due(at=AT) == 1
    assert hearing.told == {name: [event]}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.done_at, delivery.error) == ("done", 1, AT, "")


@pytest.mark.django_db
def test_what_is_done_is_not_delivered_again(hearing: Hearing) -> None:
    hearing.add("bell")
    happen()
    deliver_due(at=AT)
    assert deliver_due(at=AT + timedelta(days=30)) == 0
    assert len(hearing.told["bell"]) == 1


@pytest.mark.django_db
def test_an_event_of_the_future_waits_for_its_time(hearing: Hearing) -> None:
    hearing.add("bell")
    happen(at=AT + timedelta(seconds=1))
    assert deliver_due(at=AT) == 0
    assert deliver_due(at=AT + timedelta(seconds=1)) == 1


@pytest.mark.django_db
def test_a_limit_leaves_the_rest_for_later(hearing: Hearing) -> None:
    hearing.add("bell")
    first, second, third = (happen(f"job:{n}") for n in range(3))
    assert deliver_due(at=AT, limit=2) == 2
    assert hearing.told["bell"] == [first, second]
    assert deliver_due(at=AT) == 1
    assert hearing.told["bell"] == [first, second, third]


@pytest.mark.django_db
def test_a_broken_handler_stops_no_other(hearing: Hearing) -> None:
    hearing.add("a mail", handle=fail)
    hearing.add("b bell")
    events = [happen(f"job:{n}") for n in range(3)]
    assert deliver_due(at=AT) == 3
    assert hearing.told == {"a mail": [], "b bell": events}
    assert list(Delivery.objects.filter(state="pending").values_list("handler", "attempts", "error")) == [
        ("a mail", 1, "RuntimeError: the printer is on fire")
    ] * len(events)


@pytest.mark.django_db
def test_what_a_failing_handler_wrote_is_undone(hearing: Hearing) -> None:
    def write_and_fail(event: Event) -> None:
        write(event)
        fail(event)

    hearing.add("half", handle=write_and_fail)
    happen()
    assert deliver_due(at=AT) == 0
    assert written() == timedelta()


@pytest.mark.django_db
def test_a_handler_that_breaks_its_transaction_breaks_no_other(hearing: Hearing) -> None:
    def misuse(_event: Event) -> None:
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    hearing.add("a misuse", handle=misuse)
    hearing.add("b bell")
    happen()
    assert deliver_due(at=AT) == 1
    assert states() == {"a misuse": "pending", "b bell": "done"}


@pytest.mark.django_db
def test_a_failure_is_tried_again_after_longer_and_longer_waits(hearing: Hearing) -> None:
    hearing.add("mail", handle=fail)
    happen()
    now, waits = AT, []
    while Delivery.objects.get().state == Delivery.State.PENDING:
        deliver_due(at=now)
        due = Delivery.objects.get().next_at
        waits.append(int((due - now).total_seconds()))
        assert deliver_due(at=due - timedelta(microseconds=1)) == 0
        now = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    delivery = Delivery.objects.get(state="failed")
    assert (delivery.attempts, delivery.error) == (MOST_ATTEMPTS, "RuntimeError: the printer is on fire")


@pytest.mark.django_db
def test_a_handler_that_recovers_is_told_then(hearing: Hearing) -> None:
    broken = [True]
    hearing.add("mail", handle=lambda event: fail(event) if broken[0] else None)
    event = happen()
    deliver_due(at=AT)
    broken[0] = False
    assert deliver_due(at=AT + timedelta(seconds=2)) == 1
    assert hearing.told["mail"] == [event]
    assert (Delivery.objects.get().attempts, Delivery.objects.get().error) == (2, "")


@pytest.mark.django_db
def test_a_handler_that_the_code_no_longer_has_is_shown_to_staff(hearing: Hearing) -> None:
    hearing.remove(hearing.add("gone"))
    hearing.add("gone")
    happen()
    hearing.remove("gone")
    for attempt in range(MOST_ATTEMPTS):
        deliver_due(at=AT + timedelta(days=attempt))
    assert Delivery.objects.get(state="failed").error == "LookupError: this version has no handler gone"


@pytest.mark.django_db
def test_a_handler_acts_under_the_request_that_the_event_came_from(hearing: Hearing) -> None:
    seen: list[str] = []
    hearing.add("bell", handle=lambda _event: seen.append(current_request_id()))
    with request_scope("req-7"):
        happen()
    deliver_due(at=AT)
    assert seen == ["req-7"]


@pytest.mark.django_db
def test_what_a_handler_records_is_delivered_in_its_turn(hearing: Hearing) -> None:
    def follow(event: Event) -> None:
        record(kind="proposals.proposal_closed", actor=Actor.system(), subject="proposal:1", at=event.at)

    hearing.add("follow", "jobs.*", handle=follow)
    hearing.add("bell", "proposals.*")
    happen()
    assert deliver_due(at=AT) == 2
    assert Event.objects.count() == 2
    assert len(hearing.told["bell"]) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_deliver_everything_exactly_once(hearing: Hearing, fewer: int) -> None:
    hearing.add("bell")
    hearing.add("write", handle=write)
    for trial in range(fewer):
        events = [happen(f"job:{trial}-{n}") for n in range(5)]
        counts = together(*[partial(deliver_due, at=AT)] * 3)
        assert sum(count for count in counts if isinstance(count, int)) == 2 * len(events)
        assert sorted(hearing.told["bell"][-5:]) == events
    done = Delivery.objects.filter(state="done").count()
    assert (done, Delivery.objects.exclude(attempts=1).count()) == (2 * Event.objects.count(), 0)
    assert written() == timedelta(days=Event.objects.count())


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_between_commit_and_wake_up_loses_nothing(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_wake", die)
    hearing.add("bell")
    connection.close()  # a connection does not survive the fork
    process = get_context("fork").Process(target=happen)
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    assert states() == {"bell": "pending"}
    assert deliver_due(at=AT) == 1
    assert hearing.told["bell"] == [Event.objects.get().pk]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_while_it_delivers_is_followed_by_one_that_does(hearing: Hearing) -> None:
    kills = [True]

    def write_and_die(event: Event) -> None:
        write(event)
        if kills[0]:
            die()

    hearing.add("a deadly", handle=write_and_die)
    hearing.add("b bell")
    happen()
    connection.close()
    process = get_context("fork").Process(target=partial(deliver_due, at=AT))
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    assert deliver_due(at=AT) == 1  # the others need not wait
    assert states() == {"a deadly": "pending", "b bell": "done"}
    kills[0] = False
    assert deliver_due(at=AT + timedelta(seconds=2)) == 1
    assert written() == timedelta(days=1)


@pytest.mark.django_db
def test_a_delivery_that_kills_each_worker_is_given_up(hearing: Hearing) -> None:
    hearing.add("deadly")
    happen()
    for attempt in range(MOST_ATTEMPTS):
        assert actions._claim(AT + timedelta(days=attempt)) is not None  # and the worker dies
    assert deliver_due(at=AT + timedelta(days=MOST_ATTEMPTS)) == 0
    assert Delivery.objects.get(state="failed").error == "The worker stopped each time while it ran."
    assert hearing.told["deadly"] == []


@pytest.mark.django_db
def test_a_delivery_claimed_twice_is_done_once(hearing: Hearing) -> None:
    hearing.add("bell")
    happen()
    first = actions._claim(AT)
    second = actions._claim(AT + timedelta(seconds=2))  # the first worker is slow
    assert first == second
    assert first is not None
    assert actions._deliver(first, AT + timedelta(seconds=2))
    assert not actions._deliver(first, AT + timedelta(seconds=3))
    assert len(hearing.told["bell"]) == 1


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def failed(db: None, hearing: Hearing) -> Delivery:
    hearing.add("bell")
    happen()
    Delivery.objects.update(state="failed", attempts=MOST_ATTEMPTS, error="RuntimeError: no")
    return Delivery.objects.get()


def test_staff_try_a_failed_delivery_again(failed: Delivery, hearing: Hearing) -> None:
    later = AT + timedelta(days=1)
    retry_delivery(delivery_id=failed.pk, reason="Mended.", by=ADMINISTRATOR, at=later)
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.next_at) == ("pending", 0, later)
    retried = Event.objects.get(kind="events.delivery_retried")
    assert (retried.subject, retried.actor_user_id, retried.data) == (f"delivery:{failed.pk}", 3, {"handler": "bell"})
    deliver_due(at=later)
    assert set(states().values()) == {"done"}


@pytest.mark.parametrize("state", ["pending", "done"])
def test_only_a_failed_delivery_can_be_tried_again(failed: Delivery, state: str) -> None:
    Delivery.objects.update(state=state, done_at=AT if state == "done" else None)
    with pytest.raises(DeliveryNotFailed):
        retry_delivery(delivery_id=failed.pk, reason="Mended.", by=ADMINISTRATOR, at=AT)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("by", [Actor.anonymous(), Actor.system(), Actor(user_id=4, groups=frozenset({"support"}))])
def test_nobody_else_can_try_again(failed: Delivery, by: Actor) -> None:
    with pytest.raises(NotAllowed):
        retry_delivery(delivery_id=failed.pk, reason="Mended.", by=by, at=AT)
    failed.refresh_from_db()
    assert (failed.state, Event.objects.count()) == ("failed", 1)
