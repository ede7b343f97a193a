"""`manage.py check_books`: prove that the books are right, or say where they are not."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ledger.checks import run_each


class Command(BaseCommand):
    """Prints one line for each check and one for each difference; the exit status is 1 if there is any."""

    help = "Check the books: one line for each check, then each difference. Exit status 1 if there is any."

    def handle(self, *_args: Any, **_options: Any) -> None:
        total = 0
        for name, differences in run_each():
            count = len(differences)
            self.stdout.write(
                f"{name}: {count} {'difference' if count == 1 else 'differences'}{'' if count else ', OK'}"
            )
            for difference in differences:
                self.stdout.write(f"  {difference.subject}: {difference.message}")
            total += count
        if total:
            self.stderr.write(f"The books are not right: {total} {'difference' if total == 1 else 'differences'}.")
            sys.exit(1)
