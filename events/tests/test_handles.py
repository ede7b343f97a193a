"""The registry of handlers."""

from __future__ import annotations

import pytest

from events.models import Event
from events.registry import handler_named, handlers_of, handles
from events.tests.conftest import Hearing


def test_a_handler_is_known_by_its_module_and_name(hearing: Hearing) -> None:
    @handles("jobs.*")
    def tell(event: Event) -> None:
        raise NotImplementedError

    name = f"{__name__}.test_a_handler_is_known_by_its_module_and_name.<locals>.tell"
    assert [handler.name for handler in handlers_of("jobs.job_closed")] == [name]
    assert handlers_of("proposals.proposal_closed") == []
    known = handler_named(name)
    assert known is not None
    assert known.handle is tell
    assert handler_named("gone") is None


def test_two_handlers_cannot_share_a_name(hearing: Hearing) -> None:
    def one(event: Event) -> None:
        raise NotImplementedError

    def two(event: Event) -> None:
        raise RuntimeError

    two.__qualname__ = one.__qualname__
    handles("*")(one)
    handles("*")(one)  # the module may be imported again
    with pytest.raises(ValueError, match="two handlers"):
        handles("*")(two)
