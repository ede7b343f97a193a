"""The tables of the state machines: drawn as they are, and about verbs that exist."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Model

from marketplace.management.commands.draw_machines import drawn, machines, page


def test_the_guide_shows_the_machines_as_they_are() -> None:
    assert page().read_text(encoding="utf-8") == drawn(machines())


@cache
def verbs() -> set[str]:
    """Return every function that stands in the actions of an app."""
    root = Path(settings.BASE_DIR)
    files = [*root.glob("*/actions.py"), *root.glob("*/actions/**/*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("model", machines(), ids=lambda model: model._meta.label)
def test_every_verb_of_a_table_exists(model: type[Model]) -> None:
    named = {row.verb for row in model.TRANSITIONS}  # type: ignore[attr-defined]  # machines() chose it
    assert named - verbs() == set()
