"""The page of a job, for everybody who may come to it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, sign_in
from core.actor import Actor
from files.actions import store_file
from jobs.actions import close_job, expire_job, mark_viewed_by_client, record_activity, record_hire, remove_job
from jobs.models import Job
from jobs.queries import bucket, can_read_attachment
from jobs.tests.posts import draft_job, open_job, review_job
from profiles.tests.cast import approve

MOST_STATEMENTS = 10


def test_a_signed_in_reader_costs_ten_statements_at_most(
    client: Client, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    approve(bob, moderator=marc, at=at)
    job = open_job(alice, moderator=marc, at=at)
    sign_in(client, bob)
    client.get(f"/jobs/{job.pk}/")
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"/jobs/{job.pk}/").status_code == 200
    assert len([query for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]]) <= MOST_STATEMENTS


def test_everybody_reads_an_open_job(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    job = open_job(
        alice,
        moderator=marc,
        at=at,
        description="We need **two** screens. " * 5 + "<script>alert(1)</script>",
        language="fr",
        questions=("Why you?",),
    )
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "€4,200 fixed" in page
    assert '<div class="prose" lang="fr"><p>We need <strong>two</strong> screens.' in page
    assert "<script>alert" not in page
    assert "<li>Why you?</li>" in page
    assert "Fewer than 5" in page


def test_a_number_of_proposals_is_told_as_a_range() -> None:
    told = [bucket(number) for number in (0, 1, 4, 5, 9, 10, 14, 15, 19, 20, 49, 50, 5000)]
    assert told == [
        *["Fewer than 5"] * 3,
        *["5 to 10"] * 2,
        *["10 to 15"] * 2,
        *["15 to 20"] * 2,
        *["20 to 50"] * 2,
        *["50 or more"] * 2,
    ]


def test_activity_is_shown_without_numbers_of_rivals(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    job = open_job(alice, moderator=marc, at=at)
    record_activity(job_id=job.pk, proposals=7, unanswered=3)
    mark_viewed_by_client(job_id=job.pk, at=at)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "<dt>Proposals</dt><dd>5 to 10</dd>" in page
    assert ">7<" not in page
    assert "Not yet" not in page


@pytest.mark.parametrize("who", ["nobody", "bob", "chloe"])
def test_what_is_not_published_does_not_exist_for_others(
    client: Client, alice: Person, bob: Person, chloe: Person, marc: Person, at: datetime, who: str
) -> None:
    jobs = [draft_job(alice, at=at), review_job(alice, at=at), open_job(alice, moderator=marc, at=at)]
    remove_job(job_id=jobs[2].pk, reason="Free work.", by=marc.actor, at=at)
    if who != "nobody":
        sign_in(client, {"bob": bob, "chloe": chloe}[who])
    missing = client.get("/jobs/999999999/")
    for job in jobs:
        response = client.get(f"/jobs/{job.pk}/")
        assert (response.status_code, missing.status_code) == (404, 404)


def test_its_client_and_moderators_see_where_it_stands(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    draft, review = draft_job(alice, at=at), review_job(alice, at=at)
    removed = remove_job(job_id=review_job(alice, at=at).pk, reason="Free work.", by=marc.actor, at=at)
    told = {draft.pk: "This is a draft.", review.pk: "In review.", removed.pk: "Free work."}
    for reader in (alice, marc):
        sign_in(client, reader)
        for pk, words in told.items():
            assert words in client.get(f"/jobs/{pk}/").content.decode()


def test_an_ended_job_says_so_to_everybody(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    closed, filled, expired = (open_job(alice, moderator=marc, at=at) for _number in range(3))
    close_job(job_id=closed.pk, by=alice.actor, at=at)
    record_hire(job_id=filled.pk, at=at)
    expire_job(job_id=expired.pk, at=at + timedelta(days=30))
    for job, words in ((closed, "is closed."), (filled, "is filled."), (expired, "has expired.")):
        page = client.get(f"/jobs/{job.pk}/").content.decode()
        assert f"This job {words}" in page
        assert 'content="noindex"' in page


def test_a_job_for_members_is_hidden_from_visitors(
    client: Client, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    job = open_job(alice, moderator=marc, at=at, visibility="signed_in")
    assert client.get(f"/jobs/{job.pk}/").status_code == 404
    sign_in(client, bob)
    assert client.get(f"/jobs/{job.pk}/").status_code == 200


def test_the_files_of_a_job_are_read_by_whoever_may_read_the_job(
    alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    file = store_file(
        upload=SimpleUploadedFile("brief.txt", b"Four lines."), kind="jobs.attachment", by=alice.actor, at=at
    )
    draft = draft_job(alice, at=at, file_ids=(file.pk,))
    file.refresh_from_db()
    assert (file.owner_kind, file.owner_ref) == ("jobs.attachment", str(draft.pk))
    assert can_read_attachment(alice.actor, str(draft.pk))
    assert not can_read_attachment(bob.actor, str(draft.pk))
    job: Job = open_job(alice, moderator=marc, at=at)
    assert can_read_attachment(Actor.anonymous(), str(job.pk))
