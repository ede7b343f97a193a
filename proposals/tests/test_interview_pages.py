"""The pages of a first message and of an interview, as plain forms."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from accounts.tests.cast import Person, make_member
from core.clock import now
from jobs.actions import invite_to_job
from jobs.models import Job
from messaging.models import Message
from proposals.models import Conversation, Interview, Proposal
from proposals.tests.cast import agree, bid, browser, party_of, propose, talk
from tests.nothing import nothing_happens


@pytest.fixture
def at() -> datetime:
    """Return now: pages read the clock."""
    return now()


@pytest.fixture
def proposal(bob: Person, job: Job, at: datetime) -> Proposal:
    return bid(bob, job, at=at)


@pytest.fixture
def conversation(alice: Person, proposal: Proposal, at: datetime) -> Conversation:
    return talk(alice, proposal, at=at)


def live_in(person: Person, zone: str) -> None:
    person.user.time_zone = zone
    person.user.save(update_fields=["time_zone"])


def test_a_question_is_put_into_the_message_without_sending_it(alice: Person, proposal: Proposal) -> None:
    page = browser(alice)
    shown = page.get(f"/proposals/{proposal.pk}/").content.decode()
    assert f'action="/proposals/{proposal.pk}/message/"' in shown

    answer = page.post(f"/proposals/{proposal.pk}/message/", {"text": "Hello Bob.", "token": "one", "add": "1"})

    question = "How would you test this before it goes live?"
    assert answer.status_code == 200
    assert f"Hello Bob.\n\n{question}</textarea>" in answer.content.decode()
    assert not Message.objects.exists()
    sent = page.post(f"/proposals/{proposal.pk}/message/", {"text": f"Hello Bob.\n\n{question}", "token": "one"})
    message = Message.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, f"/messages/{message.room_id}/")
    assert "Open the conversation" in page.get(f"/proposals/{proposal.pk}/").content.decode()


def test_contact_data_in_a_first_message_comes_back_once(alice: Person, proposal: Proposal) -> None:
    page, address = browser(alice), f"/proposals/{proposal.pk}/message/"
    words = {"text": "Call me: 06 12 34 56 78", "token": "one"}
    with nothing_happens():
        refused = page.post(address, words)
    assert refused.status_code == 422
    assert 'name="masked"' in refused.content.decode()
    assert page.post(address, {**words, "masked": "1"}).status_code == 302
    assert "06 12 34 56 78" not in Message.objects.get().masked_text


def test_who_is_invited_asks_from_the_page_of_the_job(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    invitation = invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, by=alice.actor, at=at)
    page, address = browser(bob), f"/invitations/{invitation.pk}/message/"
    assert address in page.get(f"/jobs/{job.pk}/").content.decode()
    assert page.post(address, {"text": "Is it urgent?", "token": "one"}).status_code == 302
    assert Conversation.objects.get().party_id == party_of(bob).pk


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Asia/Tokyo"])
def test_times_are_read_on_the_clock_of_who_proposes(zone: str, alice: Person, conversation: Conversation) -> None:
    live_in(alice, zone)
    noon = (now() + timedelta(days=5)).date().isoformat() + "T12:00"

    answer = browser(alice).post(
        f"/conversations/{conversation.pk}/interview/", {"start_0": noon, "minutes": "45", "way": "call"}
    )

    interview = Interview.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/interviews/{interview.pk}/")
    starts_at = interview.slots.get().starts_at.astimezone(ZoneInfo(zone))
    assert (starts_at.hour, starts_at.minute, interview.minutes) == (12, 0, 45)


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ("2026-03-29T02:30", "there is no 02:30. Choose 03:30"),
        ("2026-10-25T02:30", "02:30 comes twice"),
        ("2026-10-25T02:30Z", "Enter a day and an hour"),
        ("tomorrow", "Enter a day and an hour"),
        ("0001-01-01T00:00", "Choose times in the future."),
        ("", "Enter a day and an hour."),
    ],
)
def test_an_hour_that_is_no_moment_is_refused_with_what_to_do(
    start: str, says: str, alice: Person, conversation: Conversation
) -> None:
    live_in(alice, "Europe/Paris")
    address = f"/conversations/{conversation.pk}/interview/"
    page = browser(alice)
    with nothing_happens():
        answer = page.post(address, {"start_0": start, "minutes": "30", "way": "call"})
    assert answer.status_code in {409, 422}
    assert says in answer.content.decode()


def test_each_reads_the_times_on_both_clocks(alice: Person, bob: Person, proposal: Proposal, at: datetime) -> None:
    live_in(alice, "America/New_York")
    live_in(bob, "Asia/Tokyo")
    interview = propose(bob, talk(alice, proposal, at=at), at=at)
    for person, mine, theirs in ((alice, "New York", "Tokyo"), (bob, "Tokyo", "New York")):
        shown = browser(person).get(f"/interviews/{interview.pk}/").content.decode()
        assert f"({mine})" in shown
        assert f"({theirs})" in shown


def test_a_time_is_accepted_with_a_plain_form_and_leads_to_the_file(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = propose(bob, conversation, at=at, note="Bring the drawings")
    page, address = browser(alice), f"/interviews/{interview.pk}/"
    slot = interview.slots.first()
    assert slot is not None
    assert page.get(f"{address}interview.ics").status_code == 404
    with nothing_happens():
        assert page.post(f"{address}accept/", {"version": "0"}).status_code == 422
    assert page.post(f"{address}accept/", {"slot": str(slot.pk), "version": "0"}).status_code == 302
    with nothing_happens():
        assert page.post(f"{address}accept/", {"slot": str(slot.pk), "version": "0"}).status_code == 409

    file = page.get(f"{address}interview.ics")

    assert (file.status_code, file["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    (meeting,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert meeting["DTSTART"].dt == slot.starts_at.replace(microsecond=0)
    assert bob.user.email not in file.content.decode()
    assert "Put it into your calendar" in page.get(address).content.decode()


def test_the_room_shows_the_interview_and_the_list_what_comes(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    room_id = Message.objects.get().room_id
    assert "Propose an interview" in browser(bob).get(f"/messages/{room_id}/").content.decode()
    interview = agree(alice, propose(bob, conversation, at=at, way="link", link="https://meet.example/quay"), at=at)
    shown = browser(alice).get(f"/messages/{room_id}/").content.decode()
    assert "https://meet.example/quay" in shown
    assert "Propose an interview" not in shown
    for person in (alice, bob):
        assert f'href="/interviews/{interview.pk}/"' in browser(person).get("/interviews/").content.decode()
    fay = make_member("Fay", party_of(alice), "finance", at=at)
    assert browser(fay).get(f"/messages/{room_id}/").status_code == 404
    assert browser(fay).get(f"/interviews/{interview.pk}/").status_code == 404


def test_moving_and_cancelling_carry_what_was_seen(
    alice: Person, bob: Person, conversation: Conversation, at: datetime
) -> None:
    interview = propose(bob, conversation, at=at)
    page, address = browser(alice), f"/interviews/{interview.pk}/"
    noon = (at + timedelta(days=6)).date().isoformat() + "T12:00"
    move = {"start_0": noon, "minutes": "30", "way": "link", "link": "https://meet.example/quay", "version": "0"}
    with nothing_happens():
        bad = page.post(f"{address}move/", {**move, "link": "http://meet.example"})
    assert bad.status_code == 422
    assert page.post(f"{address}move/", move).status_code == 302
    with nothing_happens():
        assert page.post(f"{address}cancel/", {"version": "0", "note": ""}).status_code == 409
    assert page.post(f"{address}cancel/", {"version": "1", "note": "I am ill."}).status_code == 302
    after = Interview.objects.get()
    assert (after.status, after.cancel_note, after.version) == (Interview.Status.CANCELLED, "I am ill.", 2)
