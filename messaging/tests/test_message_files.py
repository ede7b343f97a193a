"""Files in messages: sent with words or without, read by the room's people, gone with a deleted message."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.tests.cast import Person, make_client, make_freelancer, sign_in
from core.clock import now
from files.actions import FileGone, store_file
from files.models import StoredFile
from files.queries import files_of, may_read_file
from messaging.actions import (
    FileNameLeadsAway,
    MessageEmpty,
    delete_message,
    lift_guard,
    open_room,
    post_message,
)
from messaging.models import MESSAGE_FILES, Message, Room
from messaging.queries import messages_of, room_lines, rooms_for
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
OWNER = "contract:900000003"


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


@pytest.fixture
def bob() -> Person:
    return make_freelancer("Bob")


@pytest.fixture
def room(alice: Person, bob: Person) -> Room:
    parties = [person.party.pk for person in (alice, bob) if person.party]
    return open_room(kind=Room.Kind.CONTRACT, owner=OWNER, title="Checkout", party_ids=parties, at=now(), guarded=True)


def plan(name: str = "plan.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"First the harbour, then the ferry.")


def upload(person: Person, name: str = "plan.txt") -> uuid.UUID:
    return store_file(upload=plan(name), kind=MESSAGE_FILES, by=person.actor, at=now()).pk


def send(person: Person, room: Room, text: str, *file_ids: uuid.UUID, token: str = "one") -> Message:
    return post_message(room_id=room.pk, text=text, token=token, file_ids=file_ids, by=person.actor, at=now())


def test_a_file_needs_no_words_and_stands_for_them_in_lists(alice: Person, bob: Person, room: Room) -> None:
    message = send(alice, room, "", upload(alice))

    (shown,) = messages_of(room, reader_id=bob.user.pk, party_id=bob.party.pk if bob.party else None)
    assert [file.name for file in shown.files] == ["plan.txt"]  # type: ignore[attr-defined]
    (line,) = room_lines(rooms_for(bob.actor).select_related("last_message__author"), bob.actor)
    assert (line.words, line.unread) == ("plan.txt", 1)
    answer = post_message(room_id=room.pk, text="Thanks", token="two", quoted_id=message.pk, by=bob.actor, at=now())
    shown = messages_of(room)[-1]
    assert (shown.pk, shown.quoted.words if shown.quoted else "") == (answer.pk, "plan.txt")  # type: ignore[attr-defined]


def test_neither_words_nor_a_file_is_nothing(alice: Person, room: Room) -> None:
    with nothing_happens(), pytest.raises(MessageEmpty):
        send(alice, room, "  ")


def test_the_rooms_people_open_the_file_and_nobody_else(alice: Person, bob: Person, room: Room) -> None:
    send(alice, room, "Here it is.", upload(alice))
    chloe = make_freelancer("Chloé")
    (file,) = StoredFile.objects.all()

    assert [may_read_file(each.actor, file) for each in (alice, bob, chloe)] == [True, True, False]
    Membership.objects.filter(user=bob.user).update(ended_at=now() + timedelta(seconds=1))
    browser = Client()
    sign_in(browser, bob)
    assert browser.get(file.get_absolute_url()).status_code == 404


def test_files_go_with_a_deleted_message(alice: Person, bob: Person, room: Room) -> None:
    message = send(alice, room, "Here it is.", upload(alice))
    delete_message(message_id=message.pk, by=alice.actor, at=now())

    (file,) = StoredFile.objects.all()
    assert (files_of(MESSAGE_FILES, message.pk), file.attached_at) == ([], None)
    assert may_read_file(bob.actor, file) is False


def test_somebody_elses_upload_is_not_sent(alice: Person, bob: Person, room: Room) -> None:
    foreign = upload(bob)
    with nothing_happens(), pytest.raises(FileGone):
        send(alice, room, "Mine?", foreign)


def test_before_a_contract_a_name_leads_nobody_away(alice: Person, room: Room) -> None:
    named = upload(alice, "call 06 12 34 56 78.txt")
    with nothing_happens(), pytest.raises(FileNameLeadsAway):
        send(alice, room, "See the name", named)

    lift_guard(owner=OWNER, at=now())
    assert send(alice, room, "See the name", named).pk


def test_the_form_keeps_the_file_and_the_words_when_the_other_is_refused(alice: Person, room: Room) -> None:
    browser = Client()
    sign_in(browser, alice)
    address = reverse("messaging:message_post", kwargs={"room_id": room.pk})
    data = {"text": "Mail me: alice.martin@gmail.com", "token": "t1", "attachments": plan()}
    page = browser.post(address, data)

    assert page.status_code == 422
    text = page.content.decode()
    assert "Mail me: alice.martin@gmail.com" in text
    assert "plan.txt" in text
    kept = page.context["room_form"]["attachments"].value()
    assert [file.name for file in kept] == ["plan.txt"]
    assert Message.objects.count() == 0


def test_a_program_under_another_name_is_refused_with_a_reason(alice: Person, room: Room) -> None:
    browser = Client()
    sign_in(browser, alice)
    program = SimpleUploadedFile("plan.pdf", b"MZ\x90\x00" + b"\x00" * 200)
    address = reverse("messaging:message_post", kwargs={"room_id": room.pk})
    page = browser.post(address, {"text": "Look", "token": "t1", "attachments": program})

    assert page.status_code == 422
    assert "plan.pdf" in page.content.decode()
    assert (Message.objects.count(), StoredFile.objects.count()) == (0, 0)
