"""The recount knows who counts."""

from __future__ import annotations

from events.registry import handler_named
from marketplace.facts import COLUMNS, COUNTING
from profiles.models import PartyFacts


def test_every_counting_handler_is_there() -> None:
    assert [name for name in COUNTING if handler_named(name) is None] == []


def test_every_figure_of_a_party_is_recounted() -> None:
    columns = {field.name for field in PartyFacts._meta.fields} - {"party", "counted_at"}
    assert columns == set(COLUMNS)
