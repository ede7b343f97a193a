"""What a mail about an interview says to the reader's calendar, and on whose clock it says when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.mime.text import MIMEText
from typing import Any

import pytest
from icalendar import Calendar

from accounts.tests.cast import Person, make_client, make_member, make_staff
from notifications.actions import compose
from notifications.models import Mail, Notice
from profiles.tests.cast import make_approved
from proposals.actions import InterviewTerms, cancel_interview, move_interview
from proposals.models import Interview
from proposals.tests.cast import agree, bid, make_job, party_of, propose, talk, tell

AT = datetime(2027, 3, 26, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def people(db: None) -> tuple[Person, Person]:
    """Return Alice, who lives in New York and reads English, and Bob, who lives in Paris and reads French."""
    alice = make_client("Alice", company_name="Brise", at=AT)
    bob = make_approved("Bob", moderator=make_staff("Marc", "moderator", at=AT), at=AT)
    for person, zone, language in ((alice, "America/New_York", "en"), (bob, "Europe/Paris", "fr")):
        person.user.time_zone, person.user.language = zone, language
        person.user.save(update_fields=["time_zone", "language"])
    tell(AT)
    return alice, bob


@pytest.fixture
def interview(people: tuple[Person, Person]) -> Interview:
    """Return an interview on the morning after the clocks of Paris went forward."""
    alice, bob = people
    conversation = talk(alice, bid(bob, make_job(alice, at=AT), at=AT), at=AT)
    return propose(bob, conversation, at=AT, days=(3, 4), way="link", link="https://meet.example/quay")


def mail_of(kind: str, person: Person) -> tuple[Any, Any, str]:
    """Return the newest mail of a kind to a person, its calendar part, and what that says to calendars."""
    notice = Notice.objects.filter(user=person.user, kind=f"proposals.{kind}").latest("pk")
    assert Mail.objects.filter(notice=notice).exists()
    mail = compose(notice, person.user)
    (part,) = [each for each in mail.attachments if isinstance(each, MIMEText)]
    (meeting,) = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    return mail, meeting, str(part.get_param("method"))


def test_both_sides_get_the_agreed_interview_on_their_own_clock(
    people: tuple[Person, Person], interview: Interview
) -> None:
    alice, bob = people
    agree(alice, interview, at=AT)
    tell(AT)

    for person, hour, other, stranger in (
        (alice, "29 March 2027, 05:00 (EDT)", "Bob D.", bob),
        (bob, "29 mars 2027 à 11\u202fh\u202f00 (CEST)", "Brise", alice),
    ):
        mail, meeting, method = mail_of("interview_accepted", person)
        assert hour in mail.subject
        assert method == "REQUEST"
        assert meeting["DTSTART"].dt == AT + 3 * DAY
        assert meeting["DTEND"].dt == AT + 3 * DAY + timedelta(minutes=30)
        assert (str(meeting["LOCATION"]), int(meeting["SEQUENCE"])) == ("https://meet.example/quay", 1)
        assert other in str(meeting["SUMMARY"])
        assert str(meeting["ATTENDEE"]) == f"mailto:{person.user.email}"
        assert stranger.user.email not in mail.attachments[0].as_string()
        assert "https://meet.example" not in str(mail.body) + str(mail.alternatives[0][0])


def test_a_move_takes_it_out_and_the_next_agreement_puts_it_in_again(
    people: tuple[Person, Person], interview: Interview
) -> None:
    alice, bob = people
    agree(alice, interview, at=AT)
    terms = InterviewTerms(starts=[AT + 6 * DAY], minutes=60)
    moved = move_interview(interview_id=interview.pk, seen_version=1, terms=terms, by=alice.actor, at=AT)
    tell(AT)
    agree(bob, moved, at=AT + DAY)
    tell(AT + DAY)
    cancel_interview(interview_id=interview.pk, seen_version=3, by=bob.actor, at=AT + DAY)
    tell(AT + DAY)

    for person in people:
        _mail, out, out_method = mail_of("interview_moved", person)
        _mail, into, into_method = mail_of("interview_accepted", person)
        _mail, gone, gone_method = mail_of("interview_cancelled", person)
        assert (out_method, into_method, gone_method) == ("CANCEL", "REQUEST", "CANCEL")
        assert {str(each["UID"]) for each in (out, into, gone)} == {f"interview-{interview.pk}@localhost"}
        assert [int(each["SEQUENCE"]) for each in (out, into, gone)] == [2, 3, 4]
        assert (out["DTSTART"].dt, into["DTSTART"].dt) == (AT + 3 * DAY, AT + 6 * DAY)
        assert (str(out["STATUS"]), str(into["STATUS"])) == ("CANCELLED", "CONFIRMED")


def test_times_that_are_only_proposed_tell_the_other_side_alone_and_no_calendar(
    people: tuple[Person, Person], interview: Interview
) -> None:
    alice, bob = people
    fay = make_member("Fay", party_of(alice), "finance", at=AT)
    tell(AT)
    told = Notice.objects.filter(kind="proposals.interview_proposed")
    assert [notice.user_id for notice in told] == [alice.user.pk]
    assert compose(told[0], alice.user).attachments == []
    assert told[0].path == f"/interviews/{interview.pk}/"
    assert not Notice.objects.filter(user__in=[bob.user, fay.user], kind__startswith="proposals.interview").exists()
