"""The list of rooms, the page of one, its news, search, archive and blocks, as their readers meet them."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_freelancer, make_member, sign_in
from core.clock import now
from core.errors import NotAllowed
from messaging import registry
from messaging.actions import (
    BlockNotPossible,
    RoomBlocked,
    archive_room,
    block_side,
    delete_message,
    edit_message,
    mark_read,
    unarchive_room,
    unblock_side,
)
from messaging.models import Message, ReadMark, Room, RoomBlock
from messaging.queries import find_messages, find_rooms, listed_rooms, readers_of, unread_rooms
from messaging.tests.cast import AT, make_room, say
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the list ---------------------------------------------------------------------------------------------------


def test_the_list_shows_with_whom_the_last_words_and_what_is_unread(
    client: Client, alice: Person, bob: Person, talk: Room
) -> None:
    say(bob, talk, "Good **morning**.")
    say(bob, talk, "Shall we begin?")
    sign_in(client, alice)

    page = text_of(client, "/messages/")

    assert f"{bob.user.public_name}: Shall we begin?" in page
    assert '<span class="count">2<span class="sr"> unread</span></span>' in page
    assert '<span>1</span><span class="sr"> unread</span>' in page  # the head counts conversations
    text_of(client, f"/messages/{talk.pk}/")
    assert '<span class="count">2' not in text_of(client, "/messages/")


def test_a_browser_that_looks_ahead_reads_nothing(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    say(bob, talk, "Good morning.")
    sign_in(client, alice)

    with nothing_happens():
        client.get(f"/messages/{talk.pk}/", HTTP_SEC_PURPOSE="prefetch")


def test_the_writer_sees_who_has_read(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    message = say(bob, talk, "Good morning.")
    sign_in(client, bob)
    assert "Seen by" not in text_of(client, f"/messages/{talk.pk}/")

    mark_read(room_id=talk.pk, message_id=message.pk, by=alice.actor, at=AT)

    assert f"Seen by {alice.user.public_name}" in text_of(client, f"/messages/{talk.pk}/")
    say(alice, talk, "Good morning to you.")
    assert "Seen by" not in text_of(client, f"/messages/{talk.pk}/")  # the answer says so


def test_the_head_counts_only_rooms_that_a_role_may_read(
    client: Client, alice: Person, bob: Person, talk: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alice.party is not None
    maud = make_member("Maud", alice.party, "member")
    say(bob, talk, "Good morning.")
    sign_in(client, maud)

    assert unread_rooms(maud.actor) == 0
    assert 'data-unread="/messages/unread/" hidden' in text_of(client, "/messages/")
    monkeypatch.setitem(registry._member_rooms, "interview", lambda _party, _user: [talk.owner])
    assert unread_rooms(maud.actor) == 1
    assert text_of(client, "/messages/unread/") == "1"


def test_a_named_worker_lists_the_rooms_they_work_in(
    alice: Person, bob: Person, talk: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bob.party is not None
    nils, other = make_member("Nils", bob.party, "named_worker"), make_room(alice, bob)
    check = int(talk.owner.rpartition(":")[2])
    monkeypatch.setitem(registry._workers, "interview", lambda _user, pk: pk == check)
    monkeypatch.delitem(registry._worker_rooms, "interview")  # as in a kind that only answers about each room

    assert [*listed_rooms(nils.actor, is_archived=False)] == [talk]
    monkeypatch.setitem(registry._worker_rooms, "interview", lambda _party, _user: [other.owner])
    assert [*listed_rooms(nils.actor, is_archived=False)] == [other]


def test_an_archived_room_comes_back_with_the_next_message(
    client: Client, alice: Person, bob: Person, talk: Room
) -> None:
    say(bob, talk, "Good morning.")
    sign_in(client, alice)
    assert client.post(f"/messages/{talk.pk}/archive/").status_code == 302

    assert "Good morning." not in text_of(client, "/messages/")
    assert "Good morning." in text_of(client, "/messages/?tab=archived")
    assert [*listed_rooms(bob.actor, is_archived=False)] == [talk]
    say(bob, talk, "Are you there?")
    assert "Are you there?" in text_of(client, "/messages/")

    archive_room(room_id=talk.pk, by=alice.actor, at=AT)
    assert client.post(f"/messages/{talk.pk}/unarchive/").status_code == 302
    assert "Are you there?" in text_of(client, "/messages/")


def test_a_stranger_archives_nothing(talk: Room) -> None:
    chloe = make_freelancer("Chloé")
    for verb in (archive_room, unarchive_room):
        with nothing_happens(), pytest.raises(NotAllowed):
            verb(room_id=talk.pk, by=chloe.actor, at=AT)


# --- search -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["developpeur", "DÉVELOPPEUR", "dével", "ete developpeur", "front end"])
def test_words_are_found_without_their_accents_and_by_their_beginning(
    alice: Person, bob: Person, talk: Room, typed: str
) -> None:
    message = say(bob, talk, "Le développeur front-end revient cet été.")

    assert [*find_messages(alice.actor, typed)] == [message]


@pytest.mark.parametrize("typed", ["", "  ", "&|!():*", "'", "pool", "oppeur", "_", "\x00"])
def test_other_words_find_nothing(alice: Person, bob: Person, talk: Room, typed: str) -> None:
    say(bob, talk, "Le développeur revient.")

    assert [*find_messages(alice.actor, typed)] == []


def test_only_rooms_one_may_read_are_searched(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    say(bob, talk, "The harbour timetable.")
    gone = say(bob, talk, "A harbour mistake.")
    delete_message(message_id=gone.pk, by=bob.actor, at=AT)
    eve = make_client("Eve")

    assert [*find_messages(eve.actor, "harbour"), *find_rooms(eve.actor, "ferries")] == []
    sign_in(client, alice)
    page = text_of(client, "/messages/?q=harbour")
    assert "The harbour timetable." in page
    assert "mistake" not in page
    assert find_rooms(alice.actor, bob.user.public_name) == [talk]
    assert find_rooms(alice.actor, bob.user.last_name) == []


# --- one room ---------------------------------------------------------------------------------------------------


def test_a_room_one_was_removed_from_is_not_there(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    assert alice.party is not None
    adrien = make_member("Adrien", alice.party, "admin")
    message = say(adrien, talk, "Good morning.")
    sign_in(client, adrien)
    text_of(client, f"/messages/{talk.pk}/")
    Membership.objects.filter(user=adrien.user).update(ended_at=now())

    for path in (f"/messages/{talk.pk}/", f"/messages/{talk.pk}/news/?after=0"):
        assert client.get(path).status_code == 404
    for path in (f"/rooms/{talk.pk}/messages/", f"/messages/{talk.pk}/{message.pk}/delete/"):
        with nothing_happens():
            assert client.post(path, {"text": "Still me", "token": "one"}).status_code == 404


def test_an_open_page_fetches_only_what_it_missed(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    first, second = say(bob, talk, "One"), say(bob, talk, "Two")
    talk.refresh_from_db()
    sign_in(client, alice)
    edit_message(message_id=first.pk, text="One, changed", by=bob.actor, at=AT)
    third = say(bob, talk, "Three")

    page = text_of(client, f"/messages/{talk.pk}/news/?after={second.pk}&revision={talk.revision}")
    assert f'id="message-{first.pk}"' in page
    assert "One, changed" in page
    assert f'id="message-{third.pk}"' in page
    assert f'id="message-{second.pk}"' not in page
    assert 'data-revision="4"' in page
    assert not ReadMark.objects.filter(user=alice.user).exists()
    text_of(client, f"/messages/{talk.pk}/news/?after={second.pk}&seen=1")
    assert ReadMark.objects.get(user=alice.user).last_read_id == third.pk


def test_without_a_script_a_message_is_answered_changed_and_deleted(
    client: Client, alice: Person, bob: Person, talk: Room
) -> None:
    asked = say(bob, talk, "When?")
    sign_in(client, alice)
    page = text_of(client, f"/messages/{talk.pk}/?answer={asked.pk}")
    assert f'name="quoted" value="{asked.pk}"' in page

    sent = {"text": "Monday", "token": "one", "quoted": asked.pk, "page": "own"}
    answer = client.post(f"/rooms/{talk.pk}/messages/", sent)
    assert answer.headers["Location"] == f"/messages/{talk.pk}/#room-end"
    message = Message.objects.latest("pk")
    assert message.quoted == asked

    edit = f"/messages/{talk.pk}/{message.pk}/edit/"
    assert "Monday" in text_of(client, edit)
    assert client.post(edit, {"text": "Tuesday"}).status_code == 302
    page = text_of(client, f"/messages/{talk.pk}/")
    assert "Tuesday" in page
    assert "edited" in page
    delete = f"/messages/{talk.pk}/{message.pk}/delete/"
    assert "Tuesday" in text_of(client, delete)
    assert client.post(delete).headers["Location"] == f"/messages/{talk.pk}/#message-{message.pk}"
    page = text_of(client, f"/messages/{talk.pk}/")
    assert "Tuesday" not in page
    assert f"{alice.user.public_name} deleted this message" in page


def test_a_number_of_another_room_leads_nowhere(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    elsewhere = say(alice, make_room(alice, bob), "Elsewhere")
    sign_in(client, alice)

    for what in ("edit", "delete", "appeal"):
        assert client.get(f"/messages/{talk.pk}/{elsewhere.pk}/{what}/").status_code == 404
    assert "Elsewhere" not in text_of(client, f"/messages/{talk.pk}/?answer={elsewhere.pk}")
    assert "Elsewhere" not in text_of(client, f"/messages/{talk.pk}/?answer=%C2%B2")


# --- closing a conversation -------------------------------------------------------------------------------------


def test_a_closed_conversation_takes_no_word_from_either_side(
    client: Client, alice: Person, bob: Person, talk: Room
) -> None:
    message = say(bob, talk, "Good morning.")
    sign_in(client, alice)
    assert bob.user.public_name in text_of(client, f"/messages/{talk.pk}/block/")
    assert client.post(f"/messages/{talk.pk}/block/").status_code == 302

    for person in (alice, bob):
        with nothing_happens(), pytest.raises(RoomBlocked):
            say(person, talk, "Hello?")
    with nothing_happens(), pytest.raises(RoomBlocked):
        edit_message(message_id=message.pk, text="Hello?", by=bob.actor, at=AT)
    assert readers_of(talk) == {alice.user.pk}
    assert "<textarea" not in text_of(client, f"/messages/{talk.pk}/")
    sign_in(client, bob)
    page = text_of(client, f"/messages/{talk.pk}/")
    assert "The other side has closed this conversation." in page
    assert "Good morning." in page
    with nothing_happens():
        unblock_side(room_id=talk.pk, by=bob.actor, at=AT)
        block_side(room_id=talk.pk, by=alice.actor, at=AT)


def test_it_can_be_opened_again(client: Client, alice: Person, bob: Person, talk: Room) -> None:
    block_side(room_id=talk.pk, by=alice.actor, at=AT)
    sign_in(client, alice)
    assert client.post(f"/messages/{talk.pk}/unblock/").status_code == 302

    assert say(bob, talk, "Thank you.").text == "Thank you."
    assert readers_of(talk) == {alice.user.pk, bob.user.pk}
    assert RoomBlock.objects.filter(ended_at=None).count() == 0


def test_nobody_is_blocked_under_contract_nor_by_those_who_only_read(
    client: Client, alice: Person, bob: Person, talk: Room
) -> None:
    assert alice.party is not None
    contract, farid = make_room(alice, bob, kind=Room.Kind.CONTRACT), make_member("Farid", alice.party, "finance")
    with nothing_happens(), pytest.raises(BlockNotPossible):
        block_side(room_id=contract.pk, by=alice.actor, at=AT)
    sign_in(client, alice)
    assert client.get(f"/messages/{contract.pk}/block/").status_code == 409
    for person in (farid, make_client("Eve")):
        for verb in (block_side, unblock_side):
            with nothing_happens(), pytest.raises(NotAllowed):
                verb(room_id=talk.pk, by=person.actor, at=AT)
