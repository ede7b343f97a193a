"""The moment and the cast of the jobs tests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.tests.cast import Person, make_client, make_freelancer, make_staff

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
    """Return Bob, who works."""
    return make_freelancer("Bob", at=AT)


@pytest.fixture
def chloe(db: None) -> Person:
    """Return Chloé, another client: the stranger."""
    return make_client("Chloé", email="chloe@example.com", at=AT)


@pytest.fixture
def marc(db: None) -> Person:
    """Return Marc, who moderates."""
    return make_staff("Marc", "moderator", at=AT)
