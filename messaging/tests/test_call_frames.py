"""What pages of a call say to each other: only the two of a running call, only what a call needs, never too much."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_freelancer
from core.clock import now
from messaging import frames, registry
from messaging.actions import answer_call, hang_up, open_room, start_call
from messaging.consumers import TOO_MUCH
from messaging.frames import LONGEST_DESCRIPTION, SignalUnknown, clean_signal
from messaging.models import Call, CallPerson, Room
from messaging.tests.test_consumer import Socket, socket

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """Alice and Bob in a call, and Chloé, who has nothing to do with it."""

    def __init__(self) -> None:
        self.alice, self.bob, self.chloe = make_client("Alice"), make_freelancer("Bob"), make_freelancer("Chloé")
        parties = [person.party.pk for person in (self.alice, self.bob) if person.party]
        self.room = open_room(
            kind=Room.Kind.CONTRACT, owner="contract:900000009", title="Checkout", party_ids=parties, at=now()
        )
        self.call = start_call(room_id=self.room.pk, kind=Call.Kind.VOICE, by=self.alice.actor, at=now())

    def answer(self) -> None:
        """Let Bob answer."""
        answer_call(call_id=self.call.pk, by=self.bob.actor, at=now())


async def opened(person: Person) -> Socket:
    page = socket(person.user, "")
    await page.open()
    return page


async def heard(page: Socket) -> dict[str, Any]:
    word: dict[str, Any] = json.loads((await page.hear())["text"])
    return word


def frame(call: Call, **content: Any) -> str:
    return json.dumps({"kind": "call", "action": "signal", "call": call.pk, **content})


def test_what_one_says_reaches_the_other_and_nobody_else() -> None:
    scene = Scene()
    scene.answer()
    offer = {"type": "offer", "sdp": "v=0\r\n" * 1000}

    async def run() -> None:
        alice, bob, chloe = [await opened(person) for person in (scene.alice, scene.bob, scene.chloe)]
        await alice.say(frame(scene.call, tab="a", description=offer, secret="x"))
        assert await heard(bob) == {
            "kind": "call",
            "action": "signal",
            "call": scene.call.pk,
            "tab": "a",
            "description": offer,
        }
        assert await chloe.wire.receive_nothing()
        assert await alice.wire.receive_nothing()
        await chloe.say(frame(scene.call, ready=True))
        assert await heard(chloe) == {"kind": "refused", "of": "call", "text": "This call has ended."}
        assert await bob.wire.receive_nothing()
        for page in (alice, bob, chloe):
            await page.close()

    async_to_sync(run)()


@pytest.mark.parametrize("state", ["ringing", "ended", "removed"])
def test_nothing_is_handed_on_but_in_a_running_call_of_people_who_may_talk(state: str) -> None:
    scene = Scene()
    if state != "ringing":
        scene.answer()
    if state == "ended":
        hang_up(call_id=scene.call.pk, by=scene.bob.actor, at=now())
    if state == "removed":
        Membership.objects.filter(user=scene.alice.user).update(ended_at=now())

    async def run() -> None:
        alice, bob = await opened(scene.alice), await opened(scene.bob)
        await alice.say(frame(scene.call, ready=True))
        said = await heard(alice)
        while said["kind"] != "refused":  # that the call was dropped is told first
            said = await heard(alice)
        assert said["text"] == "This call has ended."
        if state == "removed":
            assert (await heard(bob))["action"] == "changed"
        assert await bob.wire.receive_nothing()
        await alice.close()
        await bob.close()

    async_to_sync(run)()
    assert Call.objects.get().status == {"ringing": "ringing", "ended": "ended", "removed": "ended"}[state]


def test_a_page_that_opens_hears_what_rings_and_the_caller_that_it_does() -> None:
    scene = Scene()

    async def run() -> None:
        alice, bob = await opened(scene.alice), await opened(scene.bob)
        await bob.say(json.dumps({"kind": "call", "action": "now"}))
        assert await heard(bob) == {"kind": "call", "action": "ring", "call": scene.call.pk}
        await bob.say(json.dumps({"kind": "call", "action": "heard", "call": scene.call.pk}))
        assert await heard(alice) == {"kind": "call", "action": "changed", "call": scene.call.pk}
        await sync_to_async(scene.answer)()
        assert (await heard(bob))["action"] == "changed"
        await alice.close()
        await bob.close()

    async_to_sync(run)()
    assert CallPerson.objects.get(user=scene.bob.user).heard_at is not None


def test_a_description_of_a_megabyte_cuts_its_own_page_only() -> None:
    scene = Scene()
    scene.answer()

    async def run() -> None:
        alice, bob = await opened(scene.alice), await opened(scene.bob)
        await alice.say(frame(scene.call, description={"type": "offer", "sdp": "x" * 1_000_000}))
        assert (await alice.hear())["code"] == TOO_MUCH
        assert await bob.wire.receive_nothing()
        await bob.close()

    async_to_sync(run)()
    assert Call.objects.get().status == "connected"


def test_a_flood_of_frames_is_cut_and_the_call_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.frame_of("call")
    assert known is not None
    assert (known.size, known.a_minute) == (80_000, 240)
    monkeypatch.setitem(registry._frames, "call", replace(known, a_minute=5))
    scene = Scene()
    scene.answer()

    async def run() -> None:
        alice = await opened(scene.alice)
        for _frame in range(6):
            await alice.say(json.dumps({"kind": "call", "action": "now"}))
        assert (await alice.hear())["code"] == TOO_MUCH

    async_to_sync(run)()
    assert Call.objects.get().status == "connected"


def test_a_person_with_many_pages_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAMES_A_MINUTE", 3)
    scene = Scene()

    async def run() -> None:
        pages = [await opened(scene.alice) for _page in range(4)]
        for page in pages[:3]:
            await page.say(json.dumps({"kind": "call", "action": "now"}))
            assert await page.wire.receive_nothing(timeout=0.2)
        await pages[3].say(json.dumps({"kind": "call", "action": "now"}))
        assert (await heard(pages[3]))["kind"] == "refused"
        for page in pages:
            await page.close()

    async_to_sync(run)()


BAD: tuple[dict[str, Any], ...] = (
    {"tab": "x" * 65},
    {"tab": 5},
    {"description": "v=0"},
    {"description": {"type": "rollback", "sdp": ""}},
    {"description": {"type": "offer", "sdp": "x" * (LONGEST_DESCRIPTION + 1)}},
    {"description": {"type": "offer"}},
    {"candidates": {}},
    {"candidates": [{}]},
    {"candidates": [{"candidate": "x" * 1025}]},
    {"candidates": [{"candidate": "x"}] * 41},
    {"candidates": [{"candidate": "x", "sdpMLineIndex": -1}]},
    {"state": {"muted": True, "name": "x"}},
    {"state": "muted"},
)


@pytest.mark.parametrize("content", BAD, ids=str)
def test_what_no_call_needs_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(SignalUnknown):
        clean_signal(content)


@pytest.mark.parametrize("call", [None, "1", True, -1, 2**70, [1]])
def test_a_frame_about_no_call_is_refused_in_words(call: Any) -> None:
    scene = Scene()

    async def run() -> None:
        alice = await opened(scene.alice)
        await alice.say(json.dumps({"kind": "call", "action": "signal", "call": call}))
        assert (await heard(alice))["text"] == "This page sent something that no call needs. Reload it."
        await alice.close()

    async_to_sync(run)()


def test_only_what_a_call_needs_is_handed_on() -> None:
    address = {"candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "abc"}

    clean = clean_signal(
        {
            "kind": "call",
            "user": 7,
            "tab": "a",
            "to": "b",
            "session": "c",
            "ready": True,
            "restart": "yes",
            "candidates": [{**address, "foreign": "x"}],
            "state": {"muted": 1, "camera": True},
        }
    )

    assert clean == {
        "tab": "a",
        "to": "b",
        "session": "c",
        "ready": True,
        "candidates": [address],
        "state": {"muted": False, "camera": True},
    }


def test_nothing_reaches_the_page_of_somebody_who_was_removed_during_the_call() -> None:
    scene = Scene()
    scene.answer()

    async def run() -> None:
        alice, bob = await opened(scene.alice), await opened(scene.bob)
        await sync_to_async(Membership.objects.filter(user=scene.bob.user).update)(ended_at=now())
        await alice.say(frame(scene.call, description={"type": "offer", "sdp": "v=0"}))
        words = [await heard(alice), await heard(alice)]
        assert {word.get("text", word.get("action")) for word in words} == {"This call has ended.", "changed"}
        assert await heard(bob) == {"kind": "call", "action": "changed", "call": scene.call.pk}
        assert await bob.wire.receive_nothing()
        await alice.close()
        await bob.close()

    async_to_sync(run)()
    assert Call.objects.get().status == "ended"
