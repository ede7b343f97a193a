"""Filters by proposals, load, age and the client's history; titles under the search field."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.tests.cast import Person, sign_in
from core.actor import Actor
from jobs.actions import record_activity, record_hire
from jobs.models import JobDocument
from jobs.queries import Filters, search_jobs, titles_like
from jobs.tests.posts import open_job
from taxonomy.queries import lexicon


def find(at: datetime, **filters: object) -> list[str]:
    asked = Filters(**filters)  # type: ignore[arg-type]
    return [row.title for row in search_jobs(asked, Actor.anonymous(), lexicon=lexicon(), at=at).rows]


def test_the_number_of_proposals_is_an_upper_end(alice: Person, marc: Person, at: datetime) -> None:
    quiet = open_job(alice, moderator=marc, at=at, title="Quiet")
    busy = open_job(alice, moderator=marc, at=at, title="Busy")
    record_activity(job_id=quiet.pk, proposals=4, unanswered=0)
    record_activity(job_id=busy.pk, proposals=5, unanswered=5)
    assert find(at, proposals_below=5) == ["Quiet"]
    assert find(at, proposals_below=10) == ["Busy", "Quiet"]


def test_load_and_age_choose(alice: Person, marc: Person, at: datetime) -> None:
    hourly = {"kind": "hourly", "budget": None, "rate_low": 3000, "rate_high": 5000}
    open_job(alice, moderator=marc, at=at, title="Full", weekly_load=40, **hourly)
    open_job(alice, moderator=marc, at=at + timedelta(days=2), title="Light", weekly_load=10, **hourly)
    open_job(alice, moderator=marc, at=at + timedelta(days=2), title="Unsaid")
    later = at + timedelta(days=3)
    assert find(later, loads=(40,)) == ["Full"]
    assert find(later, loads=(10, 40)) == ["Light", "Full"]
    assert find(later, posted_days=3) == ["Unsaid", "Light"]
    assert find(later - timedelta(seconds=1), posted_days=3) == ["Unsaid", "Light", "Full"]


def test_a_hire_marks_every_open_job_of_its_client(alice: Person, chloe: Person, marc: Person, at: datetime) -> None:
    first = open_job(alice, moderator=marc, at=at, title="First", hires_wanted=2)
    open_job(alice, moderator=marc, at=at, title="Second")
    open_job(chloe, moderator=marc, at=at, title="Other")
    assert find(at, has_hired=True) == []
    record_hire(job_id=first.pk, at=at)
    assert find(at, has_hired=True) == ["Second", "First"]
    page = search_jobs(Filters(), Actor.anonymous(), lexicon=lexicon(), at=at)
    assert page.facets["hired"] == {"true": 2, "false": 1}


def test_a_document_written_anew_keeps_what_was_counted(alice: Person, marc: Person, at: datetime) -> None:
    from jobs.actions import pause_job, resume_job

    job = open_job(alice, moderator=marc, at=at)
    record_activity(job_id=job.pk, proposals=7, unanswered=0)
    pause_job(job_id=job.pk, by=alice.actor, at=at)
    resume_job(job_id=job.pk, by=alice.actor, at=at)
    assert JobDocument.objects.values_list("proposals", "weekly_load", "has_hired").get() == (7, None, False)


@pytest.mark.parametrize("address", ["proposals=7", "posted=2", "load=11", "proposals=abc"])
def test_what_is_no_choice_is_left_out_and_said(client: Client, db: None, address: str) -> None:
    page = client.get(f"/jobs/?{address}")
    assert page.status_code == 200
    assert len(page.context["form"].unread) == 1


def test_filters_are_chips_that_come_off(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    open_job(alice, moderator=marc, at=at)
    page = client.get("/jobs/?proposals=5&posted=7&load=40&hired=on").content.decode()
    for words in (
        "Fewer than 5 proposals",
        "Posted in the last 7 days",
        "30 hours a week or more",
        "Client has hired before",
    ):
        assert words in page
    assert 'href="/jobs/?proposals=5&amp;load=40&amp;hired=on"' in page


def test_titles_are_suggested_by_the_beginning_of_a_word(
    client: Client, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at, title="Paint <two> boats")
    open_job(alice, moderator=marc, at=at, title="Paint a hidden boat", visibility="invited")
    open_job(alice, moderator=marc, at=at, title="Paint a lighthouse", visibility="signed_in")
    words = lexicon()
    assert titles_like("pain", Actor.anonymous(), lexicon=words, limit=5) == ["Paint <two> boats"]
    assert titles_like("pain", bob.actor, lexicon=words, limit=5) == ["Paint a lighthouse", "Paint <two> boats"]
    for nothing in ("", "  ", "'", "&|!", "\x00", "quay"):
        assert titles_like(nothing, Actor.anonymous(), lexicon=words, limit=5) == []
    answer = client.get("/jobs/suggest/?q=pain").content.decode()
    assert "Paint &lt;two&gt; boats" in answer
    assert "hidden" not in answer
    assert client.get("/jobs/suggest/?q=" + "a" * 5000).status_code == 200
    sign_in(client, bob)
    assert "Paint a lighthouse" in client.get("/jobs/suggest/?q=pain").content.decode()
    assert 'value="Figma"' in client.get("/jobs/suggest/?q=figm").content.decode()
