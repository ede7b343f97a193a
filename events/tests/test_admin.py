"""Events and deliveries in the admin: read by finance staff and administrators, tried again by the latter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import make_staff, sign_in
from core.actor import Actor
from events.actions import record
from events.models import Delivery, Event
from events.tests.conftest import Hearing
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DELIVERIES = "admin:events_delivery_changelist"


@pytest.fixture
def failed(hearing: Hearing) -> list[int]:
    hearing.add("bell")
    for number in (1, 2, 3):
        record(kind="jobs.job_closed", actor=Actor.system(), subject=f"job:{number}", scope="job:9", at=AT)
    Delivery.objects.exclude(event__subject="job:3").update(state="failed", attempts=10, error="RuntimeError: fire")
    return list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def as_staff(client: Client, group: str) -> Client:
    sign_in(client, make_staff("Ada", group))
    return client


def test_a_failed_delivery_is_shown_with_its_error(client: Client, failed: list[int]) -> None:
    shown = as_staff(client, "finance").get(reverse(DELIVERIES) + "?state=failed").content.decode()
    assert shown.count("RuntimeError: fire") == 2
    assert "2 deliveries" in shown


def test_an_administrator_tries_failed_deliveries_again(client: Client, failed: list[int]) -> None:
    answer = as_staff(client, "administrator").post(
        reverse(DELIVERIES),
        {"action": "try_again", "_selected_action": failed, "reason": "The mail server is back."},
        follow=True,
    )
    assert "2 deliveries will be tried again." in answer.content.decode()
    assert "This delivery has not failed." in answer.content.decode()
    assert set(Delivery.objects.filter(handler="bell").values_list("state", "attempts")) == {("pending", 0)}
    reasons = Event.objects.filter(kind="events.delivery_retried").values_list("reason", flat=True)
    assert list(reasons) == ["The mail server is back."] * 2


def test_without_a_reason_nothing_is_tried_again(client: Client, failed: list[int]) -> None:
    as_staff(client, "administrator")
    with nothing_happens():
        answer = client.post(
            reverse(DELIVERIES), {"action": "try_again", "_selected_action": failed, "reason": " "}, follow=True
        )
    assert "Say why in a sentence." in answer.content.decode()


def test_finance_staff_are_not_offered_to_try_again(client: Client, failed: list[int]) -> None:
    as_staff(client, "finance")
    with nothing_happens():
        client.post(reverse(DELIVERIES), {"action": "try_again", "_selected_action": failed, "reason": "Please."})


@pytest.mark.parametrize("typed", ["jobs.job_closed", "job:1", "job:9"])
def test_events_are_found_by_kind_thing_and_scope(client: Client, failed: list[int], typed: str) -> None:
    shown = as_staff(client, "finance").get(reverse("admin:events_event_changelist") + f"?q={typed}").content.decode()
    assert ("1 event" if typed == "job:1" else "3 events") in shown


def test_an_event_shows_who_was_told(client: Client, failed: list[int]) -> None:
    event = Event.objects.get(subject="job:1")
    answer = as_staff(client, "finance").get(reverse("admin:events_event_change", args=[event.pk]))
    assert answer.status_code == 200
    assert "RuntimeError: fire" in answer.content.decode()


@pytest.mark.parametrize("model", ["event", "delivery"])
def test_nothing_can_be_added_changed_or_deleted(client: Client, failed: list[int], model: str) -> None:
    as_staff(client, "administrator")
    row = Event.objects.latest("pk") if model == "event" else Delivery.objects.latest("pk")
    with nothing_happens():
        assert client.get(reverse(f"admin:events_{model}_add")).status_code == 403
        assert client.post(reverse(f"admin:events_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert client.post(reverse(f"admin:events_{model}_change", args=[row.pk]), {"state": "done"}).status_code == 403


@pytest.mark.parametrize("group", ["support", "moderator", "mediator"])
@pytest.mark.parametrize("model", ["event", "delivery"])
def test_other_staff_do_not_read_events(client: Client, failed: list[int], group: str, model: str) -> None:
    assert as_staff(client, group).get(reverse(f"admin:events_{model}_changelist")).status_code == 403
