"""Before a contract: contact data is masked for the other side wherever it could be read, counted, and appealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Membership
from accounts.privacy import Reader
from accounts.tests.cast import Person, make_member, make_staff, sign_in
from core.clock import now
from core.errors import NotAllowed
from events.actions import deliver_due
from events.models import Event
from messaging.actions import (
    AlreadyAppealed,
    GuardCaseClosed,
    MaskNotAppealed,
    WordsMissing,
    appeal_mask,
    close_guard_case,
    delete_message,
    edit_message,
    keep_mask,
    lift_guard,
    lift_mask,
)
from messaging.guard.masking import MASK, mask
from messaging.models import GuardCase, Masking, Message, Room
from messaging.privacy import export
from messaging.queries import find_messages, latest_message, message_page
from messaging.tests.cast import AT, MAIL, MASKED, SECRET, make_room, say
from notifications.actions import compose
from notifications.models import Notice
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
Status = Masking.Status
DAY = timedelta(days=1)


@pytest.fixture
def message(bob: Person, talk: Room) -> Message:
    return say(bob, talk, MAIL)


@pytest.fixture
def masking(message: Message) -> Masking:
    return Masking.objects.get(message=message)


@pytest.fixture
def maya() -> Person:
    return make_staff("Maya", "moderator")


def read(room: Room, person: Person) -> str:
    page = message_page(room, reader_id=person.user.pk, party_id=person.actor.party_id)
    return page.messages[-1].shown  # type: ignore[attr-defined, no-any-return]


def test_the_other_side_reads_no_contact_data_and_ones_own_side_all(
    alice: Person, bob: Person, talk: Room, message: Message, masking: Masking
) -> None:
    assert bob.party is not None
    colleague = make_member("Nils", bob.party, "admin")

    assert (read(talk, alice), read(talk, bob), read(talk, colleague)) == (MASKED, MAIL, MAIL)
    assert (masking.kinds, masking.status, masking.author) == ("email", Status.MASKED, bob.user)


def test_in_a_room_with_a_contract_nothing_is_masked(alice: Person, bob: Person) -> None:
    room = make_room(alice, bob, guarded=False)

    assert say(bob, room, MAIL).masked_text == ""
    assert not Masking.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Write to bob.keller&#64;gmail.com",
        "Write to bob.keller\\@gmail\\.com",
        "Write to bob.keller**@**gmail.com",
        "[my page](https://wa.me/33612345678)",
        "[write](&#109;ailto:bob.keller@gmail.com)",
        "06 12 34 56 78 or bob.keller@gmail.com or @bobkeller on Telegram",
        "`bob.keller@gmail.com`",
    ],
)
def test_markdown_hides_nothing_from_the_guard(text: str) -> None:
    masked = mask(text)

    assert masked is not None
    for secret in ("keller", "gmail", "wa.me", "33612345678", "34 56"):
        assert secret not in masked.text
    assert MASK in masked.text


def test_harmless_words_stay_as_they_are() -> None:
    assert mask("I could begin on Monday: 3 screens, 2 weeks, 1,400.00 in all.") is None


def test_nobody_finds_masked_words_by_searching(alice: Person, bob: Person, talk: Room, message: Message) -> None:
    assert [*find_messages(alice.actor, "bob.keller"), *find_messages(bob.actor, "keller")] == []
    assert [*find_messages(alice.actor, "write please")] == [message]


def test_nothing_masked_leaves_by_a_page_a_notice_a_mail_an_answer_or_an_archive(
    client: Client, alice: Person, bob: Person, talk: Room, message: Message
) -> None:
    sign_in(client, alice)
    assert MASKED in client.get("/messages/").content.decode()
    say(alice, talk, "No need.", quoted_id=message.pk)
    pages = ["/messages/?q=write", f"/messages/{talk.pk}/", f"/messages/{talk.pk}/news/?after=0"]
    pages += [f"/messages/{talk.pk}/?answer={message.pk}", f"/messages/{talk.pk}/?before={message.pk + 1}"]

    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert MASKED in answer.content.decode()
        assert SECRET not in answer.content.decode()

    deliver_due(at=now())
    notice = Notice.objects.get(user=alice.user, kind="messaging.message_posted")
    mail = compose(notice, alice.user)
    assert SECRET not in f"{notice.data} {mail.subject} {mail.body} {mail.alternatives}"
    assert notice.data["author"] == bob.user.public_name
    rows = [row for sheet in export(Reader(alice.user.pk, (alice.actor,))) for row in sheet.rows]
    assert SECRET not in str(rows)
    assert MASKED in str(rows)
    own = [row for sheet in export(Reader(bob.user.pk, (bob.actor,))) for row in sheet.rows]
    assert MAIL in str(own)
    assert SECRET not in str([*Event.objects.values_list("data", flat=True)])


def test_before_a_contract_people_go_by_their_public_names(
    client: Client, alice: Person, bob: Person, talk: Room
) -> None:
    say(bob, talk, "Good morning.")
    sign_in(client, alice)

    for page in ("/messages/", f"/messages/{talk.pk}/"):
        text = client.get(page).content.decode()
        assert bob.user.public_name in text
        assert bob.user.last_name not in text


def test_the_writer_is_warned_once_and_sends_it_masked(client: Client, bob: Person, talk: Room) -> None:
    sign_in(client, bob)
    sent = {"text": MAIL, "token": "one"}

    with nothing_happens():
        warned = client.post(f"/rooms/{talk.pk}/messages/", sent)
    page = warned.content.decode()
    assert warned.status_code == 422
    assert "an e-mail address (“bob.keller@gmail.com”)" in page
    assert "Send with these places hidden" in page
    assert "Write to me at bob.keller@gmail.com, please.</textarea>" in page

    assert client.post(f"/rooms/{talk.pk}/messages/", {**sent, "masked": "1"}).status_code == 302
    assert [*Message.objects.values_list("text", "masked_text")] == [(MAIL, MASKED)]


def test_changed_words_are_read_by_the_guard_again(
    client: Client, alice: Person, bob: Person, talk: Room, masking: Masking, message: Message
) -> None:
    edit_message(message_id=message.pk, text="Write to me here.", by=bob.actor, at=AT)
    masking.refresh_from_db()
    assert (read(talk, alice), masking.status) == ("Write to me here.", Status.ENDED)

    edit_message(message_id=message.pk, text=MAIL, by=bob.actor, at=AT)
    assert read(talk, alice) == MASKED
    assert Masking.objects.filter(message=message, status=Status.MASKED).count() == 1

    fresh = say(bob, talk, "Hello", at=now())
    sign_in(client, bob)
    with nothing_happens():
        assert client.post(f"/messages/{talk.pk}/{fresh.pk}/edit/", {"text": MAIL}).status_code == 422


def test_a_contract_shows_what_was_masked_and_the_names(
    alice: Person, bob: Person, talk: Room, masking: Masking
) -> None:
    lift_guard(owner=talk.owner, at=AT + DAY)

    talk.refresh_from_db()
    masking.refresh_from_db()
    latest = latest_message(talk)
    assert latest is not None
    assert (read(talk, alice), latest.author_name) == (MAIL, bob.user.get_full_name())
    assert (masking.status, masking.ended_at) == (Status.ENDED, AT + DAY)
    assert say(bob, talk, MAIL).masked_text == ""
    with nothing_happens():
        lift_guard(owner=talk.owner, at=AT + DAY)
        lift_guard(owner="conversation:1", at=AT)


# --- appeals ----------------------------------------------------------------------------------------------------


def appealed(masking: Masking, by: Person) -> Masking:
    return appeal_mask(message_id=masking.message_id, words="A product’s address.", by=by.actor, at=AT)


def test_a_moderator_reads_the_message_on_appeal_and_shows_it(
    client: Client, alice: Person, bob: Person, talk: Room, masking: Masking, maya: Person
) -> None:
    sign_in(client, maya)
    screen = f"/admin/messaging/masking/{masking.pk}/change/"
    assert SECRET not in client.get(screen).content.decode()
    assert appealed(masking, bob).due_at == AT + timedelta(hours=48)
    assert SECRET in client.get(screen).content.decode()

    answer = f"/admin/messaging/masking/{masking.pk}/lift/answer/"
    assert client.post(answer, {"reason": "It is the client’s own address."}).status_code == 302

    masking.refresh_from_db()
    assert (masking.status, masking.reason, masking.decided_by) == (
        Status.LIFTED,
        "It is the client’s own address.",
        maya.user,
    )
    assert read(talk, alice) == MAIL
    assert SECRET not in client.get(screen).content.decode()
    with nothing_happens(), pytest.raises(MaskNotAppealed):
        keep_mask(masking_id=masking.pk, reason="No.", by=maya.actor, at=AT)


def test_a_refused_appeal_keeps_the_mask_and_says_why(
    client: Client, alice: Person, bob: Person, talk: Room, masking: Masking, maya: Person
) -> None:
    appealed(masking, bob)
    keep_mask(masking_id=masking.pk, reason="It is your own address.", by=maya.actor, at=AT)

    assert read(talk, alice) == MASKED
    sign_in(client, bob)
    assert "A moderator kept it hidden: It is your own address." in client.get(f"/messages/{talk.pk}/").content.decode()
    with nothing_happens(), pytest.raises(AlreadyAppealed):
        appealed(masking, bob)


def test_who_may_not_appeal_or_decide_changes_nothing(
    alice: Person, bob: Person, masking: Masking, maya: Person
) -> None:
    with nothing_happens(), pytest.raises(NotAllowed):
        appealed(masking, alice)
    with nothing_happens(), pytest.raises(WordsMissing):
        appeal_mask(message_id=masking.message_id, words=" ", by=bob.actor, at=AT)
    with nothing_happens(), pytest.raises(MaskNotAppealed):
        lift_mask(masking_id=masking.pk, reason="Yes.", by=maya.actor, at=AT)
    appealed(masking, bob)
    assert bob.party is not None
    for person in (alice, bob, make_staff("Samir", "support"), make_staff("Dora", "mediator")):
        with nothing_happens(), pytest.raises(NotAllowed):
            lift_mask(masking_id=masking.pk, reason="Yes.", by=person.actor, at=AT)
    with nothing_happens(), pytest.raises(WordsMissing):
        lift_mask(masking_id=masking.pk, reason=" ", by=maya.actor, at=AT)
    Membership.objects.create(user=maya.user, party=bob.party, role="finance", created_at=AT, ended_at=AT)
    with nothing_happens(), pytest.raises(NotAllowed):
        lift_mask(masking_id=masking.pk, reason="Yes.", by=maya.actor, at=AT)


def test_the_writer_appeals_on_a_page(client: Client, bob: Person, talk: Room, masking: Masking) -> None:
    sign_in(client, bob)
    page = f"/messages/{talk.pk}/{masking.message_id}/appeal/?page=own"
    assert "an e-mail address" in client.get(page).content.decode()
    with nothing_happens():
        assert client.post(page, {"words": ""}).status_code == 422

    assert client.post(page, {"words": "It is the shop’s address."}).status_code == 302

    masking.refresh_from_db()
    assert (masking.status, masking.appeal) == (Status.APPEALED, "It is the shop’s address.")
    assert client.get(page).status_code == 409


def test_a_deleted_message_ends_its_mask(bob: Person, masking: Masking) -> None:
    delete_message(message_id=masking.message_id, by=bob.actor, at=AT)

    masking.refresh_from_db()
    assert masking.status == Status.ENDED


# --- repeats ----------------------------------------------------------------------------------------------------


def repeated() -> int:
    return Event.objects.filter(kind="messaging.guard_repeated").count()


def test_three_masked_messages_in_thirty_days_reach_moderators_once(
    client: Client, bob: Person, talk: Room, maya: Person
) -> None:
    say(bob, talk, MAIL, at=AT - 31 * DAY)
    say(bob, talk, MAIL, at=AT)
    say(bob, talk, MAIL, at=AT + DAY)
    assert (repeated(), GuardCase.objects.count()) == (0, 0)

    say(bob, talk, MAIL, at=AT + 2 * DAY)
    say(bob, talk, MAIL, at=AT + 3 * DAY)

    case = GuardCase.objects.get()
    assert (case.user, case.party, case.status, case.opened_at) == (bob.user, bob.party, "open", AT + 2 * DAY)
    assert repeated() == 1
    sign_in(client, maya)
    assert "Bob" in client.get("/admin/messaging/guardcase/").content.decode()
    screen = client.get(f"/admin/messaging/guardcase/{case.pk}/change/").content.decode()
    assert "an e-mail address" in screen
    assert SECRET not in screen
    assert client.post(f"/admin/messaging/guardcase/{case.pk}/close/", {"reason": "Warned."}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.reason, case.closed_by) == ("closed", "Warned.", maya.user)
    with nothing_happens(), pytest.raises(GuardCaseClosed):
        close_guard_case(case_id=case.pk, reason="Again.", by=maya.actor, at=AT)


def test_what_a_moderator_found_harmless_is_not_counted_and_a_closed_case_begins_anew(
    bob: Person, talk: Room, maya: Person
) -> None:
    harmless = Masking.objects.get(message=say(bob, talk, MAIL))
    appealed(harmless, bob)
    lift_mask(masking_id=harmless.pk, reason="A product.", by=maya.actor, at=AT)
    say(bob, talk, MAIL)
    say(bob, talk, MAIL)
    assert repeated() == 0
    say(bob, talk, MAIL)
    assert repeated() == 1

    close_guard_case(case_id=GuardCase.objects.get().pk, reason="Warned.", by=maya.actor, at=AT + DAY)
    say(bob, talk, MAIL, at=AT + 2 * DAY)
    say(bob, talk, MAIL, at=AT + 3 * DAY)
    assert repeated() == 1
    say(bob, talk, MAIL, at=AT + 4 * DAY)
    assert repeated() == 2


def test_only_moderators_close_a_case(bob: Person, talk: Room) -> None:
    for _time in range(3):
        say(bob, talk, MAIL)
    case = GuardCase.objects.get()

    for person in (bob, make_staff("Samir", "support")):
        with nothing_happens(), pytest.raises(NotAllowed):
            close_guard_case(case_id=case.pk, reason="Fine.", by=person.actor, at=AT)
