"""Forms that make something make it once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import NoReturn

import pytest
from django.db import transaction

from core.errors import DomainError, FormSentBefore
from core.forms import new_token
from core.models import SentForm
from core.once import once
from core.tests.threads import race

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Refused(DomainError):
    """Not this time."""


class Maker:
    """Counts what it made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        return 40 + self.made


@pytest.mark.django_db
def test_the_same_form_makes_one_thing_and_tells_which() -> None:
    make, token = Maker(), new_token()
    assert [once(token=token, user_id=1, content="a", at=AT, make=make) for _turn in range(3)] == [41] * 3
    assert once(token=token, user_id=2, content="a", at=AT, make=make) == 42, "another person's form is another form"
    assert once(token=new_token(), user_id=1, content="a", at=AT, make=make) == 43


@pytest.mark.django_db
def test_the_same_form_with_other_content_makes_nothing_and_says_so() -> None:
    make, token = Maker(), new_token()
    once(token=token, user_id=1, content={"title": "Fares"}, at=AT, make=make)
    with pytest.raises(FormSentBefore, match="sent this form before"):
        once(token=token, user_id=1, content={"title": "Tides"}, at=AT, make=make)
    assert once(token=token, user_id=1, content={"title": "Fares"}, at=AT, make=make) == 41
    assert make.made == 1


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "short", "x" * 41, "a" * 20 + "\x00", "é" * 20])
def test_a_form_without_a_proper_token_is_done_each_time(token: str) -> None:
    make = Maker()
    assert [once(token=token, user_id=1, content="a", at=AT, make=make) for _turn in range(2)] == [41, 42]
    assert not SentForm.objects.exists()


@pytest.mark.django_db
def test_what_is_refused_leaves_the_form_as_new() -> None:
    def refuse() -> NoReturn:
        raise Refused("no")

    token, make = new_token(), Maker()
    with pytest.raises(Refused), transaction.atomic():
        once(token=token, user_id=1, content="a", at=AT, make=refuse)
    assert once(token=token, user_id=1, content="a", at=AT, make=make) == 41


@pytest.mark.django_db
def test_forms_are_forgotten_after_a_day() -> None:
    token, make = new_token(), Maker()
    once(token=token, user_id=1, content="a", at=AT, make=make)
    once(token=new_token(), user_id=1, content="a", at=AT + timedelta(days=1, seconds=1), make=make)
    assert not SentForm.objects.filter(token=token).exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_thing() -> None:
    make, token, waited = Maker(), new_token(), Event()

    def slowly() -> int:
        waited.wait(0.2)
        return make()

    answers = race(*[lambda: once(token=token, user_id=1, content="a", at=AT, make=slowly)] * 4)
    assert (answers, make.made) == ([41] * 4, 1)
