"""Answering, changing and deleting messages: by their author, in time, with a trace, and never a word too many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.tests.cast import Person, make_freelancer, make_member
from core.errors import NotAllowed
from events.models import Event
from messaging.actions import (
    MessageEmpty,
    MessageGone,
    MessageTooLate,
    MessageTooLong,
    QuoteNotPossible,
    delete_message,
    edit_message,
)
from messaging.models import Message, Room
from messaging.queries import message_page, messages_since
from messaging.tests.cast import AT, make_room, say
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=15)


def shown(room: Room, person: Person) -> list[str]:
    assert person.party is not None
    page = message_page(room, reader_id=person.user.pk, party_id=person.party.pk)
    return [message.shown for message in page.messages]  # type: ignore[attr-defined]


def test_an_answer_names_a_message_of_the_same_room(alice: Person, bob: Person, talk: Room) -> None:
    asked = say(alice, talk, "When can you begin?")

    assert say(bob, talk, "Monday.", quoted_id=asked.pk).quoted == asked


def test_nothing_of_another_room_and_nothing_deleted_is_answered(alice: Person, bob: Person, talk: Room) -> None:
    elsewhere = say(alice, make_room(alice, bob), "Not for this room.")
    gone = say(alice, talk, "Wrong room.")
    delete_message(message_id=gone.pk, by=alice.actor, at=AT)

    for number in (elsewhere.pk, gone.pk, 1):
        with nothing_happens(), pytest.raises(QuoteNotPossible):
            say(bob, talk, "Monday.", quoted_id=number)


def test_a_message_is_changed_for_fifteen_minutes_and_says_so(alice: Person, bob: Person, talk: Room) -> None:
    message = say(alice, talk, "Monday?")

    changed = edit_message(message_id=message.pk, text=" Tuesday? ", by=alice.actor, at=AT + MINUTES)

    assert (changed.text, changed.edited_at) == ("Tuesday?", AT + MINUTES)
    assert shown(talk, bob) == ["Tuesday?"]
    assert Event.objects.filter(kind="messaging.message_edited", subject=f"message:{message.pk}").count() == 1


def test_the_same_words_change_nothing(alice: Person, talk: Room) -> None:
    message = say(alice, talk, "Monday?")

    with nothing_happens():
        assert edit_message(message_id=message.pk, text="Monday?", by=alice.actor, at=AT) == message


def test_after_that_a_message_stays_as_it_is(alice: Person, talk: Room) -> None:
    message = say(alice, talk, "Monday?")

    late = AT + MINUTES + timedelta(seconds=1)
    with nothing_happens(), pytest.raises(MessageTooLate):
        edit_message(message_id=message.pk, text="Tuesday?", by=alice.actor, at=late)


@pytest.mark.parametrize(("text", "refusal"), [("  ", MessageEmpty), ("a" * 5001, MessageTooLong)])
def test_new_words_keep_the_rules_of_any_message(
    alice: Person, talk: Room, text: str, refusal: type[Exception]
) -> None:
    message = say(alice, talk, "Monday?")

    with nothing_happens(), pytest.raises(refusal):
        edit_message(message_id=message.pk, text=text, by=alice.actor, at=AT)


def test_only_the_author_changes_and_deletes(alice: Person, bob: Person, talk: Room) -> None:
    message = say(alice, talk, "Monday?")
    assert alice.party is not None
    colleague = make_member("Adrien", alice.party, "admin")

    for person in (bob, colleague, make_freelancer("Chloé")):
        with nothing_happens(), pytest.raises(NotAllowed):
            edit_message(message_id=message.pk, text="Never.", by=person.actor, at=AT)
        with nothing_happens(), pytest.raises(NotAllowed):
            delete_message(message_id=message.pk, by=person.actor, at=AT)


def test_a_deleted_message_leaves_a_trace_and_no_word(alice: Person, bob: Person, talk: Room) -> None:
    message = say(alice, talk, "Wrong room.")
    answer = say(bob, talk, "Which one?", quoted_id=message.pk)
    later = AT + timedelta(days=30)

    gone = delete_message(message_id=message.pk, by=alice.actor, at=later)

    assert (gone.text, gone.masked_text, gone.deleted_at) == ("", "", later)
    assert shown(talk, bob) == ["", "Which one?"]
    answer.refresh_from_db()
    assert answer.quoted == message
    with nothing_happens():
        delete_message(message_id=message.pk, by=alice.actor, at=later)
    with nothing_happens(), pytest.raises(MessageGone):
        edit_message(message_id=message.pk, text="Again.", by=alice.actor, at=AT)


def test_an_open_page_gets_what_is_new_and_what_was_changed_or_deleted(alice: Person, bob: Person, talk: Room) -> None:
    first, second = say(alice, talk, "One"), say(alice, talk, "Two")
    talk.refresh_from_db()
    seen = talk.revision

    edit_message(message_id=first.pk, text="One, at last", by=alice.actor, at=AT)
    third = say(bob, talk, "Three")
    delete_message(message_id=second.pk, by=alice.actor, at=AT)

    def missed(**since: int | None) -> list[Message]:
        return messages_since(talk, reader_id=bob.user.pk, party_id=bob.actor.party_id, **since)  # type: ignore[arg-type]

    assert missed(after=second.pk, revision=seen) == [first, third, second]
    assert missed(after=second.pk, revision=None) == [third]
    talk.refresh_from_db()
    assert missed(after=third.pk, revision=talk.revision) == []
