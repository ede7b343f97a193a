"""The form of a proposal with milestones, highlights, files and drafts, as a browser without scripts sends it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person
from core.clock import now
from files.queries import files_of
from jobs.models import Job
from proposals.actions import MilestoneTerms, edit_terms, view_proposal
from proposals.models import Proposal, ProposalDraft
from proposals.tests.cast import LETTER, attach, bid, browser, connects_of, make_job, show_off, statements
from tests.nothing import nothing_happens

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TYPED = {"amount": "900", "letter": LETTER, "language": "en"}
#: What a request may cost; one of a proposal with everything is allowed a few more statements.
MOST_TO_SUBMIT, MOST_WITH_ALL, MOST_TO_READ = 25, 42, 26


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def bobs(bob: Person) -> Client:
    """Return Bob's browser."""
    return browser(bob)


def form_of(job: Job) -> str:
    return f"/jobs/{job.pk}/proposals/new/"


def in_parts(*rows: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """Return the fields of a form whose price is put by milestones."""
    fields: dict[str, Any] = {**TYPED, "pricing": "milestones", "milestones-INITIAL_FORMS": "0"}
    fields["milestones-TOTAL_FORMS"] = str(len(rows))
    for number, (title, amount) in enumerate(rows):
        fields |= {f"milestones-{number}-title": title, f"milestones-{number}-amount": amount}
    return {**fields, **changes}


def test_milestones_make_the_price_whatever_stands_in_the_other_field(bobs: Client, job: Job) -> None:
    sent = bobs.post(form_of(job), in_parts(("Audit", "300"), ("", ""), ("Screens", "600.50"), amount="nonsense"))

    proposal = Proposal.objects.get()
    assert sent.headers["Location"] == f"/proposals/{proposal.pk}/"
    assert (proposal.amount, [each.title for each in proposal.milestones.all()]) == (90_050, ["Audit", "Screens"])


def test_one_price_leaves_the_rows_aside(bobs: Client, job: Job) -> None:
    bobs.post(form_of(job), in_parts(("Audit", "300"), pricing="whole"))
    proposal = Proposal.objects.get()
    assert (proposal.amount, proposal.milestones.count()) == (90_000, 0)


@pytest.mark.parametrize(
    ("button", "titles", "shown"),
    [
        ({"add_row": "1"}, ["Audit", "Screens", None], "€900.00"),
        ({"remove_row": "0"}, ["Screens"], "€600.00"),
        ({"remove_row": "9"}, ["Audit", "Screens"], "€900.00"),
        ({"recalculate": "1"}, ["Audit", "Screens"], "€900.00"),
    ],
)
def test_rows_come_and_go_without_scripts_and_nothing_is_sent(
    bobs: Client, job: Job, button: dict[str, str], titles: list[str | None], shown: str
) -> None:
    with nothing_happens():
        page = bobs.post(form_of(job), in_parts(("Audit", "300"), ("Screens", "600"), letter="Half a", **button))

    text = page.content.decode()
    rows = page.context["rows"].forms
    assert (page.status_code, [row.initial.get("title") for row in rows]) == (200, titles)
    assert 'role="alert"' not in text
    assert "Half a" in text
    assert f"<dd>{shown}</dd>" in text


def test_what_is_wrong_with_milestones_is_said_and_costs_nothing(bobs: Client, job: Job) -> None:
    cases: tuple[tuple[tuple[tuple[str, str], ...], str], ...] = (
        ((("", "300"),), "Give the milestone a name."),
        ((("Audit", "x"),), "Enter an amount in figures"),
        ((("Audit", "4.99"),), "Enter €5.00 or more."),
        ((("", ""),), "Add at least one milestone"),
        ((("Contact me on WhatsApp", "300"),), "Take this out"),
        (tuple((f"Part {number}", "5") for number in range(21)), "at most 20"),
    )
    for rows, words in cases:
        with nothing_happens():
            page = bobs.post(form_of(job), in_parts(*rows))
        assert page.status_code in {409, 422}, rows
        assert words in page.content.decode(), rows
    with nothing_happens():
        assert bobs.post(form_of(job), {**TYPED, "pricing": "milestones"}).status_code == 422


def test_an_hourly_form_knows_no_milestones(alice: Person, bobs: Client, at: datetime) -> None:
    job = make_job(alice, at=at, kind="hourly", budget=None, rate_low=4_000, rate_high=6_000, weekly_load=20)
    assert "pricing" not in bobs.get(form_of(job)).content.decode()
    bobs.post(form_of(job), in_parts(("Audit", "300"), amount="45"))
    assert (Proposal.objects.get().amount, Proposal.objects.get().milestones.count()) == (4_500, 0)


def test_the_quote_follows_the_rows(bobs: Client, job: Job) -> None:
    text = bobs.get(
        f"/jobs/{job.pk}/proposals/quote/", in_parts(("", "5.05"), ("", "5.05"), ("", "x"))
    ).content.decode()
    for words in ("€10.10", "−€1.02", "€9.08"):  # 0.505 of each is 0.51
        assert words in text, words


def test_highlights_and_files_are_read_by_the_client(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    work, _certificate, _done = show_off(bob, at=at)
    upload = SimpleUploadedFile("route.txt", b"Four lines.")
    browser(bob).post(form_of(job), {**TYPED, "highlights": [f"portfolio-{work.id}"], "attachments": upload})

    proposal = Proposal.objects.get()
    (file,) = files_of("proposals.proposal", proposal.pk)
    text = browser(alice).get(f"/proposals/{proposal.pk}/").content.decode()
    for words in ("Timetable of Brest", "Thirty stops.", "route.txt", f"/files/{file.pk}/"):
        assert words in text, words


def test_too_many_highlights_and_those_of_others_are_refused(
    bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    show_off(bob, at=at)
    theirs, _certificate, _done = show_off(chloe, at=at)
    bobs = browser(bob)
    for chosen in ([f"portfolio-{theirs.id}"], ["portfolio-x"], ["work"]):
        with nothing_happens():
            page = bobs.post(form_of(job), {**TYPED, "highlights": chosen})
        assert page.status_code == 422
        assert "A highlight is no longer on your profile." in page.content.decode()


@pytest.mark.parametrize("sign", ["x", "é", "😀"])
def test_a_letter_of_a_million_signs_is_refused_and_kept_on_the_page(bobs: Client, job: Job, sign: str) -> None:
    for button, status, words in (({}, 422, "it has 1000000"), ({"save_draft": "1"}, 409, "a draft keeps 100000")):
        with nothing_happens():
            page = bobs.post(form_of(job), {**TYPED, "letter": sign * 1_000_000, **button})
        text = page.content.decode()
        assert (page.status_code, text.count(sign * 1_000_000)) == (status, 1)
        assert words in text
    assert "maxlength" not in text.split('name="letter"')[1].split(">")[0]


def test_a_draft_is_saved_with_its_files_and_opens_as_it_was_typed(bob: Person, job: Job, at: datetime) -> None:
    work, _certificate, _done = show_off(bob, at=at)
    bobs = browser(bob)
    upload = SimpleUploadedFile("route.txt", b"Four lines.")
    chosen = {"highlights": [f"portfolio-{work.id}"], "attachments": upload, "duration": "weeks", "language": "fr"}
    typed = in_parts(("Audit", "3oo"), ("", ""), letter="Half a", save_draft="1", **chosen)

    saved = bobs.post(form_of(job), typed)

    assert (saved.status_code, saved.headers["Location"]) == (302, form_of(job))
    page = bobs.get(form_of(job))
    text = page.content.decode()
    for words in ("Half a", 'value="3oo"', 'value="Audit"', "route.txt", "Draft saved at", "Delete the draft"):
        assert words in text, words
    form = page.context["form"]
    assert (form["pricing"].value(), form["duration"].value(), form["language"].value()) == (
        "milestones",
        "weeks",
        "fr",
    )
    assert form["highlights"].value() == [f"portfolio-{work.id}"]
    tab = bobs.get("/proposals/?tab=drafts").content.decode()
    assert job.title in tab
    assert "Half a" in tab
    bobs.post(f"/jobs/{job.pk}/proposals/draft/delete/")
    assert not ProposalDraft.objects.exists()
    assert connects_of(bob) == 40


def test_what_is_typed_is_kept_by_itself_and_says_when(bobs: Client, job: Job) -> None:
    kept = bobs.post(f"/jobs/{job.pk}/proposals/draft/", {**TYPED, "letter": "Half a"})
    assert (kept.status_code, ProposalDraft.objects.get().content["letter"]) == (200, "Half a")
    assert "Draft saved at" in kept.content.decode()
    assert "<html" not in kept.content.decode()
    with nothing_happens():
        long = bobs.post(f"/jobs/{job.pk}/proposals/draft/", {"letter": "x" * 200_000})
    assert (long.status_code, "Not saved yet:" in long.content.decode()) == (409, True)


def test_a_sent_form_costs_few_statements(bob: Person, bobs: Client, alice: Person, at: datetime) -> None:
    first, plain, full = (make_job(alice, at=at, title=f"Job {number}") for number in range(3))
    work, certificate, _done = show_off(bob, at=at)
    bobs.post(form_of(first), TYPED)
    counts = []
    chosen = {"highlights": [f"portfolio-{work.id}", f"certification-{certificate.id}"]}
    for job, fields in ((plain, TYPED), (full, in_parts(("Audit", "300"), ("Screens", "600"), **chosen))):
        with CaptureQueriesContext(connection) as seen:
            assert bobs.post(form_of(job), fields).status_code == 302
        counts.append(len([each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]]))
    assert counts[0] <= MOST_TO_SUBMIT, counts
    assert counts[1] <= MOST_WITH_ALL, counts


def test_the_page_of_twenty_milestones_costs_as_much_as_that_of_one(alice: Person, bob: Person, at: datetime) -> None:
    few, many = (make_job(alice, at=at, title=f"Job {number}") for number in range(2))
    one = bid(bob, few, at=at, milestones=[MilestoneTerms("All", 90_000)])
    twenty = bid(bob, many, at=at, milestones=[MilestoneTerms(f"Part {number}", 4_500) for number in range(20)])
    alices = browser(alice)
    counts = [statements(alices, f"/proposals/{each.pk}/") for each in (one, twenty)]
    assert counts[0] == counts[1] <= MOST_TO_READ, counts


def test_terms_are_changed_on_a_page_and_the_client_reads_what_they_were(
    alice: Person, bob: Person, bobs: Client, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at, duration="months")
    view_proposal(proposal_id=proposal.pk, by=alice.actor, at=at)
    path = f"/proposals/{proposal.pk}/terms/"
    assert 'value="900.00"' in bobs.get(path).content.decode()
    with nothing_happens():
        added = bobs.post(path, in_parts(("Audit", "300"), seen_version="1", add_row="1"))
    assert [row.initial.get("title") for row in added.context["rows"].forms] == ["Audit", None]

    sent = bobs.post(path, in_parts(("Audit", "300"), ("Screens", "500"), seen_version="1", duration="months"))

    assert sent.headers["Location"] == f"/proposals/{proposal.pk}/"
    text = browser(alice).get(f"/proposals/{proposal.pk}/").content.decode()
    for words in (
        "This is version 2.",
        "Before: €900.00.",
        "€800.00",
        "by milestones",
        "There were no milestones before",
    ):
        assert words in text, words
    with nothing_happens():
        stale = bobs.post(path, {"amount": "700", "seen_version": "1"})
    assert (stale.status_code, "changed after you opened this page" in stale.content.decode()) == (409, True)


def test_a_letter_is_changed_on_a_page_until_it_is_opened(
    alice: Person, bob: Person, bobs: Client, at: datetime
) -> None:
    job = make_job(alice, at=at, questions=("Which quay?",))
    file = attach(bob, at=at)
    proposal = bid(bob, job, at=at, file_ids=[file.pk])
    path = f"/proposals/{proposal.pk}/letter/"
    own = f"/proposals/{proposal.pk}/"
    assert path in bobs.get(own).content.decode()
    text = bobs.get(path).content.decode()
    for words in (LETTER, "Yes, on the quay.", "route.txt"):
        assert words in text, words

    fields = {"letter": "New words.", "answer_0": "The north one.", "language": "en", "seen_version": "1"}
    assert bobs.post(path, fields).headers["Location"] == own
    proposal.refresh_from_db()
    assert (proposal.letter, proposal.answers) == ("New words.", ["The north one."])
    assert "You changed the letter." in bobs.get(own).content.decode()
    browser(alice).get(own)
    assert path not in bobs.get(own).content.decode()
    with nothing_happens():
        late = bobs.post(path, {**fields, "letter": "Newer words.", "seen_version": "2"})
    assert (late.status_code, "Newer words." in late.content.decode()) == (409, True)


def test_why_a_proposal_was_withdrawn_is_for_its_author_alone(
    alice: Person, bobs: Client, bob: Person, job: Job
) -> None:
    proposal = bid(bob, job, at=now())
    bobs.post(f"/proposals/{proposal.pk}/withdraw/", {"note": "Too far away."})

    assert "Too far away." in bobs.get(f"/proposals/{proposal.pk}/").content.decode()
    for path in (f"/proposals/{proposal.pk}/", f"/jobs/{job.pk}/proposals/"):
        assert "Too far away." not in browser(alice).get(path).content.decode()
    with nothing_happens():
        assert bobs.post(f"/proposals/{proposal.pk}/withdraw/", {"note": "x" * 301}).status_code == 422


def test_markup_in_every_text_is_shown_as_text(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    file = attach(bob, f"{HOSTILE}.txt".replace("/", ""), at=at)
    plan = [MilestoneTerms(HOSTILE, 40_000), MilestoneTerms("Rest", 50_000)]
    proposal = bid(bob, job, at=at, milestones=plan, file_ids=[file.pk], letter=HOSTILE)
    edit_terms(proposal_id=proposal.pk, amount=90_000, duration="", seen_version=1, by=bob.actor, at=at)
    browser(bob).post(
        f"/jobs/{make_job(alice, at=at, title='Other').pk}/proposals/draft/",
        in_parts((HOSTILE, HOSTILE), letter=HOSTILE),
    )
    draft = ProposalDraft.objects.get()

    own = ("/proposals/?tab=drafts", form_of(draft.job), f"/proposals/{proposal.pk}/terms/")
    for reader, paths in ((bob, (f"/proposals/{proposal.pk}/", *own)), (alice, (f"/proposals/{proposal.pk}/",))):
        for path in paths:
            text = browser(reader).get(path).content.decode()
            assert "<script>alert" not in text, path
            assert "<img src=x" not in text, path


def test_what_it_cost_and_what_came_back_is_listed_with_each(
    alice: Person, bob: Person, bobs: Client, at: datetime
) -> None:
    bid(bob, make_job(alice, at=at), at=at)
    text = bobs.get("/proposals/").content.decode()
    assert "5 connects spent" in text
    proposal = Proposal.objects.get()
    assert "5 connects were spent." in bobs.get(f"/proposals/{proposal.pk}/").content.decode()
