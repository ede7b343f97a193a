"""Starting, changing and deleting a draft."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.tests.cast import Person, make_member
from core.errors import NotAllowed
from events.models import Event
from jobs.actions import (
    JobChanged,
    JobIncomplete,
    JobTerms,
    RatesOutOfOrder,
    delete_draft,
    edit_draft,
    publish_job,
    start_draft,
)
from jobs.models import Job, JobActivity, JobDocument
from jobs.queries import jobs_for, jobs_of
from jobs.tests.posts import complete_terms, draft_job, party_of
from taxonomy.models import Speciality
from tests.nothing import nothing_happens


def test_a_draft_needs_nothing_but_a_title(alice: Person, at: datetime) -> None:
    job = start_draft(client_id=party_of(alice).pk, terms=JobTerms(title="A logo"), by=alice.actor, at=at)
    job.refresh_from_db()
    assert (job.status, job.title, job.description, job.currency) == ("draft", "A logo", "", "EUR")
    assert (job.posted_at, job.expires_at, job.connects_cost, job.version) == (None, None, None, 1)
    assert JobActivity.objects.get(job=job).proposals == 0
    assert not JobDocument.objects.exists()
    assert Event.objects.get(subject=f"job:{job.pk}").kind == "jobs.job_drafted"


def test_a_rate_from_above_to_below_is_refused(alice: Person, at: datetime) -> None:
    terms = complete_terms(kind="hourly", budget=None, rate_low=6_000, rate_high=5_999)
    with nothing_happens(), pytest.raises(RatesOutOfOrder):
        start_draft(client_id=party_of(alice).pk, terms=terms, by=alice.actor, at=at)
    job = draft_job(alice, at=at)
    with nothing_happens(), pytest.raises(RatesOutOfOrder):
        edit_draft(job_id=job.pk, terms=terms, by=alice.actor, at=at)


def test_a_speciality_of_another_category_is_not_published(alice: Person, at: datetime) -> None:
    complete_terms()
    elsewhere = Speciality.objects.exclude(category__slug="product-design").order_by("pk")[0]
    job = draft_job(alice, at=at, speciality_id=elsewhere.pk)
    with nothing_happens(), pytest.raises(JobIncomplete) as refused:
        publish_job(job_id=job.pk, by=alice.actor, at=at)
    assert refused.value.problems.keys() == {"speciality"}


@pytest.mark.parametrize("role", ["finance", "member"])
def test_only_people_who_hire_may_write_for_the_client(alice: Person, at: datetime, role: str) -> None:
    member = make_member("Emma", party_of(alice), role, at=at)
    with nothing_happens(), pytest.raises(NotAllowed):
        start_draft(client_id=party_of(alice).pk, terms=JobTerms(title="A logo"), by=member.actor, at=at)


def test_nobody_writes_for_another_party(alice: Person, bob: Person, chloe: Person, at: datetime) -> None:
    for stranger in (bob, chloe):
        with nothing_happens(), pytest.raises(NotAllowed):
            start_draft(client_id=party_of(alice).pk, terms=JobTerms(title="A logo"), by=stranger.actor, at=at)


def test_a_freelancer_party_posts_nothing(bob: Person, at: datetime) -> None:
    with nothing_happens(), pytest.raises(NotAllowed):
        start_draft(client_id=party_of(bob).pk, terms=JobTerms(title="A logo"), by=bob.actor, at=at)


def test_a_saved_draft_holds_the_new_terms_and_the_next_version(alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    terms = complete_terms(title="Another", skills=("Django", "PostgreSQL"), questions=("Why you?",))
    edit_draft(job_id=job.pk, terms=terms, seen_version=1, by=alice.actor, at=at)
    job = Job.objects.get(pk=job.pk)
    assert (job.title, job.version, job.questions) == ("Another", 2, ["Why you?"])
    assert sorted(skill.name_en for skill in job.skills.all()) == ["Django", "PostgreSQL"]


def test_the_money_of_the_other_kind_is_dropped(alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at, budget=5_000, rate_low=1_000, rate_high=2_000)
    assert (job.budget, job.rate_low, job.rate_high) == (5_000, None, None)
    terms = complete_terms(kind="hourly", budget=5_000, rate_low=1_000, rate_high=2_000)
    job = edit_draft(job_id=job.pk, terms=terms, by=alice.actor, at=at)
    assert (job.budget, job.rate_low, job.rate_high) == (None, 1_000, 2_000)


def test_a_draft_saved_in_another_tab_is_not_overwritten(alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    edit_draft(job_id=job.pk, terms=complete_terms(title="First tab"), seen_version=1, by=alice.actor, at=at)
    with nothing_happens(), pytest.raises(JobChanged):
        edit_draft(job_id=job.pk, terms=complete_terms(title="Second tab"), seen_version=1, by=alice.actor, at=at)


def test_a_deleted_draft_is_seen_by_nobody(alice: Person, marc: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    delete_draft(job_id=job.pk, by=alice.actor, at=at)
    assert not jobs_of(party_of(alice).pk).exists()
    assert not jobs_for(alice.actor).exists()
    assert not jobs_for(marc.actor).exists()
