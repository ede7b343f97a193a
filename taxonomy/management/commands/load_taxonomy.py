"""Brings categories, specialities, skills and synonyms up to the files that come with the product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from taxonomy.actions import DATA, load_taxonomy


class Command(BaseCommand):
    """Can be run again at any time: rows are found by slug, and nothing that is used is deleted."""

    help = "Load or update categories, specialities, skills and synonyms."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another folder of files, for an operator's own trades."""
        parser.add_argument(
            "--folder", type=Path, default=DATA, help="categories.toml and skills/*.csv (default: the product's own)"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Load, and print what is there and what changed."""
        try:
            loaded = load_taxonomy(folder=folder)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{loaded.categories} categories, {loaded.specialities} specialities, "
            f"{loaded.skills} skills ({loaded.soft_skills} soft), {loaded.synonyms} synonyms"
        )
        changes = ", ".join(f"{count} {what}" for what, count in loaded.changes.items() if count)
        self.stdout.write(changes or "nothing changed")
