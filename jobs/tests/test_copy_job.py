"""Copying a job into a new draft: to post it again, or as a template."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.tests.cast import Person, make_member, sign_in
from core.errors import NotAllowed
from events.models import Event
from files.actions import store_file
from files.queries import files_of
from jobs.actions import JobNotInState, close_job, copy_job, delete_draft
from jobs.models import Job
from jobs.tests.posts import draft_job, open_job, party_of
from tests.nothing import nothing_happens


def test_a_closed_job_comes_back_as_a_draft_without_its_files_and_days(
    alice: Person, marc: Person, at: datetime
) -> None:
    upload = store_file(upload=SimpleUploadedFile("brief.txt", b"Four."), kind="jobs.attachment", by=alice.actor, at=at)
    source = open_job(
        alice,
        moderator=marc,
        at=at,
        questions=("Why you?",),
        wanted_country="FR",
        starts_on=date(2026, 12, 1),
        due_on=date(2026, 12, 24),
        file_ids=(upload.pk,),
    )
    close_job(job_id=source.pk, by=alice.actor, at=at)
    copy = copy_job(job_id=source.pk, by=alice.actor, at=at)
    copy = Job.objects.get(pk=copy.pk)
    assert copy.pk != source.pk
    assert (copy.status, copy.title, copy.description, copy.budget) == (
        "draft",
        source.title,
        source.description,
        420_000,
    )
    assert (copy.questions, str(copy.wanted_country), copy.skills.count()) == (["Why you?"], "FR", 1)
    assert (copy.starts_on, copy.due_on, copy.posted_at, copy.connects_cost, copy.activity.proposals) == (
        *[None] * 4,
        0,
    )
    assert files_of("jobs.attachment", copy.pk) == []
    assert [file.pk for file in files_of("jobs.attachment", source.pk)] == [upload.pk]
    assert Event.objects.get(subject=f"job:{copy.pk}").data == {"copied_from": source.pk}
    source.refresh_from_db()
    assert source.status == "closed"


def test_others_and_finance_people_of_the_client_copy_nothing(
    alice: Person, chloe: Person, marc: Person, at: datetime
) -> None:
    job = open_job(alice, moderator=marc, at=at)
    finance = make_member("Farid", party_of(alice), "finance", at=at)
    with nothing_happens():
        for person in (chloe, marc, finance):
            with pytest.raises(NotAllowed):
                copy_job(job_id=job.pk, by=person.actor, at=at)


def test_a_deleted_draft_is_not_copied(alice: Person, at: datetime) -> None:
    draft = delete_draft(job_id=draft_job(alice, at=at).pk, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(JobNotInState):
        copy_job(job_id=draft.pk, by=alice.actor, at=at)


def test_the_page_of_a_new_job_offers_earlier_ones_and_the_page_of_an_ended_one_its_copy(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    job = open_job(alice, moderator=marc, at=at)
    sign_in(client, alice)
    assert f'action="/jobs/{job.pk}/copy/"' in client.get("/jobs/new/").content.decode()
    close_job(job_id=job.pk, by=alice.actor, at=at)
    assert "Post it again" in client.get(f"/jobs/{job.pk}/").content.decode()
    response = client.post(f"/jobs/{job.pk}/copy/")
    copy = Job.objects.exclude(pk=job.pk).get()
    assert response["Location"] == f"/jobs/{copy.pk}/edit/"
