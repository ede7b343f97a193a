"""The socket of an open page: for the room's people, only as long as they are, and never for a flood."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from accounts.models import Membership, User
from accounts.tests.cast import Person, make_client, make_freelancer
from core.clock import now
from core.errors import NotAllowed
from messaging import registry
from messaging.actions import open_room
from messaging.consumers import ALIVE, NOT_ALLOWED, TOO_MUCH, LiveConsumer
from messaging.live import check_users, tell_open_pages, tell_users
from messaging.models import Room

pytestmark = pytest.mark.django_db(transaction=True)
OWNER = "contract:900000002"


class Socket:
    """A browser's end of a socket."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.scope, self.wire = scope, cast("Any", None)

    async def open(self) -> Any:
        """Ask to connect, with the session of a person who is logged in, and return the answer."""
        if self.scope["user"].is_authenticated:
            browser = Client()
            await sync_to_async(browser.force_login)(self.scope["user"])
            self.scope["session"] = await sync_to_async(lambda: browser.session)()
        self.wire = ApplicationCommunicator(LiveConsumer.as_asgi(), self.scope)  # type: ignore[no-untyped-call]
        await self.wire.send_input({"type": "websocket.connect"})
        assert (await self.hear())["type"] == "websocket.accept"
        return await self.hear()

    async def say(self, text: str) -> None:
        """Send one frame."""
        await self.wire.send_input({"type": "websocket.receive", "text": text})

    async def hear(self) -> Any:
        """Return what the server says next."""
        return await self.wire.receive_output(timeout=5)

    async def close(self) -> None:
        """Go away, and wait until the server has noticed."""
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait()


def socket(user: Any, query: str = f"scope={OWNER}") -> Socket:
    scope = {"type": "websocket", "path": "/ws/live/", "query_string": query.encode(), "headers": [], "user": user}
    return Socket(scope)


@pytest.fixture
def alice() -> Person:
    person = make_client("Alice")
    assert person.party is not None
    open_room(kind=Room.Kind.CONTRACT, owner=OWNER, title="Checkout", party_ids=[person.party.pk], at=now())
    return person


async def refused(communicator: Socket) -> int:
    answer = await communicator.open()
    assert answer["type"] == "websocket.close"
    return int(answer["code"])


def test_a_stranger_and_a_visitor_are_refused(alice: Person) -> None:
    chloe = make_freelancer("Chloé")

    async def run() -> None:
        assert await refused(socket(chloe.user)) == NOT_ALLOWED
        assert await refused(socket(AnonymousUser())) == NOT_ALLOWED

    async_to_sync(run)()


@pytest.mark.parametrize("query", ["scope=contract:x", "scope=../1", f"scope={'a' * 400}:1"])
def test_a_scope_that_is_none_is_refused(alice: Person, query: str) -> None:
    async def run() -> None:
        assert await refused(socket(alice.user, query)) == NOT_ALLOWED

    async_to_sync(run)()


def test_the_rooms_people_hear_that_there_is_news(alice: Person) -> None:
    async def run() -> None:
        communicator = socket(alice.user)
        assert json.loads((await communicator.open())["text"]) == {"kind": "open"}

        await sync_to_async(tell_open_pages)(OWNER, "contracts.milestone_funded")
        word = await communicator.hear()
        assert json.loads(word["text"]) == {"kind": "news", "news": "contracts.milestone_funded"}
        await communicator.close()

    async_to_sync(run)()


def test_who_made_the_news_is_not_told_of_it(alice: Person) -> None:
    async def run() -> None:
        communicator = socket(alice.user)
        await communicator.open()

        await sync_to_async(tell_open_pages)(OWNER, "messaging.message_posted", actor_id=alice.user.pk)
        await sync_to_async(tell_open_pages)(OWNER, "contracts.milestone_funded", actor_id=alice.user.pk + 1)
        word = await communicator.hear()
        assert json.loads(word["text"]) == {"kind": "news", "news": "contracts.milestone_funded"}
        await communicator.close()

    async_to_sync(run)()


def test_a_removed_member_is_cut_before_the_next_word(alice: Person) -> None:

    async def run() -> None:
        communicator = socket(alice.user)
        await communicator.open()
        await sync_to_async(Membership.objects.filter(user=alice.user).update)(ended_at=now())
        await sync_to_async(tell_open_pages)(OWNER, "contracts.milestone_funded")
        assert (await communicator.hear())["code"] == NOT_ALLOWED

    async_to_sync(run)()


def test_a_device_that_was_logged_out_is_cut_before_the_next_word(alice: Person) -> None:
    async def run() -> None:
        here, there = socket(alice.user), socket(alice.user)
        await here.open()
        await there.open()
        await sync_to_async(there.scope["session"].delete)(there.scope["session"].session_key)
        await sync_to_async(tell_open_pages)(OWNER, "contracts.milestone_funded")
        assert (await there.hear())["code"] == NOT_ALLOWED
        assert json.loads((await here.hear())["text"]) == {"kind": "news", "news": "contracts.milestone_funded"}
        await here.close()

    async_to_sync(run)()


@pytest.mark.parametrize("change", ["password", "closed"])
def test_a_new_password_and_a_closed_account_cut_what_is_open(alice: Person, change: str) -> None:
    async def run() -> None:
        communicator = socket(alice.user)
        await communicator.open()
        changed = {"is_active": False} if change == "closed" else {"password": make_password("another sentence")}
        await sync_to_async(User.objects.filter(pk=alice.user.pk).update)(**changed)
        await communicator.say("ping")
        assert (await communicator.hear())["code"] == NOT_ALLOWED

    async_to_sync(run)()


