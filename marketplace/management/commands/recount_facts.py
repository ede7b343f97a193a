"""Compare the facts about parties with their sources, and write them anew on request."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from core.errors import DomainError
from marketplace.facts import fact_differences, recount_facts, waiting_events


class Command(BaseCommand):
    """Say which counted figures differ from what they are about; with --write, set them right."""

    help = "Compare the counted facts about parties with their sources; --write sets those right that differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="Write the figures as their sources have them.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            try:
                found = recount_facts(at=now())
            except DomainError as error:
                raise CommandError(error.message) from error
        else:
            found = fact_differences()
        for difference in found:
            print(difference)
        waiting = waiting_events()
        if waiting:
            print(f"{waiting} events wait to be counted: until then figures may differ.")
        if found and options["write"]:
            print(f"{len(found)} figures set right.")
        elif found:
            raise CommandError(f"{len(found)} figures differ. Run it with --write to set them right.")
        else:
            print("Every figure is what its source says.")
