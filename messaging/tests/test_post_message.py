"""Writing in a room: once for each form, by those who may, and shown as it was typed."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.tests.cast import Person, make_client, make_freelancer, make_member, sign_in
from core.clock import now
from core.errors import NotAllowed
from messaging import registry
from messaging.actions import MessageEmpty, MessageTooLong, mark_read, open_room, post_message
from messaging.models import Message, ReadMark, Room
from messaging.queries import message_page, messages_of, unread_count
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob")


@pytest.fixture
def room(alice: Person, bob: Person) -> Room:
    assert alice.party is not None
    assert bob.party is not None
    return open_room(
        kind=Room.Kind.CONTRACT,
        owner="contract:900000001",
        title="Checkout",
        party_ids=[alice.party.pk, bob.party.pk],
        at=now(),
    )


def say(person: Person, room: Room, text: str = "Good morning.", token: str = "one") -> Message:
    return post_message(room_id=room.pk, text=text, token=token, by=person.actor, at=now())


def test_a_message_is_stored_for_the_party_its_author_acts_for(alice: Person, room: Room) -> None:
    message = say(alice, room, "  Good morning.  ")

    assert (message.text, message.author, message.party) == ("Good morning.", alice.user, alice.party)
    room.refresh_from_db()
    assert room.last_message_at == message.created_at


def test_the_same_form_sent_twice_stores_one_message(alice: Person, room: Room) -> None:
    first = say(alice, room)

    with nothing_happens():
        assert say(alice, room) == first


def test_only_what_the_reader_wrote_is_shown_as_their_own(alice: Person, bob: Person, room: Room) -> None:
    say(alice, room, "Good morning.", "one")
    say(bob, room, "Hello.", "two")

    shown = [(message.author, message.is_mine) for message in messages_of(room, reader_id=alice.user.pk)]  # type: ignore[attr-defined]

    assert shown == [(alice.user, True), (bob.user, False)]


def test_a_room_is_opened_once(alice: Person, room: Room) -> None:
    again = open_room(kind=Room.Kind.CONTRACT, owner=room.owner, title="Other", party_ids=[], at=now())

    assert again == room
    assert again.parties.count() == 2


def test_a_stranger_neither_reads_nor_writes(room: Room) -> None:
    chloe = make_freelancer("Chloé")

    with nothing_happens(), pytest.raises(NotAllowed):
        say(chloe, room)
    with nothing_happens(), pytest.raises(NotAllowed):
        mark_read(room_id=room.pk, message_id=1, by=chloe.actor, at=now())


@pytest.mark.parametrize("role", ["finance", "member"])
def test_readers_do_not_write(alice: Person, room: Room, role: str) -> None:
    assert alice.party is not None
    reader = make_member("Rita", alice.party, role)

    with nothing_happens(), pytest.raises(NotAllowed):
        say(reader, room)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00"])
def test_an_empty_message_is_refused(alice: Person, room: Room, text: str) -> None:
    with nothing_happens(), pytest.raises(MessageEmpty):
        say(alice, room, text)


def test_a_message_of_5000_characters_is_kept_and_one_more_is_refused(alice: Person, room: Room) -> None:
    assert len(say(alice, room, "a" * 5000).text) == 5000
    with nothing_happens(), pytest.raises(MessageTooLong):
        say(alice, room, "a" * 5001, token="two")


def test_what_others_wrote_is_unread_until_it_is_marked(alice: Person, bob: Person, room: Room) -> None:
    message = say(alice, room)

    assert unread_count(room, bob.user.pk) == 1
    assert unread_count(room, alice.user.pk) == 0
    mark_read(room_id=room.pk, message_id=message.pk, by=bob.actor, at=now())
    assert unread_count(room, bob.user.pk) == 0


def test_a_read_mark_never_goes_back(bob: Person, alice: Person, room: Room) -> None:
    first, second = say(alice, room), say(alice, room, token="two")
    mark_read(room_id=room.pk, message_id=second.pk, by=bob.actor, at=now())

    mark_read(room_id=room.pk, message_id=first.pk, by=bob.actor, at=now())

    assert ReadMark.objects.get(room=room, user=bob.user).last_read_id == second.pk


def test_a_long_room_shows_its_newest_page_and_the_one_before(alice: Person, room: Room) -> None:
    for number in range(55):
        say(alice, room, f"Line {number}", token=str(number))

    newest = messages_of(room)
    assert [message.text for message in newest] == [f"Line {number}" for number in range(5, 55)]
    assert [message.text for message in messages_of(room, before=newest[0].pk)] == [f"Line {n}" for n in range(5)]


def test_older_messages_are_offered_only_where_there_are_some(alice: Person, room: Room) -> None:
    for number in range(50):
        say(alice, room, f"Line {number}", token=str(number))
    full = message_page(room, reader_id=None)
    assert (len(full.messages), full.has_older) == (50, False)

    say(alice, room, "One more", token="more")

    newest = message_page(room, reader_id=None)
    assert (newest.messages[0].text, newest.has_older) == ("Line 1", True)
    oldest = message_page(room, reader_id=None, before=newest.messages[0].pk)
    assert ([message.text for message in oldest.messages], oldest.has_older) == (["Line 0"], False)


def test_a_reader_whose_message_is_refused_gets_no_form_again(
    client: Client, alice: Person, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._pages, Room.Kind.CONTRACT, lambda _pk: "/")
    assert alice.party is not None
    sign_in(client, make_member("Rita", alice.party, "finance"))

    with nothing_happens():
        answer = client.post(f"/rooms/{room.pk}/messages/", {"text": "Hello.", "token": "one"}, HTTP_HX_REQUEST="true")

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Your role reads this room but does not write in it." in page
    assert "<textarea" not in page


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "</textarea><svg onload=alert(1)>",
)


def test_own_messages_stand_apart_on_the_page(
    client: Client, alice: Person, bob: Person, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._pages, Room.Kind.CONTRACT, lambda _pk: "/")
    sign_in(client, alice)
    say(bob, room, "Hello.")

    answer = client.post(f"/rooms/{room.pk}/messages/", {"text": "Good day.", "token": "two"}, HTTP_HX_REQUEST="true")

    theirs, mine = Message.objects.order_by("pk").values_list("pk", flat=True)
    page = answer.content.decode()
    assert f'<article class="msg" id="message-{theirs}"' in page
    assert f'<article class="msg msg--me" id="message-{mine}"' in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(
    client: Client, alice: Person, room: Room, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setitem(registry._pages, Room.Kind.CONTRACT, lambda _pk: "/")
    sign_in(client, alice)
    say(alice, room, text)

    answer = client.post(f"/rooms/{room.pk}/messages/", {"text": "", "token": "two"}, HTTP_HX_REQUEST="true")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<svg onload" not in page
    assert text.count("{{") == page.count("{{")
