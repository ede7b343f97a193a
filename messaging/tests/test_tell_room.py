"""Whom a hint about a room reaches: those who may read there when it is sent, and nobody who was removed or blocked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Membership, User
from accounts.tests.cast import Person, make_freelancer, make_member, sign_in
from core.clock import now
from events.actions import deliver_due
from messaging import live, registry
from messaging.actions import block_side, delete_message, edit_message, lift_guard
from messaging.models import Room
from messaging.tests.cast import AT, MAIL, say

pytestmark = pytest.mark.django_db
Told = list[tuple[set[int], dict[str, Any]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What was sent, and to whom."""
    sent: Told = []
    monkeypatch.setattr(live, "tell_users", lambda users, hint: sent.append((set(users), dict(hint))))
    return sent


def commit() -> None:
    """Tell what waits for a commit, to which these tests never come, and deliver what happened."""
    waiting, connection.run_on_commit = connection.run_on_commit, []
    for function in (each[1] for each in waiting):
        if isinstance(function, partial) and function.func is live.tell_room:
            function()
    deliver_due(at=now())


def test_both_sides_hear_of_a_message_without_a_word_of_it(alice: Person, bob: Person, talk: Room, told: Told) -> None:
    make_freelancer("Chloé")
    message = say(bob, talk, MAIL)
    commit()

    assert told == [({alice.user.pk, bob.user.pk}, {"kind": "room", "room": talk.pk, "last_id": message.pk})]


@pytest.mark.parametrize(
    "change",
    [
        lambda message, bob, _talk: edit_message(message_id=message.pk, text="Monday", by=bob.actor, at=AT),
        lambda message, bob, _talk: delete_message(message_id=message.pk, by=bob.actor, at=AT),
        lambda _message, _bob, talk: lift_guard(owner=talk.owner, at=AT),
    ],
    ids=["edited", "deleted", "guard-lifted"],
)
def test_changes_are_told_too(
    alice: Person, bob: Person, talk: Room, told: Told, change: Callable[[Any, Person, Room], Any]
) -> None:
    message = say(bob, talk, MAIL)
    commit()
    change(message, bob, talk)
    commit()

    assert told[1:] == [({alice.user.pk, bob.user.pk}, {"kind": "room", "room": talk.pk, "last_id": message.pk})]


def test_who_leaves_between_the_message_and_its_hint_hears_nothing(
    alice: Person, bob: Person, talk: Room, told: Told
) -> None:
    assert alice.party is not None
    removed, inactive = make_member("Rita", alice.party, "admin"), make_member("Iris", alice.party, "admin")
    stays = make_member("Sven", alice.party, "admin")
    make_member("Maud", alice.party, "member")
    say(bob, talk, "Good morning.")
    Membership.objects.filter(user=removed.user).update(ended_at=now())
    User.objects.filter(pk=inactive.user.pk).update(is_active=False)
    commit()

    assert [users for users, _hint in told] == [{alice.user.pk, bob.user.pk, stays.user.pk}]


def test_a_blocked_side_hears_nothing(alice: Person, bob: Person, talk: Room, told: Told) -> None:
    message = say(alice, talk, "Good morning.")
    block_side(room_id=talk.pk, by=alice.actor, at=AT)
    delete_message(message_id=message.pk, by=alice.actor, at=AT)
    commit()

    assert [users for users, _hint in told] == [{alice.user.pk}, {alice.user.pk}]


def test_members_and_workers_hear_of_rooms_that_are_open_to_them(
    alice: Person, bob: Person, talk: Room, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alice.party is not None
    assert bob.party is not None
    maud, nils = make_member("Maud", alice.party, "member"), make_member("Nils", bob.party, "named_worker")
    monkeypatch.setitem(registry._member_rooms, "interview", lambda _party, _user: [talk.owner])
    monkeypatch.setitem(registry._workers, "interview", lambda user, _pk: user != nils.user.pk)
    say(bob, talk, "Good morning.")
    commit()

    assert [users for users, _hint in told] == [{alice.user.pk, bob.user.pk, maud.user.pk}]


def test_the_writer_hears_that_a_message_was_read_once(
    client: Client, alice: Person, bob: Person, talk: Room, told: Told
) -> None:
    message = say(bob, talk, "Good morning.")
    sign_in(client, alice)
    client.get(f"/messages/{talk.pk}/")
    client.get(f"/messages/{talk.pk}/")

    assert told == [({bob.user.pk}, {"kind": "room", "room": talk.pk, "last_id": message.pk})]
