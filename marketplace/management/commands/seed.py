"""`manage.py seed`: make the demonstration world in an empty database."""

from __future__ import annotations

import os
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core.clock import now
from marketplace.logins import card
from marketplace.seed import add_crowd, make_world


class Command(BaseCommand):
    """Makes the demonstration world."""

    help = "Make the demonstration world, only through the product's own verbs. Embedded set-up, empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the crowd."""
        parser.add_argument("--profiles", type=int, default=0, help="so many more freelancers, e.g. 1000")
        parser.add_argument("--jobs", type=int, default=0, help="so many more open jobs, e.g. 5000")

    def handle(self, *_args: Any, verbosity: int, profiles: int, jobs: int, **_options: Any) -> None:
        """Refuse where real people are, make the world, print who may sign in (not with `-v 0`)."""
        if not settings.EMBEDDED:
            raise CommandError("The demonstration world has known passwords: it is made only in the embedded set-up.")
        if User.objects.exists():
            raise CommandError("There are people in this database already. `make reset` empties it, then seed again.")
        started = time.monotonic()
        make_world(at=now(), tell=lambda what: self.stdout.write(f"  {what}"))
        if profiles or jobs:
            crowd = time.monotonic()
            add_crowd(
                profiles=profiles,
                jobs=jobs,
                at=now(),
                tell=lambda what: self.stdout.write(f"  {what}"),
                processes=min(os.cpu_count() or 1, 4),
            )
            self.stdout.write(f"The crowd came ({time.monotonic() - crowd:.0f} s).")
        self.stdout.write(f"The demonstration world is made ({time.monotonic() - started:.0f} s).")
        if verbosity:
            self.stdout.write(card())
