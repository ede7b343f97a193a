"""Write the table of product numbers into the operator's guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.product import table

BEGIN, END = "<!-- product numbers: written by manage.py settings_table -->", "<!-- end of product numbers -->"


def page() -> Path:
    """Return the page that holds the table."""
    return Path(settings.BASE_DIR) / "docs" / "operator" / "settings.md"


def with_table(text: str) -> str:
    """Return the page's text with the table as the code has it now."""
    head, rest = text.split(BEGIN)
    _old, foot = rest.split(END)
    rows = "\n".join(f"| `{name}` | `{default}` | {meaning} |" for name, default, meaning in table())
    return f"{head}{BEGIN}\n\n| variable | default | meaning |\n| --- | --- | --- |\n{rows}\n\n{END}{foot}"


class Command(BaseCommand):
    """Bring docs/operator/settings.md up to date."""

    help = "Write the table of product numbers into docs/operator/settings.md."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page."""
        page().write_text(with_table(page().read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"{len(table())} product numbers are in {page().relative_to(settings.BASE_DIR)}")
