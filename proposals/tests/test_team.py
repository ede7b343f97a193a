"""Notes and scorecards of a client's people: verbs and panel, and nobody else who reads or hears of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person, make_client, make_member
from core.clock import now
from core.errors import NotAllowed, NotFound
from events.models import Event
from jobs.actions import add_job_reader
from jobs.models import Job
from proposals.actions import (
    MarkOutOfRange,
    NoteMissing,
    clear_scorecard,
    delete_note,
    edit_note,
    fill_scorecard,
    write_note,
)
from proposals.models import Proposal, ProposalNote, Scorecard
from proposals.tests.cast import bid, browser, party_of
from tests.nothing import nothing_happens

SECRET = "Too proud of the Groix boats, ask twice."


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def bobs(bob: Person, job: Job, at: datetime) -> Proposal:
    return bid(bob, job, at=at)


def readers(alice: Person, job: Job, at: datetime) -> list[Person]:
    """Return somebody of finance, and a member who was added to the job."""
    fay, max_ = (
        make_member(name, party_of(alice), role, at=at) for name, role in (("Fay", "finance"), ("Max", "member"))
    )
    add_job_reader(job_id=job.pk, user_id=max_.user.pk, by=alice.actor, at=at)
    return [fay, max_]


def strangers(alice: Person, bob: Person, chloe: Person, at: datetime) -> list[Person]:
    return [bob, chloe, make_client("Eve", at=at), make_member("Mia", party_of(alice), "member", at=at)]


def test_a_note_is_written_changed_and_deleted_and_nobody_is_told(alice: Person, bobs: Proposal, at: datetime) -> None:
    told = Event.objects.count()
    note = write_note(proposal_id=bobs.pk, text=f" {SECRET} ", by=alice.actor, at=at)
    assert (note.text, note.edited_at) == (SECRET, None)

    later = at + timedelta(hours=1)
    edit_note(note_id=note.pk, text=SECRET, by=alice.actor, at=later)
    assert ProposalNote.objects.get().edited_at is None, "nothing was changed"
    edit_note(note_id=note.pk, text="Calm.", by=alice.actor, at=later)
    assert ProposalNote.objects.values_list("text", "edited_at").get() == ("Calm.", later)

    assert delete_note(note_id=note.pk, by=alice.actor, at=later) == bobs.pk
    assert not ProposalNote.objects.exists()
    assert Event.objects.count() == told


def test_whoever_reads_the_inbox_writes_and_nobody_else(
    alice: Person, bob: Person, chloe: Person, job: Job, bobs: Proposal, at: datetime
) -> None:
    for person in readers(alice, job, at):
        write_note(proposal_id=bobs.pk, text="Seen.", by=person.actor, at=at)
        fill_scorecard(proposal_id=bobs.pk, marks={"price": 3}, by=person.actor, at=at)
    others = strangers(alice, bob, chloe, at)

    with nothing_happens():
        for person in others:
            with pytest.raises(NotAllowed):
                write_note(proposal_id=bobs.pk, text="Seen.", by=person.actor, at=at)
            with pytest.raises(NotAllowed):
                fill_scorecard(proposal_id=bobs.pk, marks={"price": 3}, by=person.actor, at=at)
            with pytest.raises(NotAllowed):
                clear_scorecard(proposal_id=bobs.pk, by=person.actor, at=at)


def test_a_note_is_its_authors_alone_to_change(alice: Person, job: Job, bobs: Proposal, at: datetime) -> None:
    note = write_note(proposal_id=bobs.pk, text=SECRET, by=alice.actor, at=at)
    fay, _max = readers(alice, job, at)
    hers = browser(fay)

    with nothing_happens():
        with pytest.raises(NotAllowed):
            edit_note(note_id=note.pk, text="Other.", by=fay.actor, at=at)
        with pytest.raises(NotAllowed):
            delete_note(note_id=note.pk, by=fay.actor, at=at)
        with pytest.raises(NotFound):
            edit_note(note_id=note.pk + 1, text="Other.", by=alice.actor, at=at)
        with pytest.raises(NoteMissing):
            edit_note(note_id=note.pk, text="  ", by=alice.actor, at=at)
        with pytest.raises(NoteMissing):
            write_note(proposal_id=bobs.pk, text="\n", by=alice.actor, at=at)
        assert hers.get(f"/proposals/notes/{note.pk}/").status_code == 404


def test_a_scorecard_is_one_for_each_person_and_the_last_counts(alice: Person, bobs: Proposal, at: datetime) -> None:
    fill_scorecard(proposal_id=bobs.pk, marks={"skills": 5, "price": 1}, by=alice.actor, at=at)
    fill_scorecard(proposal_id=bobs.pk, marks={"skills": 4, "impression": 2}, by=alice.actor, at=at)

    card = Scorecard.objects.get()
    assert [getattr(card, name) for name in Scorecard.CRITERIA] == [4, None, None, None, 2]
    clear_scorecard(proposal_id=bobs.pk, by=alice.actor, at=at)
    assert not Scorecard.objects.exists()


@pytest.mark.parametrize("marks", [{}, {"skills": None}, {"skills": 0}, {"skills": 6, "price": 3}, {"charm": 5}])
def test_marks_go_from_one_to_five_and_one_is_needed(
    alice: Person, bobs: Proposal, at: datetime, marks: dict[str, int | None]
) -> None:
    with nothing_happens(), pytest.raises(MarkOutOfRange):
        fill_scorecard(proposal_id=bobs.pk, marks=marks, by=alice.actor, at=at)


def test_the_panel_shows_notes_in_order_and_the_mean_of_all_marks(
    alice: Person, job: Job, bobs: Proposal, at: datetime
) -> None:
    fay, _max = readers(alice, job, at)
    hers = browser(alice)
    assert hers.post(f"/proposals/{bobs.pk}/notes/", {"text": "First **thing**"}).headers["Location"].endswith("#team")
    write_note(proposal_id=bobs.pk, text="<script>alert(1)</script>", by=fay.actor, at=now())
    hers.post(f"/proposals/{bobs.pk}/scorecard/", {"skills": "5", "price": "4"})
    fill_scorecard(proposal_id=bobs.pk, marks={"skills": 2}, by=fay.actor, at=at)

    page = hers.get(f"/proposals/{bobs.pk}/").content.decode()

    assert page.index("<strong>thing</strong>") < page.index("&lt;script&gt;")
    assert "<script>alert" not in page
    assert "3.7 of 5 by 2 people" in page, "(5 + 4 + 2) / 3"
    assert page.count(">Change<") == 1, "her own note alone"
    inbox = hers.get(f"/jobs/{job.pk}/proposals/").content.decode()
    assert "Team: 3.7 of 5" in inbox
    assert "2 notes" in inbox


def test_the_panel_answers_htmx_with_itself_and_a_mistake_with_a_page(alice: Person, bobs: Proposal) -> None:
    hers, path = browser(alice), f"/proposals/{bobs.pk}/notes/"
    fragment = hers.post(path, {"text": "Ask for films."}, headers={"HX-Request": "true"}).content.decode()
    assert 'id="team"' in fragment
    assert "Ask for films." in fragment
    assert "<html" not in fragment

    with nothing_happens():
        empty = hers.post(path, {"text": " "})
        marks = hers.post(f"/proposals/{bobs.pk}/scorecard/", {"skills": "9"})
    assert (empty.status_code, marks.status_code) == (422, 422)
    assert "Write something first." in empty.content.decode()


def test_a_note_is_changed_and_deleted_on_a_page_of_its_own(alice: Person, bobs: Proposal, at: datetime) -> None:
    note = write_note(proposal_id=bobs.pk, text=SECRET, by=alice.actor, at=at)
    hers, path = browser(alice), f"/proposals/notes/{note.pk}/"

    assert SECRET in hers.get(path).content.decode()
    assert hers.post(path, {"text": "  "}).status_code == 422
    assert hers.post(path, {"text": "Calmer."}).status_code == 302
    assert ProposalNote.objects.get().text == "Calmer."
    assert hers.post(path, {"delete": "1"}).status_code == 302
    assert not ProposalNote.objects.exists()


def test_no_freelancer_page_changes_with_what_the_team_notes(
    alice: Person, bob: Person, chloe: Person, job: Job, bobs: Proposal, at: datetime
) -> None:
    paths = (f"/proposals/{bobs.pk}/", "/proposals/", f"/jobs/{job.pk}/")
    before = [browser(bob).get(path).content.decode() for path in paths]
    write_note(proposal_id=bobs.pk, text=SECRET, by=alice.actor, at=at)
    fill_scorecard(proposal_id=bobs.pk, marks={"skills": 1}, by=alice.actor, at=at)

    after = [browser(bob).get(path).content.decode() for path in paths]

    assert [len(page) for page in after] == [len(page) for page in before]
    assert not [page for page in after if SECRET in page or "corecard" in page]
    visitors = [browser(person) for person in strangers(alice, bob, chloe, at)]
    with nothing_happens():
        for visitor in visitors:
            for path in (f"/proposals/{bobs.pk}/notes/", f"/proposals/{bobs.pk}/scorecard/"):
                assert visitor.post(path, {"text": "x", "skills": "1"}).status_code == 404
