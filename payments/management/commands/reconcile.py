"""`manage.py reconcile`: compare our books with the provider's own records, or say where they differ."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from payments.actions import reconcile
from payments.gateway import GatewayUnreachable
from payments.gateways import GATEWAYS
from payments.queries import explain, lasting_differences


class Command(BaseCommand):
    """Prints what was compared, then each difference with what it means and what to do.

    The exit status is 1 if there is a difference that nobody has explained, 2 if the provider did not answer.
    """

    help = "Compare the books with the provider's records: exit status 1 if a difference is not explained."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the gateway and the first day."""
        parser.add_argument("--gateway", choices=sorted(GATEWAYS), default="", help="Default: the one in use.")
        parser.add_argument("--since", type=date.fromisoformat, help="First day (YYYY-MM-DD, UTC) that is compared.")

    def handle(self, *_args: Any, **options: Any) -> None:
        day: date | None = options["since"]
        since = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
        at = now()
        if since and since >= at:
            raise CommandError("--since must be a day that has begun.")
        try:
            done = reconcile(gateway=options["gateway"], since=since, at=at)
        except GatewayUnreachable as error:
            self.stderr.write(f"The provider does not answer: {error}")
            sys.exit(2)
        self.stdout.write(f"{done.gateway}: {done.records} objects since {done.since:%Y-%m-%d %H:%M} UTC")
        if not done.has_balances:
            self.stdout.write("balances: not compared, payments were made each time; run it again")
        for row in lasting_differences(done.gateway):
            said = explain(row)
            self.stdout.write(f"{row.get_kind_display()} ({row.get_status_display()}): {row.subject}")
            for line in (said.meaning, said.advice, row.explanation):
                if line:
                    self.stdout.write(f"  {line}")
        if done.found:
            self.stderr.write(f"Not explained: {done.found} {'difference' if done.found == 1 else 'differences'}.")
            sys.exit(1)
        self.stdout.write("reconciliation exact")
