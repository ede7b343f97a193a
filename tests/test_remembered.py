"""What a cast remembers is a copy of what it made: the same rows, and only where nothing else was written."""

from __future__ import annotations

import pytest

from accounts.tests.cast import make_client
from contracts.models import Contract
from contracts.tests import cast
from ledger.checks import run_checks
from proposals.tests.cast import make_job
from tests import remembered

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> remembered._Memory:
    """Give the test a memory of its own, with nothing in it."""
    memory = remembered._Memory()
    monkeypatch.setattr(remembered, "_memory", memory)
    return memory


def test_a_copy_is_what_was_made(memory: remembered._Memory) -> None:
    contract = cast.sign(cast.make_deal())
    made = remembered._copy()
    rows, _result = memory.copies[memory.key]
    assert rows == made
    Contract.objects.update(title="Other")
    remembered._put(rows)
    assert remembered._copy() == made
    assert Contract.objects.get().title == contract.title
    assert [str(each) for each in run_checks()] == []


def test_only_what_stands_alone_is_copied_or_kept(memory: remembered._Memory) -> None:
    assert memory.base() == ()
    cast.make_deal()
    assert memory.base() == memory.key != ()
    make_client("Ann")
    assert memory.base() is None
    kept = len(memory.copies)
    make_job(make_client("Eve"), at=cast.AT)
    assert len(memory.copies) == kept
