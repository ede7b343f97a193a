"""The moment and the cast of the tests of proposals, and books that are right after each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from accounts.tests.cast import Person, make_client, make_staff
from jobs.models import Job
from ledger.checks import run_checks
from payments.tests import cards
from profiles.tests.cast import make_approved
from proposals.tests.cast import make_job, tell


@pytest.fixture
def at() -> datetime:
    """Return a Monday morning; the tests of pages, which read the clock, have it now."""
    return datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def alice(db: None, at: datetime) -> Person:
    """Return Alice, who hires."""
    return make_client("Alice", company_name="Brise", at=at)


@pytest.fixture
def marc(db: None, at: datetime) -> Person:
    """Return Marc, who moderates."""
    return make_staff("Marc", "moderator", at=at)


@pytest.fixture
def bob(marc: Person, at: datetime) -> Person:
    """Return Bob, whose profile is approved and who holds his 40 connects of welcome."""
    person = make_approved("Bob", moderator=marc, at=at)
    tell(at)
    return person


@pytest.fixture
def chloe(marc: Person, at: datetime) -> Person:
    """Return Chloé, another freelancer with 40 connects: the rival."""
    person = make_approved("Chloé", moderator=marc, at=at)
    tell(at)
    return person


@pytest.fixture
def job(alice: Person, at: datetime) -> Job:
    """Return Alice's open job, which costs 5 connects."""
    return make_job(alice, at=at)


@pytest.fixture
def broken_books() -> None:
    """Mark a test that spoils the books on purpose."""


@pytest.fixture(autouse=True)
def clean_books(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run every check of the books after every test that touched the database."""
    if "db" not in request.fixturenames or "broken_books" in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")  # this fixture ends before the database does
    yield
    assert [str(difference) for difference in run_checks()] == []


@pytest.fixture(autouse=True)
def calm_sandbox() -> Iterator[None]:
    """Let no fault of one test reach the next."""
    yield
    cards.sandbox().faults.clear()
    cards.sandbox().calls.clear()
