"""Recording: with the change it tells of, or not at all."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest
from celery import current_app
from django.db import DatabaseError, IntegrityError, connection, transaction
from kombu.exceptions import OperationalError

from core.actor import Actor
from core.request import request_scope
from events.actions import OutsideTransaction, record
from events.models import Delivery, Event
from events.tests.conftest import Hearing

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ALICE = Actor(user_id=1, party_id=10, role="owner", impersonator_id=99)


def approve(**more: Any) -> Event:
    return record(kind="contracts.milestone_approved", actor=ALICE, subject="milestone:7", at=AT, **more)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: names.append(name))
    return names


@pytest.mark.django_db
def test_an_event_says_who_did_what_to_what_when_and_why(hearing: Hearing) -> None:
    with request_scope("req-1"):
        event = approve(scope="contract:3", reason="All there.", amount=1000, due=date(2026, 12, 1))
    event.refresh_from_db()
    assert (event.kind, event.subject, event.scope) == ("contracts.milestone_approved", "milestone:7", "contract:3")
    assert (event.actor_user_id, event.actor_party_id, event.impersonator_id, event.is_system) == (1, 10, 99, False)
    assert (event.at, event.reason, event.request_id) == (AT, "All there.", "req-1")
    assert event.data == {"amount": 1000, "due": "2026-12-01"}


def test_an_event_tells_the_numbers_of_its_subject_and_its_scope() -> None:
    event = Event(subject="milestone:7", scope="contract:31")
    assert (event.subject_id, event.scope_id) == (7, 31)
    with pytest.raises(ValueError, match="invalid literal"):
        Event(subject="document:terms").subject_id  # noqa: B018  (it is read for what it raises)


@pytest.mark.django_db
def test_the_system_acts_under_no_persons_name(hearing: Hearing) -> None:
    event = record(kind="jobs.job_expired", actor=Actor.system(), subject="job:5", at=AT)
    assert (event.actor_user_id, event.actor_party_id, event.is_system) == (None, None, True)


@pytest.mark.django_db
def test_each_handler_that_hears_the_kind_gets_one_delivery(hearing: Hearing) -> None:
    hearing.add("exact", "contracts.milestone_approved")
    hearing.add("app", "contracts.*")
    hearing.add("all", "*")
    hearing.add("twice", "contracts.*", "*")
    hearing.add("other kind", "contracts.milestone_funded")
    hearing.add("other app", "jobs.*")
    event = approve()
    made = Delivery.objects.filter(event=event).order_by("handler").values_list("handler", "state", "next_at")
    assert list(made) == [(name, "pending", AT) for name in ("all", "app", "exact", "twice")]


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_recorded(hearing: Hearing) -> None:
    hearing.add("all")
    with pytest.raises(OutsideTransaction):
        approve()
    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_said(hearing: Hearing, woken: list[str]) -> None:
    hearing.add("all")
    with transaction.atomic():
        approve()
        transaction.set_rollback(True)
    assert (Event.objects.count(), Delivery.objects.count(), woken) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_after_the_commit_and_not_before(hearing: Hearing, woken: list[str]) -> None:
    hearing.add("all")
    with transaction.atomic():
        approve()
        assert woken == []
    assert woken == ["events.tasks.deliver"]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_when_nobody_hears(hearing: Hearing, woken: list[str]) -> None:
    with transaction.atomic():
        approve()
    assert woken == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_fail_the_request(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(name: str, **_: Any) -> None:
        raise OperationalError("Connection refused")

    hearing.add("all")
    monkeypatch.setattr(current_app, "send_task", fail)
    with caplog.at_level(logging.ERROR), transaction.atomic():
        event = approve()
    assert list(Delivery.objects.values_list("event", "state")) == [(event.pk, "pending")]
    assert "Connection refused" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE events_event SET reason = ''", "DELETE FROM events_event WHERE false", "TRUNCATE events_event CASCADE"],
)
def test_events_are_only_added_to(hearing: Hearing, statement: str) -> None:
    approve()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL jalon.may_truncate = off")
        with pytest.raises(IntegrityError, match="events are only added to"), transaction.atomic():
            cursor.execute(statement)
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_one_handler_is_told_of_one_event_once(hearing: Hearing) -> None:
    name = hearing.add("all")
    event = approve()
    with pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.create(event=event, handler=name, next_at=AT)
    assert Delivery.objects.count() == 1
