"""The proof that a refusal changed nothing fails on every kind of write, and on none that was taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from taxonomy.models import Skill
from tests.nothing import fingerprint, nothing_happens

pytestmark = pytest.mark.django_db


def add() -> Skill:
    return Skill.objects.create(slug="x", name_en="X", name_fr="X")


WRITES: dict[str, Callable[[], object]] = {
    "a row that is new": add,
    "a row that is gone": lambda: Skill.categories.through.objects.order_by("pk")[:1].get().delete(),
    "a row that is changed": lambda: Skill.objects.filter(slug="figma").update(name_en="Other"),
    "a row that is written as it was": lambda: Skill.objects.get(slug="figma").save(),
    "a row that takes another's place": lambda: [Skill.categories.through.objects.all()[:1].get().delete(), add()],
}


@pytest.mark.parametrize("name", WRITES)
def test_every_kind_of_write_is_noticed(name: str) -> None:
    before = fingerprint()
    with pytest.raises(AssertionError, match="rows changed in taxonomy_skill"), nothing_happens():
        WRITES[name]()
    assert fingerprint() != before


def test_a_write_that_is_taken_back_is_none() -> None:
    before = fingerprint()
    with nothing_happens(), transaction.atomic():
        add()
        transaction.set_rollback(True)
    assert fingerprint() == before
