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
    advance_clock(step=timedelta(days=5), by=Actor.system())
    forget()  # as another process reads it

    assert offset() == timedelta(days=5)
    assert now() - real_now() > timedelta(days=4, hours=23)
    assert ClockOffset.objects.get().offset == timedelta(days=5)


@pytest.mark.usefixtures("clock")
def test_only_staff_move_the_clock() -> None:
    alice = make_client("Alice")

    with nothing_happens(), pytest.raises(NotAllowed):
        advance_clock(step=timedelta(days=1), by=alice.actor)


def test_an_installation_with_real_time_has_no_demo_clock() -> None:
    with nothing_happens(), pytest.raises(NoDemoClock):
        advance_clock(step=timedelta(days=1), by=Actor.system())
    with pytest.raises(CommandError):
        call_command("advance_clock", "1d")


@pytest.mark.usefixtures("clock")
def test_staff_move_the_clock_by_the_page(client: Client) -> None:
    sign_in(client, make_staff("Fanny", "finance"))

    answer = client.post("/demo-clock/", {"step": "2d"})

    assert answer.status_code == 200
    forget()
    assert offset() == timedelta(days=2)


@pytest.mark.usefixtures("clock")
def test_a_wrong_step_is_explained_and_kept(client: Client) -> None:
    sign_in(client, make_staff("Fanny", "finance"))

    answer = client.post("/demo-clock/", {"step": "next week"})

    assert answer.status_code == 422
    assert 'value="next week"' in answer.content.decode()
    forget()
    assert offset() == timedelta()


@pytest.mark.usefixtures("clock")
def test_the_page_does_not_exist_for_others(client: Client) -> None:
    sign_in(client, make_client("Alice"))

    assert client.get("/demo-clock/").status_code == 404
