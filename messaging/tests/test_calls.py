"""Calls: who may ring whom, what each end is called, one call at a time, and none that goes on for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, sign_in
from core.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import run_sweep
from core.tests.threads import together
from events.models import Event
from messaging import actions, registry
from messaging.actions import (
    CallNotConnected,
    CallNotRinging,
    NobodyToCall,
    OnThePhone,
    RoomOnThePhone,
    answer_call,
    cancel_call,
    decline_call,
    hang_up,
    note_alive,
    note_heard,
    open_room,
    start_call,
)
from messaging.models import Call, CallPerson, Room
from messaging.queries import call_lines, people_to_ring, ringing_for
from notifications.actions import make_notices
from notifications.models import Notice
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = now()
VOICE, VIDEO = Call.Kind.VOICE, Call.Kind.VIDEO
SECOND = timedelta(seconds=1)
RINGS = timedelta(seconds=45)
SILENCE = timedelta(seconds=40)


@pytest.fixture(autouse=True)
def _page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._pages, Room.Kind.CONTRACT, lambda pk: f"/contracts/{pk}/messages/")


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob")


def make_room(number: int, *people: Person) -> Room:
    parties = [person.party.pk for person in people if person.party]
    owner = f"contract:{900000100 + number}"
    return open_room(kind=Room.Kind.CONTRACT, owner=owner, title="Checkout", party_ids=parties, at=AT)


@pytest.fixture
def room(alice: Person, bob: Person) -> Room:
    return make_room(1, alice, bob)


def ring(person: Person, room: Room, at: Any = AT) -> Call:
    return start_call(room_id=room.pk, kind=VOICE, by=person.actor, at=at)


def connected(alice: Person, bob: Person, room: Room) -> Call:
    return answer_call(call_id=ring(alice, room).pk, by=bob.actor, at=AT)


def state(call: Call) -> tuple[str, str]:
    call.refresh_from_db()
    return call.status, call.why


def told(call: Call) -> list[str]:
    kinds = Event.objects.filter(subject=f"call:{call.pk}").order_by("pk").values_list("kind", flat=True)
    return [kind.partition(".")[2] for kind in kinds]


def test_a_call_rings_is_answered_and_hung_up(alice: Person, bob: Person, room: Room) -> None:
    call = ring(alice, room)
    assert (state(call), call.rings_until) == (("ringing", ""), AT + RINGS)
    assert ringing_for(bob.user.pk, AT) == call
    assert ringing_for(alice.user.pk, AT) is None

    answer_call(call_id=call.pk, by=bob.actor, at=AT + SECOND)
    assert state(call) == ("connected", "")
    hang_up(call_id=call.pk, by=bob.actor, at=AT + 61 * SECOND)

    assert state(call) == ("ended", "hung_up")
    assert (call.callee, call.ended_at) == (bob.user, AT + 61 * SECOND)
    assert told(call) == ["call_started", "call_answered", "call_ended"]
    assert not CallPerson.objects.filter(left_at=None).exists()
    line = call_lines(room, reader_id=bob.user.pk)[0]
    assert (line.caller_name, line.callee_name, line.length_text) == ("Alice Martin", "Bob Durand", "1:00")


def test_the_same_person_calling_again_gets_the_same_call(alice: Person, room: Room, bob: Person) -> None:
    call = ring(alice, room)

    with nothing_happens():
        assert ring(alice, room) == call
    with nothing_happens(), pytest.raises(RoomOnThePhone):
        ring(bob, room)


def test_only_those_who_write_call_and_only_those_are_rung(alice: Person, bob: Person, room: Room) -> None:
    assert alice.party is not None
    rita = make_member("Rita", alice.party, "finance")
    hugo = make_member("Hugo", alice.party, "hiring_manager")

    for person in (rita, make_freelancer("Chloé")):
        with nothing_happens(), pytest.raises(NotAllowed):
            ring(person, room)
    call = ring(bob, room)

    assert {each.user for each in call.people.exclude(user=bob.user)} == {alice.user, hugo.user}
    with nothing_happens(), pytest.raises(NotAllowed):
        answer_call(call_id=call.pk, by=rita.actor, at=AT)


def test_the_first_to_answer_has_the_call_and_it_rings_no_more(alice: Person, bob: Person, room: Room) -> None:
    assert alice.party is not None
    hugo = make_member("Hugo", alice.party, "hiring_manager")
    call = ring(bob, room)
    answer_call(call_id=call.pk, by=hugo.actor, at=AT)

    assert ringing_for(alice.user.pk, AT) is None
    with nothing_happens(), pytest.raises(CallNotRinging):
        answer_call(call_id=call.pk, by=alice.actor, at=AT)
    with nothing_happens(), pytest.raises(NotAllowed):
        hang_up(call_id=call.pk, by=alice.actor, at=AT)
    with nothing_happens():
        assert answer_call(call_id=call.pk, by=hugo.actor, at=AT).callee == hugo.user


def test_a_call_rings_on_until_everybody_declined(alice: Person, bob: Person, room: Room) -> None:
    assert alice.party is not None
    hugo = make_member("Hugo", alice.party, "hiring_manager")
    call = ring(bob, room)
    decline_call(call_id=call.pk, by=hugo.actor, at=AT)
    assert (state(call), ringing_for(hugo.user.pk, AT)) == (("ringing", ""), None)
    with nothing_happens(), pytest.raises(CallNotRinging):
        answer_call(call_id=call.pk, by=hugo.actor, at=AT)

    decline_call(call_id=call.pk, by=alice.actor, at=AT)
    assert state(call) == ("declined", "")
    with nothing_happens(), pytest.raises(CallNotRinging):
        decline_call(call_id=call.pk, by=alice.actor, at=AT)


def test_a_room_without_another_side_cannot_be_called(alice: Person) -> None:
    alone = make_room(2, alice)

    with nothing_happens(), pytest.raises(NobodyToCall):
        ring(alice, alone)


@pytest.mark.parametrize(("was_heard", "why"), [(True, "no_answer"), (False, "offline")])
def test_nobody_answers_for_45_seconds(alice: Person, bob: Person, room: Room, *, was_heard: bool, why: str) -> None:
    call = ring(alice, room)
    if was_heard:
        assert note_heard(call_id=call.pk, by=bob.actor, at=AT + SECOND)
    note_alive(call_id=call.pk, by=alice.actor, at=AT + RINGS - SECOND)
    assert run_sweep("messaging.miss_calls", at=AT + RINGS - SECOND) == 0

    assert run_sweep("messaging.miss_calls", at=AT + RINGS) == 1

    assert state(call) == ("missed", why)
    with nothing_happens(), pytest.raises(CallNotRinging):
        answer_call(call_id=call.pk, by=bob.actor, at=AT + RINGS)
    make_notices(event=Event.objects.get(kind="messaging.call_missed"))
    assert [(each.user, each.data["caller"]) for each in Notice.objects.all()] == [(bob.user, "Alice Martin")]


def test_an_answer_that_comes_too_late_is_none(alice: Person, bob: Person, room: Room) -> None:
    call = ring(alice, room)

    with nothing_happens(), pytest.raises(CallNotRinging):
        answer_call(call_id=call.pk, by=bob.actor, at=AT + RINGS)


def test_the_callers_own_page_ends_the_ringing_without_the_clock(alice: Person, room: Room) -> None:
    call = ring(alice, room)

    assert note_alive(call_id=call.pk, by=alice.actor, at=AT + RINGS).status == "missed"


def test_only_who_called_gives_up_and_the_other_side_hears_of_it(alice: Person, bob: Person, room: Room) -> None:
    call = ring(alice, room)
    with nothing_happens(), pytest.raises(NotAllowed):
        cancel_call(call_id=call.pk, by=bob.actor, at=AT)
    with nothing_happens(), pytest.raises(CallNotConnected):
        hang_up(call_id=call.pk, by=alice.actor, at=AT)

    cancel_call(call_id=call.pk, by=alice.actor, at=AT)

    assert state(call) == ("cancelled", "hung_up")
    with nothing_happens(), pytest.raises(CallNotRinging):
        cancel_call(call_id=call.pk, by=alice.actor, at=AT)
    make_notices(event=Event.objects.get(kind="messaging.call_cancelled"))
    assert [each.user for each in Notice.objects.all()] == [bob.user]


def test_who_talks_elsewhere_is_busy_and_nobody_has_two_calls(alice: Person, bob: Person, room: Room) -> None:
    call = connected(alice, bob, room)
    eve, dora = make_client("Eve"), make_freelancer("Dora")
    busy = ring(eve, make_room(3, eve, bob))
    assert state(busy) == ("busy", "")
    assert call_lines(busy.room, reader_id=bob.user.pk)[0].is_missed

    second = make_room(4, alice, dora)
    with nothing_happens(), pytest.raises(OnThePhone):
        ring(alice, second)
    assert state(call) == ("connected", "")


def test_who_is_called_twice_answers_one(alice: Person, bob: Person, room: Room) -> None:
    eve = make_client("Eve")
    first, second = ring(alice, room), ring(eve, make_room(3, eve, bob))
    assert ringing_for(bob.user.pk, AT) == second
    answer_call(call_id=first.pk, by=bob.actor, at=AT)

    with nothing_happens(), pytest.raises(OnThePhone):
        answer_call(call_id=second.pk, by=bob.actor, at=AT)
    assert state(second) == ("ringing", "")


def test_the_database_keeps_a_person_out_of_a_second_call(alice: Person, bob: Person, room: Room) -> None:
    connected(alice, bob, room)
    eve = make_client("Eve")
    other = ring(eve, make_room(3, eve, make_freelancer("Dora")))

    assert bob.party is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        CallPerson.objects.create(call=other, user=bob.user, party=bob.party, joined_at=AT, seen_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.create(room=room, caller=bob.user, kind=VOICE, started_at=AT, rings_until=AT)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_page_that_is_silent_ends_the_call(alice: Person, bob: Person, room: Room, who: str) -> None:
    call = connected(alice, bob, room)
    stays = bob if who == "alice" else alice
    note_alive(call_id=call.pk, by=stays.actor, at=AT + SILENCE)
    assert state(call) == ("connected", "")
    assert run_sweep("messaging.drop_calls", at=AT + SILENCE) == 0

    assert run_sweep("messaging.drop_calls", at=AT + SILENCE + SECOND) == 1

    assert state(call) == ("ended", "lost")
    with nothing_happens(), pytest.raises(CallNotConnected):
        hang_up(call_id=call.pk, by=stays.actor, at=AT + SILENCE + SECOND)


def test_a_caller_who_is_gone_rings_no_more(alice: Person, room: Room) -> None:
    call = ring(alice, room)

    assert run_sweep("messaging.drop_calls", at=AT + SILENCE + SECOND) == 1
    assert state(call) == ("cancelled", "lost")


def test_no_call_is_longer_than_the_longest(alice: Person, bob: Person, room: Room) -> None:
    call = connected(alice, bob, room)
    end = AT + timedelta(hours=rules().call_hours_maximum)
    CallPerson.objects.update(seen_at=end)
    assert run_sweep("messaging.drop_calls", at=end - SECOND) == 0

    assert run_sweep("messaging.drop_calls", at=end) == 1
    assert state(call) == ("ended", "too_long")


def test_who_is_removed_talks_no_more(alice: Person, bob: Person, room: Room) -> None:
    call = connected(alice, bob, room)
    Membership.objects.filter(user=bob.user).update(ended_at=now())

    assert run_sweep("messaging.drop_calls", at=AT) == 1
    assert state(call) == ("ended", "left")


def test_a_deleted_account_leaves_the_call_and_its_rings_behind(alice: Person, bob: Person, room: Room) -> None:
    call = connected(alice, bob, room)

    actions.end_calls_of(user_id=bob.user.pk, by=Actor.system(), at=AT)

    assert state(call) == ("ended", "left")


CELLS: dict[str, Callable[[Call, Actor], object]] = {
    "answer_call": lambda call, by: answer_call(call_id=call.pk, by=by, at=AT),
    "decline_call": lambda call, by: decline_call(call_id=call.pk, by=by, at=AT),
    "cancel_call": lambda call, by: cancel_call(call_id=call.pk, by=by, at=AT),
    "hang_up": lambda call, by: hang_up(call_id=call.pk, by=by, at=AT),
}
#: Each end: its state, how it is reached, and why.
ENDS: dict[str, Callable[[Call, Person, Person], object]] = {
    "ended": lambda call, alice, bob: (
        answer_call(call_id=call.pk, by=bob.actor, at=AT),
        hang_up(call_id=call.pk, by=alice.actor, at=AT),
    ),
    "missed": lambda call, _alice, _bob: actions.miss_call(call_id=call.pk, at=AT + RINGS),
    "declined": lambda call, _alice, bob: decline_call(call_id=call.pk, by=bob.actor, at=AT),
    "cancelled": lambda call, alice, _bob: cancel_call(call_id=call.pk, by=alice.actor, at=AT),
}


@pytest.mark.parametrize("end", ENDS)
def test_no_verb_leads_out_of_an_end(alice: Person, bob: Person, room: Room, end: str) -> None:
    call = ring(alice, room)
    ENDS[end](call, alice, bob)
    assert state(call)[0] == end

    for verb in CELLS.values():
        for person in (alice, bob):
            with nothing_happens(), pytest.raises(DomainError):
                verb(call, person.actor)
    with nothing_happens():
        assert actions.miss_call(call_id=call.pk, at=AT + RINGS) == 0
        assert actions.drop_call(call_id=call.pk, at=AT + timedelta(days=1)) == 0


def test_nobody_is_in_a_call_for_somebody_else(alice: Person, bob: Person, room: Room) -> None:
    call = connected(alice, bob, room)
    looking = Actor(user_id=alice.user.pk, impersonator_id=bob.user.pk)

    for verb in CELLS.values():
        with nothing_happens(), pytest.raises(DomainError):
            verb(call, looking)
    chloe = make_freelancer("Chloé")
    with nothing_happens(), pytest.raises(NotAllowed):
        note_alive(call_id=call.pk, by=chloe.actor, at=AT)


def test_a_whole_team_costs_no_query_each(alice: Person, bob: Person, room: Room) -> None:
    assert alice.party is not None
    for number in range(5):
        make_member(f"Hugo{number}", alice.party, "hiring_manager")
    with CaptureQueriesContext(connection) as queries:
        assert len(people_to_ring(Room.objects.prefetch_related("parties").get(pk=room.pk), bob.actor.party_id)) == 6
    assert len(queries) == 3


def test_the_page_of_a_call_may_use_the_camera_and_no_other_page(client: Client, alice: Person, room: Room) -> None:
    sign_in(client, alice)
    powers = client.get(f"/rooms/{room.pk}/call/?kind=video").headers["Permissions-Policy"]
    assert "camera=(self), " in powers
    assert "microphone=(self)" in powers
    assert "geolocation=()" in powers

    others = client.get("/contracts/").headers["Permissions-Policy"]
    assert "camera=(), " in others
    assert "microphone=()" in others


def test_a_plain_form_calls_answers_and_hangs_up(client: Client, alice: Person, bob: Person, room: Room) -> None:
    sign_in(client, alice)
    answer = client.post(f"/rooms/{room.pk}/call/", {"kind": "video"})
    call = Call.objects.get()
    assert (answer.status_code, answer.headers["Location"], call.kind) == (302, f"/calls/{call.pk}/", "video")
    there = Client()
    sign_in(there, bob)
    assert "Alice Martin is calling you." in there.get(f"/calls/{call.pk}/").content.decode()
    there.post(f"/calls/{call.pk}/answer/")
    assert state(call) == ("connected", "")
    client.post(f"/calls/{call.pk}/end/")
    assert state(call) == ("ended", "hung_up")
    assert "The call has ended." in there.get(f"/calls/{call.pk}/").content.decode()


def test_where_the_relay_is_learns_only_who_is_in_the_call(
    client: Client, alice: Person, bob: Person, room: Room, settings: Any
) -> None:
    settings.TURN_URL, settings.TURN_SECRET, settings.TURN_SECONDS = ["turn:relay.example:3478"], "a" * 20, 600
    call = connected(alice, bob, room)
    CallPerson.objects.update(seen_at=now() + SECOND)
    sign_in(client, bob)
    server = client.post(f"/calls/{call.pk}/alive/").json()["servers"][0]
    until, _colon, user = server["username"].partition(":")
    assert (server["urls"], user) == (["turn:relay.example:3478"], str(bob.user.pk))
    assert 590 <= int(until) - now().timestamp() <= 600

    stranger = Client()
    sign_in(stranger, make_freelancer("Chloé"))
    assert stranger.post(f"/calls/{call.pk}/alive/").status_code == 404
    hang_up(call_id=call.pk, by=alice.actor, at=now())
    assert client.post(f"/calls/{call.pk}/alive/").json()["servers"] == []


def test_a_second_call_is_refused_in_words(client: Client, alice: Person, bob: Person, room: Room) -> None:
    ring(bob, room, now())
    sign_in(client, alice)

    with nothing_happens():
        answer = client.post(f"/rooms/{room.pk}/call/", {"kind": "voice"}, headers={"accept": "application/json"})

    assert answer.status_code == 409
    assert answer.json() == {"error": "There is a call in this room already. Answer it, or wait until it has ended."}


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_are_one(trials: int) -> None:
    alice, bob = make_client("Alice"), make_freelancer("Bob")
    assert alice.party is not None
    hugo = make_member("Hugo", alice.party, "hiring_manager")
    room = make_room(1, alice, bob)
    for _trial in range(min(trials, 5)):
        call = ring(bob, room)
        answers = together(*(partial(answer_call, call_id=call.pk, by=each.actor, at=AT) for each in (alice, hugo)))
        assert [isinstance(each, CallNotRinging) for each in answers].count(True) == 1
        assert CallPerson.objects.filter(call=call, joined_at__isnull=False).count() == 2
        hang_up(call_id=call.pk, by=bob.actor, at=AT)
