"""Write what is known about people, and what becomes of it, into the operator's guide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.privacy import Datum, keepers

BEGIN, END = "<!-- what is kept: written by manage.py privacy_table -->", "<!-- end of what is kept -->"


def page() -> Path:
    """Return the page that holds the table."""
    return Path(settings.BASE_DIR) / "docs" / "operator" / "privacy.md"


def rows() -> Iterator[Datum]:
    """Yield what the apps say of their models, lower apps first."""
    for keeper in keepers():
        yield from keeper.data


def with_table(text: str) -> str:
    """Return the page's text with the table as the code has it now."""
    head, rest = text.split(BEGIN)
    _old, foot = rest.split(END)
    lines = [
        f"| {', '.join(f'`{model}`' for model in row.models)} | {row.exported} | {row.fate} | {row.why} |"
        for row in rows()
    ]
    table = "\n".join(["| rows | in the archive | when the account goes | why |", "| --- | --- | --- | --- |", *lines])
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{foot}"


class Command(BaseCommand):
    """Bring docs/operator/privacy.md up to date."""

    help = "Write the table of what is kept about people into docs/operator/privacy.md."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page."""
        page().write_text(with_table(page().read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"{sum(1 for _row in rows())} rows are in {page().relative_to(settings.BASE_DIR)}")
