"""Drafts save themselves while they are written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.tests.cast import Person, sign_in
from files.forms import token_of
from files.queries import files_of
from jobs.actions import edit_draft, publish_job
from jobs.models import Job
from jobs.tests.posts import complete_terms, draft_job
from jobs.tests.test_writing_pages import COMPLETE
from tests.nothing import nothing_happens

TITLE: dict[str, Any] = {
    "title": "Half a",
    "language": "en",
    "kind": "fixed",
    "visibility": "public",
    "hires_wanted": "1",
}


def test_a_new_job_is_saved_once_and_then_changed(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    token = client.get("/jobs/new/").context["form_token"]
    first = client.post("/jobs/autosave/", {**TITLE, "form_token": token, "draft": "", "seen_version": ""})
    job = Job.objects.get()
    assert (first.status_code, first["HX-Replace-Url"]) == (200, f"/jobs/{job.pk}/edit/")
    assert f'name="draft" value="{job.pk}"' in first.content.decode()
    assert 'name="seen_version" value="1"' in first.content.decode()
    again = client.post("/jobs/autosave/", {**TITLE, "form_token": token, "draft": ""})
    assert again["HX-Replace-Url"] == f"/jobs/{job.pk}/edit/"
    typed = {**TITLE, "title": "Half a job", "form_token": token, "draft": job.pk, "seen_version": "1"}
    second = client.post("/jobs/autosave/", typed)
    assert 'name="seen_version" value="2"' in second.content.decode()
    final = client.post(
        "/jobs/new/", {**COMPLETE, "form_token": token, "draft": job.pk, "seen_version": "2", "save": "1"}
    )
    assert final["Location"] == f"/jobs/{job.pk}/edit/"
    job = Job.objects.get()
    assert (job.title, job.version, job.status) == ("Redesign a checkout", 3, "draft")


def test_what_cannot_be_read_is_not_saved_and_the_page_says_why(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    with nothing_happens():
        response = client.post("/jobs/autosave/", {**TITLE, "title": ""})
    assert response.status_code == 422
    assert "Not saved yet: Enter a title." in response.content.decode()


def test_a_draft_that_was_changed_elsewhere_is_not_overwritten(client: Client, alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, alice)
    edit_draft(job_id=job.pk, terms=complete_terms(title="Other tab"), by=alice.actor, at=at)
    with nothing_happens():
        response = client.post("/jobs/autosave/", {**TITLE, "draft": job.pk, "seen_version": "1"})
    assert response.status_code == 422
    assert "was changed after you opened the page" in response.content.decode()
    assert 'name="seen_version" value="1"' in response.content.decode()


def test_a_published_job_and_the_draft_of_another_client_are_not_saved_over(
    client: Client, alice: Person, chloe: Person, at: datetime
) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, chloe)
    with nothing_happens():
        assert client.post("/jobs/autosave/", {**TITLE, "draft": job.pk}).status_code == 404
    sign_in(client, alice)
    publish_job(job_id=job.pk, by=alice.actor, at=at)
    with nothing_happens():
        assert client.post("/jobs/autosave/", {**TITLE, "draft": job.pk, "seen_version": "1"}).status_code == 422


def test_the_files_of_a_draft_stay_on_it(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    client.post("/jobs/new/", {**COMPLETE, "attachments": SimpleUploadedFile("brief.txt", b"Four lines.")})
    job = Job.objects.get()
    kept = [token_of(file, alice.actor) for file in files_of("jobs.attachment", job.pk)]
    client.post("/jobs/autosave/", {**COMPLETE, "draft": job.pk, "seen_version": "1", "attachments_kept": kept})
    assert [file.name for file in files_of("jobs.attachment", job.pk)] == ["brief.txt"]
