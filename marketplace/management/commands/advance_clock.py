"""`manage.py advance_clock 5d`: move the demonstration clock and do at once what becomes due."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actor import Actor
from core.clock import now
from core.errors import DomainError
from marketplace.actions import advance_clock, parse_step


class Command(BaseCommand):
    """Moves the demonstration clock forward."""

    help = "Move the demo clock forward (5d, 36h, 90m) and run every sweep. Embedded set-up with the sandbox only."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the step and the reason."""
        parser.add_argument("step", help="How far, such as 5d, 36h or 90m.")
        parser.add_argument("--reason", default="Moved from the command line.", help="Kept with the event.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Move the clock and print what that did."""
        try:
            done = advance_clock(
                step=parse_step(options["step"]),
                reason=options["reason"],
                by=Actor.system(),
                at=now(),
                told=lambda name, count: self.stdout.write(f"  {name}: {count}"),
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"It is {now():%Y-%m-%d %H:%M} UTC now; {done} things were done.")
