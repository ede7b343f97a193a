"""Draw the state machines of the product from their tables, for the developer's guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Model

from core.machine import Transition

HEAD = """\
# State machines

Written by `manage.py draw_machines` from the tables beside the models; edit those. `[*]` is before the first state.
A verb that leaves the state as it is does something else to the row: its docstring says what.
"""


def page() -> Path:
    """Return the page that shows the machines."""
    return Path(settings.BASE_DIR) / "docs" / "developer" / "machines.md"


def machines() -> list[type[Model]]:
    """Return every model that has a table of transitions, lower apps first."""
    return [model for model in apps.get_models() if hasattr(model, "TRANSITIONS")]


def drawn(models: Iterable[type[Model]]) -> str:
    """Return the page about the machines of these models."""
    return "\n".join([HEAD, *(line for model in models for line in _machine(model))]).rstrip("\n") + "\n"


def _machine(model: type[Model]) -> Iterator[str]:
    table: tuple[Transition, ...] = model.TRANSITIONS  # type: ignore[attr-defined]  # machines() chose it
    meta = model._meta  # noqa: SLF001  (Django's documented way to ask a model about itself)
    field: Any = next(field for field in meta.get_fields() if field.name in {"status", "state"})
    states = [None, *(value for value, _words in field.flatchoices)]
    table = tuple(sorted(table, key=lambda row: states.index(row.frm)))  # tables are made from sets, too
    yield f"## {meta.label}\n"
    yield f"{(model.__doc__ or '').strip().splitlines()[0]}\n"
    yield "```mermaid\nstateDiagram-v2"
    edges = _grouped(table, lambda row: (row.frm, row.to))
    for start, end in sorted(edges, key=lambda edge: (states.index(edge[0]), states.index(edge[1]))):
        if start != end:
            rows = edges[start, end]
            yield f"    {start or '[*]'} --> {end}: {', '.join(dict.fromkeys(sorted(row.verb for row in rows)))}"
    yield "```\n"
    yield "| verb | by | from | to |\n| --- | --- | --- | --- |"
    for (verb, who, end), rows in _grouped(table, lambda row: (row.verb, tuple(sorted(row.actors)), row.to)).items():
        starts = ", ".join(row.frm or "-" for row in rows)
        yield f"| `{verb}` | {', '.join(who)} | {starts} | {end} |"
    yield ""


def _grouped(table: Iterable[Transition], key: Any) -> dict[Any, list[Transition]]:
    """Return the rows by what `key` says of them, in the order of the table."""
    groups: dict[Any, list[Transition]] = {}
    for row in table:
        groups.setdefault(key(row), []).append(row)
    return groups


class Command(BaseCommand):
    """Bring docs/developer/machines.md up to date."""

    help = "Draw the state machines from their tables into docs/developer/machines.md."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page."""
        page().write_text(drawn(machines()), encoding="utf-8")
        self.stdout.write(f"{len(machines())} machines are in {page().relative_to(settings.BASE_DIR)}")
