"""The moment and the cast of the tests of reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff
from jobs.models import Job
from jobs.tests.posts import open_job
from profiles.models import Profile
from profiles.tests.cast import make_approved
from trust.actions import report_job
from trust.models import ReportCase

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    """Return a Monday morning."""
    return AT


@pytest.fixture
def alice(db: None) -> Person:
    """Return Alice, who hires."""
    return make_client("Alice", company_name="Brise", at=AT)


@pytest.fixture
def bob(db: None) -> Person:
    """Return Bob, who works and reports."""
    return make_freelancer("Bob", at=AT)


@pytest.fixture
def marc(db: None) -> Person:
    """Return Marc, who moderates."""
    return make_staff("Marc", "moderator", at=AT)


@pytest.fixture
def job(alice: Person, marc: Person) -> Job:
    """Return Alice's open job."""
    return open_job(alice, moderator=marc, at=AT, title="Six labels for apple juice")


@pytest.fixture
def profile(db: None) -> Profile:
    """Return an approved profile of somebody else's."""
    return Profile.objects.get(party=make_approved("Chloé", at=AT).party)


@pytest.fixture
def case(job: Job, bob: Person) -> ReportCase:
    """Return Alice's job as Bob reported it."""
    return report_job(job_id=job.pk, reason="scam", text="They pay in vouchers.", by=bob.actor, at=AT).case
