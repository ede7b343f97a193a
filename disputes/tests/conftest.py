"""What every test of disputes starts from: Alice, Bob, their contract, and a case about all of the first milestone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.tests.cast import Person, make_staff
from contracts.models import Contract
from contracts.tests import cast
from contracts.tests.cast import Deal
from disputes.actions import sweep_silent_ask_backs
from disputes.models import Case

OPENED = cast.AT + timedelta(days=7)


@pytest.fixture
def deal(db: None) -> Deal:
    """Return Alice's job with Bob's proposal."""
    return cast.make_deal()


@pytest.fixture
def contract(deal: Deal) -> Contract:
    """Return a contract with a funded and an agreed milestone."""
    return cast.sign(deal)


@pytest.fixture
def dora(db: None) -> Person:
    """Return the mediator."""
    return make_staff("Dora", "mediator", at=cast.AT)


@pytest.fixture
def case(deal: Deal, contract: Contract) -> Case:
    """Return a case about 100 000, opened by silence on submitted work."""
    cast.asked_back(deal, contract, is_submitted=True)
    assert sweep_silent_ask_backs(at=OPENED) == 1
    return Case.objects.get()
