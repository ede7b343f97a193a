"""The demonstration clock: forward only, for staff only, and nowhere but in the demonstration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.tests.cast import make_client, make_staff, sign_in
from core.actor import Actor
from core.clock import forget, now, offset, real_now
from core.errors import NotAllowed
from core.models import ClockOffset
from events.models import Event
from marketplace.actions import InvalidStep, NoDemoClock, advance_clock, parse_step
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(settings: Any) -> None:
    settings.DEMO_CLOCK = True
    forget()


@pytest.mark.parametrize(
    ("text", "step"),
    [("5d", timedelta(days=5)), (" 36h ", timedelta(hours=36)), ("90m", timedelta(minutes=90))],
)
def test_a_step_is_read_as_it_is_written(text: str, step: timedelta) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["", "0d", "-1d", "5", "d", "367d", "1w", "5d5d", "99999999d", "٣d"])
def test_a_step_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidStep):
        parse_step(text)


@pytest.mark.usefixtures("clock")
def test_the_clock_moves_for_every_reader_and_sessions_keep_real_time() -> None:
    advance_clock(step=timedelta(days=5), reason="To see", by=Actor.system(), at=now())
    forget()  # as another process reads it

    assert offset() == timedelta(days=5)
    assert now() - real_now() > timedelta(days=4, hours=23)
    assert ClockOffset.objects.get().offset == timedelta(days=5)


@pytest.mark.usefixtures("clock")
def test_only_staff_move_the_clock() -> None:
    alice = make_client("Alice")

    with nothing_happens(), pytest.raises(NotAllowed):
        advance_clock(step=timedelta(days=1), reason="To see", by=alice.actor, at=now())


def test_an_installation_with_real_time_has_no_demo_clock() -> None:
    with nothing_happens(), pytest.raises(NoDemoClock):
        advance_clock(step=timedelta(days=1), reason="To see", by=Actor.system(), at=now())
    with pytest.raises(CommandError):
        call_command("advance_clock", "1d")


@pytest.mark.usefixtures("clock")
def test_staff_move_the_clock_by_the_page(client: Client) -> None:
    fanny = make_staff("Fanny", "finance")
    sign_in(client, fanny)

    answer = client.post("/demo-clock/", {"step": "2d", "reason": "Let it mature"})

    assert answer.status_code == 200
    forget()
    assert offset() == timedelta(days=2)
    event = Event.objects.get(kind="marketplace.clock_advanced")
    assert (event.reason, event.data["step"], event.actor_user_id) == ("Let it mature", 172_800, fanny.user.pk)


@pytest.mark.usefixtures("clock")
def test_a_step_without_a_reason_is_not_taken(client: Client) -> None:
    sign_in(client, make_staff("Fanny", "finance"))

    with nothing_happens():
        answer = client.post("/demo-clock/", {"step": "2d", "reason": " "})

    assert answer.status_code == 422
    assert "Say why in a sentence." in answer.content.decode()


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("page", ["/fees/", "/admin/"])
def test_staff_are_led_to_the_clock(client: Client, page: str) -> None:
    sign_in(client, make_staff("Fanny", "finance"))

    assert 'href="/demo-clock/"' in client.get(page).content.decode()


@pytest.mark.parametrize("page", ["/fees/", "/admin/"])
def test_where_time_is_real_nobody_is_led_to_a_clock(client: Client, page: str) -> None:
    sign_in(client, make_staff("Fanny", "finance"))

    assert 'href="/demo-clock/"' not in client.get(page).content.decode()


@pytest.mark.usefixtures("clock")
def test_others_are_not_led_to_the_clock(client: Client) -> None:
    sign_in(client, make_client("Alice"))

    assert 'href="/demo-clock/"' not in client.get("/fees/").content.decode()


@pytest.mark.usefixtures("clock")
def test_a_wrong_step_is_explained_and_kept(client: Client) -> None:
    sign_in(client, make_staff("Fanny", "finance"))

    answer = client.post("/demo-clock/", {"step": "next week", "reason": "To see"})

    assert answer.status_code == 422
    assert 'value="next week"' in answer.content.decode()
    forget()
    assert offset() == timedelta()


@pytest.mark.usefixtures("clock")
def test_the_page_does_not_exist_for_others(client: Client) -> None:
    sign_in(client, make_client("Alice"))

    assert client.get("/demo-clock/").status_code == 404
