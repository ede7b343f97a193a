"""What every test of this app has: Alice who pays, Bob who earns, a purpose between them, and one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zlib import crc32

import pytest
from django.utils import translation

from accounts.tests.cast import Person, make_client, make_freelancer
from conftest import Size
from ledger.checks import run_checks
from ledger.queries import balance
from payments.tests import cards
from payments.tests.purposes import Told, purpose_for


@pytest.fixture
def at() -> datetime:
    """Return the moment at which the test begins."""
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def alice(db: None, at: datetime) -> Person:
    """Return the client."""
    return make_client("Alice", at=at)


@pytest.fixture
def bob(db: None, at: datetime) -> Person:
    """Return the freelancer."""
    return make_freelancer("Bob", at=at)


@pytest.fixture
def told(bob: Person) -> Iterator[Told]:
    """Register the tests' purpose, whose money is for Bob."""
    with purpose_for(bob) as told:
        yield told


@pytest.fixture
def books() -> Callable[[str], int]:
    """Return a reader of balances in euro cents."""
    return lambda name: balance(name, "EUR")


@pytest.fixture
def invented() -> None:
    """Mark a test whose provider's answers are invented."""


@pytest.fixture(autouse=True)
def clean_books(request: pytest.FixtureRequest, size: Size) -> Iterator[None]:
    """Check the books after every test that touched the database; holders of these tests are unknown to upper apps.

    Tests that ask for `invented` play the provider themselves, so that its rows cannot agree with ours. A quick run
    reconciles after every third test, always the same ones.
    """
    if "db" not in request.fixturenames or "invented" in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")  # this fixture ends before the database does
    yield
    ours = [each for each in run_checks() if each.check.startswith(("ledger.", "payments."))]
    assert [str(difference) for difference in ours] == []
    if size.name != "quick" or crc32(request.node.nodeid.encode()) % 3 == 0:
        assert cards.differences() == []


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Give the process back in English after a French page."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def calm_sandbox() -> Iterator[None]:
    """Let no fault and no counted call of one test reach the next."""
    yield
    cards.sandbox().faults.clear()
    cards.sandbox().calls.clear()
