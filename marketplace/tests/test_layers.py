"""No model points upwards: the layers of imports, asked of every relation, which may be named by a string."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

#: Apps that know no domain noun keep ids and strings, and point at nothing but themselves.
ALONE = {"events", "ledger", "files"}


def layers() -> list[set[str]]:
    """Return the apps of each layer, the lowest first, as the contract of imports has them."""
    told = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    (contract,) = told["tool"]["importlinter"]["contracts"]
    return [{name.strip() for name in layer.split("|")} for layer in reversed(contract["layers"])]


def relations() -> list[tuple[str, str, str]]:
    """Return every foreign key, one-to-one and many-to-many of our models: its name, its app, and where it points."""
    ours = set.union(*layers())
    return [
        (f"{model._meta.label}.{field.name}", model._meta.app_label, field.related_model._meta.app_label)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.is_relation and field.related_model is not None
    ]


def pointing_wrong(found: Iterable[tuple[str, str, str]], order: Sequence[set[str]]) -> list[str]:
    """Return the relations that lead to an app above, to a sibling, or out of an app that stands alone."""
    height = {name: place for place, names in enumerate(order) for name in names}
    wrong = []
    for name, source, target in found:
        if source == target or (target not in height and source not in ALONE):
            continue
        if source in ALONE or height[target] >= height[source]:
            wrong.append(f"{name} -> {target}")
    return wrong


def test_every_relation_points_downwards() -> None:
    found = relations()
    assert len(found) > 100
    assert pointing_wrong(found, layers()) == []


def test_the_same_relations_all_point_wrong_in_a_house_upside_down() -> None:
    found = [each for each in relations() if each[1] != each[2] and each[2] in set.union(*layers())]
    assert len(pointing_wrong(found, layers()[::-1])) == len(found) > 50


def test_a_relation_between_two_apps_of_one_layer_is_seen() -> None:
    flat = [set.union(*layers())]
    assert "jobs.Job.client -> accounts" in pointing_wrong(relations(), flat)


@pytest.mark.parametrize(
    ("source", "target", "is_wrong"),
    [
        ("jobs", "accounts", False),
        ("jobs", "jobs", False),
        ("jobs", "auth", False),
        ("accounts", "jobs", True),
        ("payments", "messaging", True),
        ("files", "events", True),
        ("ledger", "auth", True),
    ],
)
def test_a_relation_that_points_elsewhere_is_seen(source: str, target: str, is_wrong: bool) -> None:
    wrong = [f"x -> {target}"] if is_wrong else []
    assert pointing_wrong([("x", source, target)], layers()) == wrong
