"""Counting what one visitor does."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from core.actor import Actor
from core.limits import TooOften, allow, allow_user, limited


@limited("test-view", limit=2, seconds=60)
def view(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(str(number))


def test_each_person_has_a_count_of_their_own(rf: Any) -> None:
    alice, bob, visitor = rf.post("/"), rf.post("/"), rf.post("/")
    alice.actor, bob.actor, visitor.actor = Actor(user_id=91), Actor(user_id=92), Actor.anonymous()

    assert [view(alice, 1).content, view(alice, 2).content] == [b"1", b"2"]
    with pytest.raises(TooOften) as refused:
        view(alice, 3)
    assert refused.value.status_code == 429
    assert (view(bob, 1).content, view(visitor, 1).content) == (b"1", b"1")


def test_only_what_changes_something_is_counted(rf: Any) -> None:
    request = rf.get("/")
    request.actor = Actor(user_id=93)
    assert [view(request, 1).content for _turn in range(5)] == [b"1"] * 5


def test_things_are_counted_apart_and_with_and_without_a_request_together(rf: Any) -> None:
    request = rf.get("/")
    request.actor = Actor(user_id=94)
    assert allow(request, "one", limit=1, seconds=60)
    assert not allow_user(94, "one", limit=1, seconds=60)
    assert allow_user(94, "another", limit=1, seconds=60)
