"""Publishing, review, approval, sending back, removal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.tests.cast import Person
from events.actions import deliver_due
from events.models import Event
from jobs.actions import (
    JobChanged,
    JobIncomplete,
    ReasonMissing,
    approve_job,
    edit_draft,
    publish_job,
    remove_job,
    send_back_job,
    withdraw_job,
)
from jobs.models import Job, JobDocument
from jobs.tests.posts import complete_terms, draft_job, open_job, review_job
from profiles.models import PartyFacts
from tests.nothing import nothing_happens


def kinds_of(job: Job) -> list[str]:
    return list(Event.objects.filter(subject=f"job:{job.pk}").order_by("pk").values_list("kind", flat=True))


def test_the_first_post_of_a_client_is_read_before_it_opens(alice: Person, at: datetime) -> None:
    job = review_job(alice, at=at)
    assert (job.status, job.submitted_at, job.posted_at, job.connects_cost) == ("in_review", at, None, 6)
    assert kinds_of(job) == ["jobs.job_drafted", "jobs.job_submitted"]
    assert not JobDocument.objects.exists()


def test_a_second_draft_is_read_too_while_none_was_open(alice: Person, at: datetime) -> None:
    review_job(alice, at=at)
    assert review_job(alice, at=at).status == "in_review"


def test_later_posts_open_at_once_for_thirty_days(alice: Person, marc: Person, at: datetime) -> None:
    open_job(alice, moderator=marc, at=at)
    job = publish_job(job_id=draft_job(alice, at=at, budget=5_000).pk, by=alice.actor, at=at)
    job.refresh_from_db()
    assert (job.status, job.posted_at, job.acted_at, job.connects_cost) == ("open", at, at, 1)
    assert job.expires_at == at + timedelta(days=30)
    assert kinds_of(job) == ["jobs.job_drafted", "jobs.job_opened"]
    assert JobDocument.objects.filter(job=job).count() == 1


def test_approving_opens_the_job_and_counts_it_for_its_client(alice: Person, marc: Person, at: datetime) -> None:
    job = approve_job(job_id=review_job(alice, at=at).pk, seen_version=1, by=marc.actor, at=at + timedelta(hours=3))
    assert (job.status, job.posted_at) == ("open", at + timedelta(hours=3))
    assert job.expires_at == at + timedelta(hours=3, days=30)
    deliver_due(at=at + timedelta(hours=4))
    assert PartyFacts.objects.get(party=alice.party).jobs_posted == 1


#: Changes to a complete draft, the field that is then wrong, and what is said.
MISSING: list[tuple[dict[str, Any], str, str]] = [
    ({"title": " "}, "title", "Enter a title."),
    ({"description": "x" * 79}, "description", "Describe the work in 80 characters or more: there are 79 now."),
    ({"category_id": None}, "category", "Choose a category."),
    ({"skill_ids": ()}, "skills", "Enter 1 to 15 skills."),
    ({"level": ""}, "level", "Choose how experienced the person must be."),
    ({"budget": None}, "budget", "Enter a budget."),
    ({"budget": 499}, "budget", "Enter €5.00 or more: it is the smallest milestone."),
    ({"kind": "hourly"}, "rate_low", "Enter both ends of the hourly rate."),
    ({"kind": "hourly", "rate_low": 1_000}, "rate_high", "Enter both ends of the hourly rate."),
    ({"questions": ("?",) * 9}, "questions", "Ask 8 questions at most."),
    ({"questions": ("x" * 201,)}, "questions", "Keep each question to 200 characters."),
    ({"hires_wanted": 51}, "hires_wanted", "Enter a number from 1 to 50."),
]


def test_what_is_missing_is_told_by_field(alice: Person, at: datetime) -> None:
    for changes, field, words in MISSING:
        job = draft_job(alice, at=at, **changes)
        with nothing_happens(), pytest.raises(JobIncomplete) as refusal:
            publish_job(job_id=job.pk, by=alice.actor, at=at)
        assert refusal.value.problems[field] == [words]


def test_a_complete_draft_of_eighty_characters_is_published(alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at, description="x" * 80, budget=500)
    assert publish_job(job_id=job.pk, by=alice.actor, at=at).status == "in_review"


def test_a_draft_saved_after_the_preview_is_not_published(alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    edit_draft(job_id=job.pk, terms=complete_terms(title="Other"), by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(JobChanged):
        publish_job(job_id=job.pk, seen_version=1, by=alice.actor, at=at)


def test_staff_cannot_approve_a_version_they_did_not_read(alice: Person, marc: Person, at: datetime) -> None:
    job = review_job(alice, at=at)
    withdraw_job(job_id=job.pk, by=alice.actor, at=at)
    edit_draft(job_id=job.pk, terms=complete_terms(title="Call me"), by=alice.actor, at=at)
    publish_job(job_id=job.pk, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(JobChanged):
        approve_job(job_id=job.pk, seen_version=1, by=marc.actor, at=at)


def test_a_job_sent_back_is_a_draft_that_says_why(alice: Person, marc: Person, at: datetime) -> None:
    job = send_back_job(job_id=review_job(alice, at=at).pk, reasons=" Name the files. ", by=marc.actor, at=at)
    job.refresh_from_db()
    assert (job.status, job.review_note, job.submitted_at, job.connects_cost) == (
        "draft",
        "Name the files.",
        None,
        None,
    )
    assert Event.objects.get(kind="jobs.job_sent_back").reason == "Name the files."
    assert publish_job(job_id=job.pk, by=alice.actor, at=at).review_note == ""


def test_staff_give_a_reason_or_do_nothing(alice: Person, marc: Person, at: datetime) -> None:
    job = review_job(alice, at=at)
    with nothing_happens(), pytest.raises(ReasonMissing):
        send_back_job(job_id=job.pk, reasons="  ", by=marc.actor, at=at)
    with nothing_happens(), pytest.raises(ReasonMissing):
        remove_job(job_id=job.pk, reason="", by=marc.actor, at=at)


def test_a_removed_job_leaves_the_search_and_keeps_its_reason(alice: Person, marc: Person, at: datetime) -> None:
    job = remove_job(job_id=open_job(alice, moderator=marc, at=at).pk, reason="Free work.", by=marc.actor, at=at)
    job.refresh_from_db()
    assert (job.status, job.ended_at, job.removal_reason) == ("removed", at, "Free work.")
    assert not JobDocument.objects.exists()
    assert kinds_of(job)[-1] == "jobs.job_removed"
