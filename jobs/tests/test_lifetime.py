"""The life of an open job: edits, pauses, hires, reminders, expiry."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person
from events.models import Event
from jobs.actions import (
    JobChanged,
    JobIncomplete,
    JobNotInState,
    close_job,
    edit_job,
    expire_jobs,
    mark_viewed_by_client,
    pause_job,
    record_activity,
    record_hire,
    remind_expiring_jobs,
    resume_job,
    touch_job,
)
from jobs.models import Job, JobActivity, JobDocument
from jobs.tests.posts import complete_terms, draft_job, open_job
from tests.nothing import nothing_happens

DAY = timedelta(days=1)


@pytest.fixture
def job(alice: Person, marc: Person, at: datetime) -> Job:
    """Return an open job of Alice."""
    return open_job(alice, moderator=marc, at=at)


def test_an_edit_changes_the_words_but_neither_money_nor_the_price_in_connects(
    alice: Person, job: Job, at: datetime
) -> None:
    texts = complete_terms(title="A new title", budget=100, level="expert", hires_wanted=3)
    edit_job(job_id=job.pk, texts=texts, seen_version=1, by=alice.actor, at=at + DAY)
    job.refresh_from_db()
    assert (job.title, job.hires_wanted, job.version) == ("A new title", 3, 2)
    assert (job.budget, job.level, job.connects_cost) == (420_000, "intermediate", 6)
    assert job.expires_at == at + 31 * DAY


def test_an_edit_cannot_make_an_open_job_incomplete(alice: Person, job: Job, at: datetime) -> None:
    with nothing_happens(), pytest.raises(JobIncomplete) as refusal:
        edit_job(job_id=job.pk, texts=complete_terms(description="Short."), by=alice.actor, at=at)
    assert list(refusal.value.problems) == ["description"]


def test_a_job_that_wants_no_more_than_it_has_is_filled(alice: Person, job: Job, at: datetime) -> None:
    edit_job(job_id=job.pk, texts=complete_terms(hires_wanted=3), by=alice.actor, at=at)
    assert record_hire(job_id=job.pk, at=at).status == "open"
    edited = edit_job(job_id=job.pk, texts=complete_terms(hires_wanted=1), by=alice.actor, at=at)
    assert (edited.status, edited.ended_at) == ("filled", at)
    assert Event.objects.filter(kind="jobs.job_filled", subject=f"job:{job.pk}").count() == 1


def test_an_edit_of_a_stale_page_is_refused(alice: Person, job: Job, at: datetime) -> None:
    edit_job(job_id=job.pk, texts=complete_terms(), seen_version=1, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(JobChanged):
        edit_job(job_id=job.pk, texts=complete_terms(), seen_version=1, by=alice.actor, at=at)


def test_a_paused_job_leaves_the_search_and_comes_back(alice: Person, job: Job, at: datetime) -> None:
    pause_job(job_id=job.pk, by=alice.actor, at=at + DAY)
    assert not JobDocument.objects.exists()
    resume_job(job_id=job.pk, by=alice.actor, at=at + 2 * DAY)
    job.refresh_from_db()
    assert (job.posted_at, job.expires_at) == (at, at + 32 * DAY)
    assert JobDocument.objects.get().posted_at == at


def test_a_hire_fills_a_job_that_wanted_one(job: Job, at: datetime) -> None:
    job = record_hire(job_id=job.pk, at=at)
    assert (job.status, job.hires_made, job.ended_at) == ("filled", 1, at)
    assert Event.objects.filter(kind="jobs.job_filled").count() == 1
    assert not JobDocument.objects.exists()


def test_a_job_for_two_is_filled_by_the_second_hire(alice: Person, marc: Person, at: datetime) -> None:
    job = open_job(alice, moderator=marc, at=at, hires_wanted=2)
    assert record_hire(job_id=job.pk, at=at).status == "open"
    assert record_hire(job_id=job.pk, at=at).status == "filled"


def test_an_offer_accepted_after_the_job_closed_is_counted_and_opens_nothing(
    alice: Person, job: Job, at: datetime
) -> None:
    close_job(job_id=job.pk, by=alice.actor, at=at)
    job = record_hire(job_id=job.pk, at=at + DAY)
    assert (job.status, job.hires_made, job.ended_at) == ("closed", 1, at)


def test_a_draft_hires_nobody(alice: Person, at: datetime) -> None:
    draft = draft_job(alice, at=at)
    with nothing_happens(), pytest.raises(JobNotInState):
        record_hire(job_id=draft.pk, at=at)


def test_a_job_expires_thirty_days_after_the_last_act_of_its_client(job: Job, at: datetime) -> None:
    touch_job(job_id=job.pk, at=at + 10 * DAY)
    assert expire_jobs(at=at + 40 * DAY - timedelta(seconds=1)) == 0
    assert expire_jobs(at=at + 40 * DAY) == 1
    assert expire_jobs(at=at + 40 * DAY) == 0
    job.refresh_from_db()
    assert (job.status, job.ended_at) == ("expired", at + 40 * DAY)
    assert Event.objects.filter(kind="jobs.job_expired").count() == 1


def test_the_client_is_reminded_once_three_days_before(job: Job, at: datetime) -> None:
    assert remind_expiring_jobs(at=at + 27 * DAY - timedelta(seconds=1)) == 0
    assert remind_expiring_jobs(at=at + 27 * DAY) == 1
    assert remind_expiring_jobs(at=at + 28 * DAY) == 0
    event = Event.objects.get(kind="jobs.job_expiring")
    assert event.data == {"expires_at": (at + 30 * DAY).isoformat()}


def test_an_act_after_the_reminder_starts_both_clocks_anew(job: Job, at: datetime) -> None:
    remind_expiring_jobs(at=at + 28 * DAY)
    touch_job(job_id=job.pk, at=at + 29 * DAY)
    assert remind_expiring_jobs(at=at + 55 * DAY) == 0
    assert remind_expiring_jobs(at=at + 56 * DAY) == 1


def test_an_act_on_an_ended_job_changes_nothing(alice: Person, job: Job, at: datetime) -> None:
    close_job(job_id=job.pk, by=alice.actor, at=at)
    with nothing_happens():
        touch_job(job_id=job.pk, at=at + DAY)


def test_activity_is_what_the_apps_above_count(job: Job, at: datetime) -> None:
    record_activity(job_id=job.pk, proposals=7, unanswered=2)
    mark_viewed_by_client(job_id=job.pk, at=at)
    activity = JobActivity.objects.get(job=job)
    assert (activity.proposals, activity.unanswered, activity.viewed_at) == (7, 2, at)
