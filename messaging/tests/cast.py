"""Alice, who hires, and Bob, who works, in a room before a contract and in one with a contract."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from accounts.tests.cast import Person, make_client, make_freelancer
from messaging.actions import open_room, post_message
from messaging.models import Message, Room
from tests.remembered import remembered

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: What Bob should not write before a contract, and what is left of it for Alice.
MAIL = "Write to me at bob.keller@gmail.com, please."
MASKED = "Write to me at ••••••, please."
SECRET = "bob.keller"
numbers = count(910_000_000)


@remembered
def make_pair(at: datetime) -> tuple[Person, Person]:
    """Return Alice and Bob."""
    return make_client("Alice", at=at), make_freelancer("Bob", at=at)


@pytest.fixture
def pair() -> tuple[Person, Person]:
    """Alice and Bob."""
    return make_pair(AT)


@pytest.fixture
def alice(pair: tuple[Person, Person]) -> Person:
    """The client."""
    return pair[0]


@pytest.fixture
def bob(pair: tuple[Person, Person]) -> Person:
    """The freelancer."""
    return pair[1]


def make_room(*people: Person, kind: Room.Kind = Room.Kind.INTERVIEW, guarded: bool = True) -> Room:
    """Return a new room of the parties of these people."""
    return open_room(
        kind=kind,
        owner=f"conversation:{next(numbers)}",
        title="Two ferries",
        party_ids=[each.party.pk for each in people if each.party],
        at=AT,
        guarded=guarded,
    )


@pytest.fixture
def talk(alice: Person, bob: Person) -> Room:
    """A room before a contract."""
    return make_room(alice, bob)


def say(person: Person, room: Room, text: str, *, at: datetime = AT, **more: Any) -> Message:
    """Write in a room."""
    return post_message(room_id=room.pk, text=text, token=uuid.uuid4().hex, by=person.actor, at=at, **more)
