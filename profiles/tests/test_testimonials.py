"""Testimonials: asked for by mail, written by link, read by staff, shown or hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff, sign_in
from core.actor import Actor
from core.errors import NotAllowed, NotFound
from core.machine import sources_of
from events.actions import deliver_due
from events.models import Event
from messaging.guard import LeadsAway
from notifications.models import Notice
from profiles.actions import (
    ReasonMissing,
    decline_testimonial,
    expire_testimonial,
    expire_testimonials,
    hide_testimonial,
    publish_testimonial,
    refuse_testimonial,
    send_testimonial_mails,
    show_testimonial,
    withdraw_testimonial,
)
from profiles.actions import TestimonialNotPossible as NotPossible
from profiles.actions import TestimonialNotWaiting as NotWaiting
from profiles.actions import TestimonialTooShort as TooShort
from profiles.actions import TestimonialUsed as Used
from profiles.links import answer_token
from profiles.models import Profile
from profiles.models import Testimonial as Words
from profiles.tests.cast import ask, make_approved, make_profile, write
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MAIL = "olga@client.example"


@pytest.fixture
def maya() -> Person:
    return make_staff("Maya", "moderator", at=AT)


@pytest.fixture
def bob(maya: Person) -> Person:
    return make_approved("Bob", moderator=maya, at=AT)


def _decline(testimonial: Words, *, at: datetime = AT) -> Words:
    return decline_testimonial(token=answer_token(testimonial.pk), by=Actor.anonymous(), at=at)


def _publish(testimonial: Words, by: Person, reason: str = "A true client.") -> Words:
    return publish_testimonial(testimonial_id=testimonial.pk, reason=reason, by=by.actor, at=AT)


def _refuse(testimonial: Words, by: Person) -> Words:
    return refuse_testimonial(testimonial_id=testimonial.pk, reason="The address is Bob’s.", by=by.actor, at=AT)


def _own(verb: Any, testimonial: Words, by: Person) -> Words:
    own: Words = verb(profile_id=testimonial.profile_id, testimonial_id=testimonial.pk, by=by.actor, at=AT)
    return own


def _in(state: str, bob: Person, maya: Person) -> Words:
    """Return a testimonial brought into a state by its verbs."""
    testimonial = ask(bob, at=AT)
    if state == "declined":
        return _decline(testimonial)
    if state == "withdrawn":
        return _own(withdraw_testimonial, testimonial, bob)
    if state == "expired":
        assert expire_testimonials(at=AT + timedelta(days=30)) == 1
    if state in {"written", "published", "refused"}:
        testimonial = write(testimonial, at=AT)
    if state == "published":
        testimonial = _publish(testimonial, maya)
    if state == "refused":
        testimonial = _refuse(testimonial, maya)
    testimonial.refresh_from_db()
    assert testimonial.status == state
    return testimonial


def test_the_mail_is_sent_once_with_a_link_that_needs_no_account(bob: Person) -> None:
    testimonial = ask(bob, at=AT)
    assert (testimonial.status, testimonial.expires_at) == ("asked", AT + timedelta(days=30))
    assert send_testimonial_mails(at=AT) == 1
    assert send_testimonial_mails(at=AT + timedelta(days=1)) == 0
    (sent,) = mail.outbox
    assert sent.to == [MAIL]
    assert "Bob D. asks you for a few words" in sent.subject
    assert f"/testimonials/{answer_token(testimonial.pk)}/" in sent.body


def test_a_mail_in_french_leads_to_the_french_page(bob: Person) -> None:
    testimonial = ask(bob, at=AT, language="fr")
    send_testimonial_mails(at=AT)
    assert f"/fr/testimonials/{answer_token(testimonial.pk)}/" in mail.outbox[0].body


def test_a_mail_that_cannot_be_sent_is_tried_again_later(bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(bob, at=AT)
    with monkeypatch.context() as broken:
        broken.setattr("profiles.actions.testimonials.testimonial_mail", lambda _row: 1 / 0)
        assert send_testimonial_mails(at=AT) == 0
    assert send_testimonial_mails(at=AT + timedelta(minutes=1)) == 0
    assert send_testimonial_mails(at=AT + timedelta(minutes=3)) == 1


def test_no_event_and_no_notice_holds_the_address(bob: Person, maya: Person) -> None:
    testimonial = _publish(write(ask(bob, at=AT), at=AT), maya)
    deliver_due(at=AT)
    texts = [str(event.data) + event.reason for event in Event.objects.all()]
    texts += [str(notice.data) for notice in Notice.objects.all()]
    assert not any(MAIL in text for text in texts)
    testimonial.refresh_from_db()
    assert testimonial.email == ""


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"project": "Write to olga@novak.fr"}, LeadsAway),
        ({"name": " "}, NotPossible),
        ({"project": ""}, NotPossible),
        ({"email": "BOB@example.com"}, NotPossible),
    ],
)
def test_what_may_not_be_asked(bob: Person, changes: dict[str, Any], error: type[Exception]) -> None:
    with nothing_happens(), pytest.raises(error):
        ask(bob, **{"email": MAIL, **changes}, at=AT)


def test_a_profile_that_is_not_approved_asks_nobody(bob: Person) -> None:
    chloe = make_freelancer("Chloé", at=AT)
    make_profile(chloe, at=AT)
    with nothing_happens(), pytest.raises(NotPossible):
        ask(chloe, at=AT)


def test_nobody_is_asked_twice_within_the_life_of_a_link_nor_after_a_no(bob: Person) -> None:
    first = ask(bob, at=AT)
    with nothing_happens(), pytest.raises(NotPossible):
        ask(bob, "Olga@client.example", at=AT + timedelta(days=29))
    _own(withdraw_testimonial, first, bob)
    with nothing_happens(), pytest.raises(NotPossible):
        ask(bob, at=AT + timedelta(days=29))
    second = ask(bob, at=AT + timedelta(days=31))
    _decline(second, at=AT + timedelta(days=32))
    with nothing_happens(), pytest.raises(NotPossible) as caught:
        ask(bob, at=AT + timedelta(days=400))
    assert caught.value.message == "This person was asked and said no."


def test_five_a_day_and_no_more(bob: Person) -> None:
    for number in range(5):
        ask(bob, f"client-{number}@example.org", at=AT)
    with nothing_happens(), pytest.raises(NotPossible) as caught:
        ask(bob, at=AT + timedelta(hours=23))
    assert caught.value.message == "You can ask 5 people a day."
    assert ask(bob, at=AT + timedelta(hours=25)).status == "asked"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": "Good."}, TooShort),
        ({"name": ""}, TooShort),
        ({"has_agreed": False}, TooShort),
        ({"text": "Call him on +33 6 12 34 56 78, he answers within the day and knows his trade."}, LeadsAway),
    ],
)
def test_words_that_are_not_taken(bob: Person, changes: dict[str, Any], error: type[Exception]) -> None:
    testimonial = ask(bob, at=AT)
    with nothing_happens(), pytest.raises(error):
        write(testimonial, at=AT, **changes)


def test_the_freelancer_cannot_write_about_themselves(bob: Person) -> None:
    testimonial = ask(bob, at=AT)
    with nothing_happens(), pytest.raises(NotAllowed):
        write(testimonial, at=AT, by=bob.actor)


@pytest.mark.parametrize("token", ["1", "1:forged", "x:y"])
def test_a_forged_link_leads_nowhere(bob: Person, token: str) -> None:
    ask(bob, at=AT)
    with nothing_happens(), pytest.raises(NotFound):
        decline_testimonial(token=token, by=Actor.anonymous(), at=AT)
    assert Client().get(f"/testimonials/{token}/").status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("written", "This link was used: your words arrived on 2 March 2026."),
        ("published", "This link was used: your words arrived on 2 March 2026."),
        ("refused", "This link was used: your words arrived on 2 March 2026."),
        ("declined", "This link was used: you said no, and you are not asked again."),
        ("withdrawn", "The freelancer has taken the request back."),
        ("expired", "This link was valid until 1 April 2026."),
    ],
)
def test_a_link_works_once(bob: Person, maya: Person, state: str, words: str) -> None:
    testimonial = _in(state, bob, maya)
    with nothing_happens(), pytest.raises(Used) as caught:
        write(testimonial, at=AT)
    assert caught.value.message == words
    with nothing_happens(), pytest.raises(Used):
        _decline(testimonial)
    answer = Client().get(f"/testimonials/{answer_token(testimonial.pk)}/")
    assert (answer.status_code, words in answer.content.decode()) == (409, True)


def test_a_link_dies_with_its_time_before_the_clock_comes_round(bob: Person) -> None:
    testimonial = ask(bob, at=AT)
    with nothing_happens(), pytest.raises(Used):
        write(testimonial, at=AT + timedelta(days=30))


@pytest.mark.parametrize("state", Words.Status.values)
@pytest.mark.parametrize("verb", ["publish_testimonial", "refuse_testimonial", "withdraw_testimonial"])
def test_each_verb_starts_from_its_states_only(bob: Person, maya: Person, verb: str, state: str) -> None:
    testimonial = _in(state, bob, maya)
    verbs: dict[str, Any] = {
        "publish_testimonial": lambda: _publish(testimonial, maya),
        "refuse_testimonial": lambda: _refuse(testimonial, maya),
        "withdraw_testimonial": lambda: _own(withdraw_testimonial, testimonial, bob),
    }
    do = verbs[verb]
    if state in sources_of(Words.TRANSITIONS, verb):
        assert (
            do().status
            == {"publish": "published", "refuse": "refused", "withdra": "withdrawn"}[
                verb.partition("_")[0].removesuffix("w")
            ]
        )
    else:
        with nothing_happens(), pytest.raises(NotWaiting):
            do()


def test_only_the_clock_ends_a_request_and_not_before_its_time(bob: Person, maya: Person) -> None:
    asked = ask(bob, at=AT)
    with nothing_happens(), pytest.raises(NotAllowed):
        expire_testimonial(testimonial_id=asked.pk, by=maya.actor, at=AT + timedelta(days=30))
    with nothing_happens(), pytest.raises(NotWaiting):
        expire_testimonial(testimonial_id=asked.pk, by=Actor.system(), at=AT + timedelta(days=29))


def test_a_decision_is_a_moderators_and_says_why(bob: Person, maya: Person) -> None:
    testimonial = write(ask(bob, at=AT), at=AT)
    for by in (bob, make_client("Alice", at=AT), make_staff("Samir", "support", at=AT)):
        with nothing_happens(), pytest.raises(NotAllowed):
            _publish(testimonial, by)
    with nothing_happens(), pytest.raises(ReasonMissing):
        _publish(testimonial, maya, reason=" ")


def test_a_published_one_is_shown_escaped_until_it_is_hidden(bob: Person, maya: Person) -> None:
    text = "<script>alert(1)</script> They built our shop in six weeks, and it works."
    testimonial = _publish(write(ask(bob, at=AT), at=AT, text=text, company="Novak & Co"), maya)
    address = f"/f/{Profile.objects.get(party=bob.party).slug}/"
    page = Client().get(address).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; They built" in page
    assert "Novak &amp; Co" in page
    assert MAIL not in page
    _own(hide_testimonial, testimonial, bob)
    assert "They built" not in Client().get(address).content.decode()
    _own(show_testimonial, testimonial, bob)
    assert "They built" in Client().get(address).content.decode()


def test_one_that_waits_for_staff_is_on_no_page_but_theirs(bob: Person, maya: Person, client: Client) -> None:
    testimonial = write(ask(bob, at=AT), at=AT)
    assert "six weeks" not in Client().get(f"/f/{Profile.objects.get(party=bob.party).slug}/").content.decode()
    sign_in(client, bob)
    mine = client.get("/profile/").content.decode()
    assert ("Olga Novak" in mine, "six weeks" in mine, MAIL in mine) == (True, False, False)
    staff = Client()
    sign_in(staff, maya)
    assert "Olga Novak" in staff.get("/admin/profiles/testimonial/").content.decode()
    screen = f"/admin/profiles/testimonial/{testimonial.pk}/"
    page = staff.get(f"{screen}change/").content.decode()
    assert ("six weeks" in page, "client.example" in page, MAIL in page) == (True, True, False)
    assert staff.post(f"{screen}decide/", {"decision": "publish", "reason": "True."}).status_code == 302
    testimonial.refresh_from_db()
    assert testimonial.status == "published"


def test_another_freelancer_has_no_hand_in_it(bob: Person, maya: Person) -> None:
    testimonial = _publish(write(ask(bob, at=AT), at=AT), maya)
    chloe = make_approved("Chloé", moderator=maya, at=AT)
    with nothing_happens(), pytest.raises(NotAllowed):
        _own(hide_testimonial, testimonial, chloe)
    with nothing_happens(), pytest.raises(NotFound):
        hide_testimonial(
            profile_id=Profile.objects.get(party=chloe.party).pk,
            testimonial_id=testimonial.pk,
            by=chloe.actor,
            at=AT,
        )


def test_the_whole_way_on_the_pages(bob: Person, client: Client) -> None:
    sign_in(client, bob)
    form = {"name": "Olga", "company": "", "project": "Shop", "email": "nobody", "language": "en"}
    assert client.post("/profile/testimonials/ask/", form).status_code == 422
    assert client.post("/profile/testimonials/ask/", {**form, "email": MAIL}).status_code == 302
    again = client.post("/profile/testimonials/ask/", {**form, "email": MAIL})
    assert (again.status_code, "You asked this person" in again.content.decode()) == (409, True)
    testimonial = Words.objects.get()
    outside, link = Client(), f"/testimonials/{answer_token(testimonial.pk)}/"
    words = {"text": "They built our shop in six weeks, and it works.", "name": "Olga N.", "company": ""}
    assert outside.post(link, words).status_code == 422
    done = outside.post(link, {**words, "has_agreed": "on"})
    assert (done.status_code, "Thank you." in done.content.decode()) == (200, True)
    testimonial.refresh_from_db()
    assert (testimonial.status, testimonial.name, testimonial.email) == ("written", "Olga N.", MAIL)
    assert outside.post(link, {"decline": "1"}).status_code == 409
