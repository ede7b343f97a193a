"""What every test of contracts starts from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.models import Contract, Offer
from contracts.tests import cast
from contracts.tests.cast import Deal
from payments.tests import cards


@pytest.fixture
def deal(db: None, request: pytest.FixtureRequest) -> Deal:
    """Return Alice's job with Bob's proposal; a parameter is the number of her card."""
    return cast.make_deal(card=getattr(request, "param", cards.SUCCEEDS))


@pytest.fixture
def offer(deal: Deal) -> Offer:
    """Return an offer that waits for Bob."""
    return cast.send(deal)


@pytest.fixture
def contract(deal: Deal) -> Contract:
    """Return a contract with a funded and an agreed milestone."""
    return cast.sign(deal)


@pytest.fixture(autouse=True)
def calm_sandbox() -> Iterator[None]:
    """Let no fault of one test reach the next."""
    yield
    cards.sandbox().faults.clear()
    cards.sandbox().calls.clear()
