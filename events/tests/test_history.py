"""Timelines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.actor import Actor
from events.actions import record
from events.queries import history, history_of
from events.tests.conftest import Hearing

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def some_history(hearing: Hearing) -> None:
    for subject, scope in (
        ("offer:1", "job:5"),
        ("milestone:7", "contract:3"),
        ("milestone:8", "contract:3"),
        ("milestone:9", "contract:4"),
        ("milestone:7", "contract:3"),
    ):
        record(kind="contracts.something_happened", actor=Actor.system(), subject=subject, scope=scope, at=AT)


def test_a_scope_shows_its_own_events_newest_first() -> None:
    assert [event.subject for event in history("contract:3")] == ["milestone:7", "milestone:8", "milestone:7"]
    assert [event.subject for event in history("contract:3", "job:5", limit=2)] == ["milestone:7", "milestone:8"]


def test_older_events_follow_on_the_next_page(django_assert_num_queries: Any) -> None:
    first = list(history("contract:3", limit=2))
    with django_assert_num_queries(1):
        older = list(history("contract:3", limit=2, older_than=first[-1].pk))
    assert [event.subject for event in older] == ["milestone:7"]
    assert older[0].pk < first[-1].pk


def test_a_thing_has_a_history_of_its_own() -> None:
    assert [event.scope for event in history_of("milestone:7", "offer:1")] == ["contract:3", "contract:3", "job:5"]
