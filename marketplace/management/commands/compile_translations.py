"""Compile the translations that changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.translations import BadCatalogue, compile_stale


class Command(BaseCommand):
    """Compile each `.po` whose `.mo` is missing or older; needs no GNU gettext."""

    help = "Compile the translations that changed. Needs no GNU gettext."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Compile and name what was compiled."""
        try:
            done = compile_stale(settings.BASE_DIR)
        except BadCatalogue as error:
            raise CommandError(str(error)) from error
        for source in done:
            self.stdout.write(f"compiled {source.relative_to(settings.BASE_DIR)}")
