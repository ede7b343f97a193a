"""Posts to start from: whole in both languages, and never published with a blank left in them."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from accounts.tests.cast import Person, sign_in
from jobs.actions import JobIncomplete, publish_job
from jobs.models import Job
from jobs.queries import blanks_of, initial_of, job_templates
from jobs.tests.posts import draft_job
from messaging.guard import guard_problems
from taxonomy.queries import categories
from tests.nothing import nothing_happens


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_category_has_a_whole_template(language: str) -> None:
    templates = job_templates(language)
    assert [template.category.slug for template in templates] == [category.slug for category in categories()]
    for template in templates:
        initial = initial_of(template)
        assert initial["speciality"], template.key
        assert len(initial["skills"]) >= 2, template.key
        assert initial["kind"] == "fixed" or initial["weekly_load"] == 10
        description = initial["description"]
        assert description.count("## ") == 3
        assert blanks_of(description), template.key
        texts = {"title": initial["title"], "description": description, "questions": " ".join(initial["questions"])}
        assert guard_problems(texts) == {}, template.key
        assert len(initial["title"]) <= 120
        assert all(len(question) <= 200 for question in initial["questions"])


def test_a_blank_is_a_bracket_with_an_ellipsis_and_no_link() -> None:
    text = "[number of pages…] and [a link](https://jalon.example), [x] done, [more…](https://jalon.example)"
    assert blanks_of(text) == ["[number of pages…]"]


def test_the_form_begins_with_the_template_in_the_readers_language(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    with nothing_happens():
        page = client.get("/jobs/new/?template=sales-dashboard").content.decode()
        french = client.get("/fr/jobs/new/?template=sales-dashboard").content.decode()
        unknown = client.get("/jobs/new/?template=nothing").content.decode()
    assert "A dashboard of our sales that updates itself" in page
    assert "## The goal" in page
    assert 'value="data" selected' in page
    assert "## L’objectif" in french
    assert "Start from a template" in unknown
    assert "## The goal" not in unknown


def test_a_post_with_a_blank_is_not_published(alice: Person, at: datetime) -> None:
    words = (
        "A site of about [number of pages…] pages in [languages…], which our own team edits without writing any code."
    )
    job = draft_job(alice, at=at, description=words, questions=("Translate this: [a sentence of yours…]",))
    with nothing_happens(), pytest.raises(JobIncomplete) as caught:
        publish_job(job_id=job.pk, by=alice.actor, at=at)
    assert caught.value.problems == {
        "description": ["Fill in or delete what stands in square brackets in 2 places. The first: [number of pages…]."],
        "questions": ["Fill in or delete what stands in square brackets: [a sentence of yours…]."],
    }
    assert Job.objects.get(pk=job.pk).status == "draft"
