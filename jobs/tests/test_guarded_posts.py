"""Contact data in a post: refused with what was found, in the reader's language, and nothing is lost."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from accounts.tests.cast import Person, sign_in
from jobs.actions import JobIncomplete, JobTexts, edit_job, publish_job
from jobs.models import Job
from jobs.tests.posts import DESCRIPTION, complete_terms, draft_job, open_job
from jobs.tests.test_writing_pages import COMPLETE
from tests.nothing import nothing_happens

MAIL = f"{DESCRIPTION} Write to alice@brise.fr."
TOLD = "Take this out: an e-mail address (“alice@brise.fr”)."
TOLD_IN_FRENCH = "Retirez ceci\u202f: une adresse e-mail («\u202falice@brise.fr\u202f»)."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Redesign, write to alice@brise.fr"),
        ("description", MAIL),
        ("place", "alice@brise.fr"),
        ("questions", ("Why you?", "Can you write to alice@brise.fr?")),
    ],
)
def test_a_draft_with_contact_data_is_not_published(
    alice: Person, at: datetime, field: str, value: str | tuple[str, ...]
) -> None:
    job = draft_job(alice, at=at, **{field: value})

    with nothing_happens(), pytest.raises(JobIncomplete) as refusal:
        publish_job(job_id=job.pk, by=alice.actor, at=at)

    assert list(refusal.value.problems) == [field]
    assert refusal.value.problems[field][0].startswith(TOLD)


def test_an_open_job_keeps_its_words_when_contact_data_is_written_into_it(
    alice: Person, marc: Person, at: datetime
) -> None:
    job = open_job(alice, moderator=marc, at=at)
    terms = complete_terms(description=MAIL)
    texts = JobTexts(title=terms.title, description=MAIL, category_id=terms.category_id, skill_ids=terms.skill_ids)

    with nothing_happens(), pytest.raises(JobIncomplete) as refusal:
        edit_job(job_id=job.pk, texts=texts, by=alice.actor, at=at)

    assert list(refusal.value.problems) == ["description"]


@pytest.mark.parametrize(("prefix", "told"), [("", TOLD), ("/fr", TOLD_IN_FRENCH)])
def test_the_form_of_a_draft_says_what_to_take_out_and_keeps_what_was_typed(
    client: Client, alice: Person, prefix: str, told: str
) -> None:
    sign_in(client, alice)

    saved = client.post(f"{prefix}/jobs/new/", {**COMPLETE, "description": MAIL, "preview": "1"})
    page = client.get(saved["Location"]).content.decode()

    job = Job.objects.get()
    assert (job.status, job.description) == ("draft", MAIL)
    assert saved["Location"] == f"{prefix}/jobs/{job.pk}/edit/?check=1"
    assert page.count(told) == 2  # in the summary and beside the field
    assert MAIL in page


@pytest.mark.parametrize(("prefix", "told"), [("", TOLD), ("/fr", TOLD_IN_FRENCH)])
def test_the_form_of_an_open_job_says_what_to_take_out_and_keeps_what_was_typed(
    client: Client, alice: Person, marc: Person, at: datetime, prefix: str, told: str
) -> None:
    job = open_job(alice, moderator=marc, at=at)
    sign_in(client, alice)

    with nothing_happens():
        answer = client.post(f"{prefix}/jobs/{job.pk}/edit/", {**COMPLETE, "description": MAIL, "seen_version": "1"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(told) == 2
    assert MAIL in page


def test_publishing_a_draft_with_contact_data_says_why_on_its_preview(
    client: Client, alice: Person, at: datetime
) -> None:
    job = draft_job(alice, at=at, title="Call 06 78 90 12 34")
    sign_in(client, alice)

    with nothing_happens():
        answer = client.post(f"/jobs/{job.pk}/publish/", {"seen_version": "1"})

    assert answer.status_code == 409
    assert "Take this out: a phone number (“06 78 90 12 34”)." in answer.content.decode()