def test_a_page_hears_what_is_new_for_its_reader_and_for_nobody_else(alice: Person) -> None:
    bob = make_freelancer("Bob")

    async def run() -> None:
        here, there = socket(alice.user, ""), socket(bob.user, "")
        await here.open()
        await there.open()
        await sync_to_async(tell_users)([alice.user.pk], {"kind": "room", "room": 3, "last_id": 7})
        await sync_to_async(tell_users)([bob.user.pk], {"kind": "notices", "unread": 1})
        assert json.loads((await here.hear())["text"]) == {"kind": "room", "room": 3, "last_id": 7}
        assert json.loads((await there.hear())["text"]) == {"kind": "notices", "unread": 1}
        await here.close()
        await there.close()

    async_to_sync(run)()


def test_a_log_in_that_has_ended_is_cut_when_it_is_looked_at(alice: Person) -> None:
    async def run() -> None:
        here, there = socket(alice.user, ""), socket(alice.user, "")
        await here.open()
        await there.open()
        await sync_to_async(there.scope["session"].delete)(there.scope["session"].session_key)
        await sync_to_async(check_users)([alice.user.pk])
        assert (await there.hear())["code"] == NOT_ALLOWED
        await sync_to_async(tell_users)([alice.user.pk], {"kind": "notices", "unread": 2})
        assert json.loads((await here.hear())["text"]) == {"kind": "notices", "unread": 2}
        await here.close()

    async_to_sync(run)()


def test_a_registered_frame_is_handled_within_its_limits_and_refused_in_words(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, dict[str, Any]]] = []

    def take(user_id: int, session_key: str, content: dict[str, Any]) -> None:
        if content.get("no"):
            raise NotAllowed("You are not in this call.")
        heard.append((user_id, content))

    monkeypatch.setitem(registry._frames, "knock", registry.Frame(take, size=600, a_minute=3))

    async def run() -> None:
        communicator = socket(alice.user, "")
        await communicator.open()
        await communicator.say(json.dumps({"kind": "knock", "text": "x" * 500}))
        await communicator.say(json.dumps({"kind": "knock", "no": True}))
        refusal = {"kind": "refused", "of": "knock", "text": "You are not in this call."}
        assert json.loads((await communicator.hear())["text"]) == refusal
        await communicator.say(json.dumps({"kind": "knock"}))
        await communicator.say(json.dumps({"kind": "knock"}))
        assert (await communicator.hear())["code"] == TOO_MUCH

    async_to_sync(run)()
    assert heard == [(alice.user.pk, {"kind": "knock", "text": "x" * 500}), (alice.user.pk, {"kind": "knock"})]


@pytest.mark.parametrize("text", ["ping", "[1]", '{"kind": 7}', '{"kind": "nobody"}', "[" * 200])
def test_a_frame_that_nobody_takes_is_only_a_heartbeat(alice: Person, text: str) -> None:
    async def run() -> None:
        communicator = socket(alice.user, "")
        await communicator.open()
        await communicator.say(text)
        await sync_to_async(tell_users)([alice.user.pk], {"kind": "notices", "unread": 1})
        assert json.loads((await communicator.hear())["text"]) == {"kind": "notices", "unread": 1}
        await communicator.close()

    async_to_sync(run)()


def test_somebody_who_opens_sockets_without_end_is_refused(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.consumers.OPENED_A_MINUTE", 1)

    async def run() -> None:
        first = socket(alice.user, "")
        await first.open()
        assert await refused(socket(alice.user, "")) == TOO_MUCH
        await first.close()

    async_to_sync(run)()


def test_a_socket_that_floods_is_cut(alice: Person) -> None:
    async def run() -> None:
        communicator = socket(alice.user)
        await communicator.open()
        for _frame in range(ALIVE.a_minute + 1):
            await communicator.say("ping")
        assert (await communicator.hear())["code"] == TOO_MUCH

    async_to_sync(run)()


def test_a_frame_that_is_too_large_is_cut(alice: Person) -> None:
    async def run() -> None:
        communicator = socket(alice.user)
        await communicator.open()
        await communicator.say("x" * 257)
        assert (await communicator.hear())["code"] == TOO_MUCH

    async_to_sync(run)()


def test_a_log_in_that_has_ended_hears_no_signal_though_nobody_looked(alice: Person) -> None:
    async def run() -> None:
        communicator = socket(alice.user, "")
        await communicator.open()
        await sync_to_async(communicator.scope["session"].delete)(communicator.scope["session"].session_key)
        await sync_to_async(tell_users)([alice.user.pk], {"kind": "call", "call": 3, "action": "signal"})
        assert (await communicator.hear())["code"] == NOT_ALLOWED

    async_to_sync(run)()


@pytest.mark.parametrize("sign", ["x", "\u20ac"])
def test_a_frame_larger_than_any_that_is_taken_is_not_even_read(
    alice: Person, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    read: list[str | None] = []

    def note(text: str | None) -> dict[str, Any]:
        read.append(text)
        return {}

    monkeypatch.setattr("messaging.consumers._read", note)
    most = registry.largest_frame(least=ALIVE.size)

    async def run() -> None:
        communicator = socket(alice.user, "")
        await communicator.open()
        await communicator.say(sign * (most // len(sign.encode()) + 1))
        assert (await communicator.hear())["code"] == TOO_MUCH

    async_to_sync(run)()
    assert read == []
