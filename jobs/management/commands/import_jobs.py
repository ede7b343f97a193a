"""Posts the jobs of a JSON file for one client, through the verbs and the validation of the form."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, connections
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Membership, Party, User
from accounts.queries import acting
from core.actor import Actor
from core.clock import now
from core.errors import DomainError
from jobs.actions import JobIncomplete, import_job
from jobs.forms import JobForm
from jobs.forms.imports import Reading, RowReader, RowRefused, key_of, name_of
from jobs.models import Job
from jobs.permissions import can_post_job, can_review_jobs

#: Whose posts they are in the embedded set-up when nobody is named; the first moderator there is approves them.
DEMO_PARTY = "brise-ferries"
BAR = 30


class Command(BaseCommand):
    """Posts the jobs of a file."""

    help = (
        "Posts the jobs of FILE.json for one client. Each row is posted, kept as a draft where it has no price, or "
        "refused by name; rows that were imported before are left alone. Sums are in the installation's currency."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and whose posts they are."""
        parser.add_argument("file", metavar="FILE.json", help="a list of posts")
        parser.add_argument("--party", metavar="SLUG", help="address of the client party that posts them")
        parser.add_argument("--approve-as", metavar="LOGIN", help="e-mail address of the moderator who approves them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import every row and print what became of it."""
        rows = _rows(Path(options["file"]))
        party, by, approver = self._people(options["party"], options["approve_as"])
        self.reader, self.party, self.by, self.approver = RowReader(), party, by, approver
        self.seen: set[str] = set()
        counts: Counter[str] = Counter()
        for number, row in enumerate(rows, start=1):
            outcome, lines = self._import(row, number)
            counts[outcome] += 1
            for line in lines:
                self._clear()
                self.stdout.write(f"{outcome}: row {number}, “{name_of(row)}”: {line}")
            self._progress(number, len(rows))
        self._clear()
        outcomes = ("imported", "drafted", "refused", "unchanged")
        self.stdout.write(", ".join(f"{outcome} {counts[outcome]}" for outcome in outcomes))
        if counts["unchanged"] and not counts["imported"] + counts["drafted"]:
            self.stdout.write("Nothing new: what this file can post was imported before.")

    def _import(self, row: Any, number: int) -> tuple[str, list[str]]:
        """Return what became of a row, and what is to be said about it."""
        key = key_of(row) if isinstance(row, dict) else ""
        if key in self.seen:
            return "unchanged", ["the same as an earlier row of this file"]
        if key and Job.objects.filter(import_key=key).exists():
            return "unchanged", []
        try:
            reading = self.reader.read(row)
            self._post(reading)
        except JobIncomplete as refusal:
            return "refused", [message for several in refusal.problems.values() for message in several]
        except DomainError as refusal:
            return "refused", [refusal.message]
        except IntegrityError:  # another run posted the same row between the look and the write
            if not Job.objects.filter(import_key=key).exists():
                raise
            return "unchanged", []
        self.seen.add(key)
        return ("imported", reading.notes) if reading.has_price else ("drafted", ["it has no price", *reading.notes])

    def _post(self, reading: Reading) -> Job:
        """Send the row through the form and the verbs. Raises RowRefused with what the form says."""
        form = JobForm(reading.data, {}, by=self.by)
        if not form.is_valid():
            raise RowRefused("; ".join(str(error) for errors in form.errors.values() for error in errors))
        return import_job(
            client_id=self.party.pk,
            terms=form.terms(),
            key=reading.key,
            is_priced=reading.has_price,
            approver=self.approver,
            by=self.by,
            at=now(),
        )

    def _people(self, slug: str | None, login: str | None) -> tuple[Party, Actor, Actor]:
        """Return the client, who posts for it, and who approves."""
        if not settings.EMBEDDED and not (slug and login):
            raise CommandError(
                "Name the client and the moderator: import_jobs FILE.json --party SLUG --approve-as LOGIN."
            )
        if settings.EMBEDDED and not (slug and login):
            self._make_demo()
        party = Party.objects.open().filter(slug=slug or DEMO_PARTY, kind=Party.Kind.CLIENT).first()
        if party is None:
            raise CommandError(f"There is no client party with the address “{slug or DEMO_PARTY}”.")
        members = Membership.objects.filter(party=party, ended_at=None, user__is_active=True).select_related("user")
        actors = [acting(member.user, party.pk).actor for member in members.order_by("created_at", "pk")]
        by = next((actor for actor in actors if can_post_job(actor, party.pk)), None)
        if by is None:
            raise CommandError(
                f"Nobody may post jobs for “{party.slug}”: it has no owner, administrator or hiring manager."
            )
        user = _moderator(login)
        approver = acting(user).actor if user else Actor.anonymous()
        if not can_review_jobs(approver):
            raise CommandError(
                f"“{login}” is not the e-mail address of a moderator." if login else "There is no moderator yet."
            )
        return party, by, approver

    def _make_demo(self) -> None:
        """Migrate and seed where that has not been done, so that the demo client and moderator are there."""
        executor = MigrationExecutor(connections["default"])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
        if not Party.objects.filter(slug=DEMO_PARTY).exists():
            call_command("seed")

    def _progress(self, number: int, total: int) -> None:
        if self.stderr.isatty():
            done = BAR * number // total
            self.stderr.write(f"\r[{'#' * done}{'.' * (BAR - done)}] {number}/{total}", ending="")
            self.stderr.flush()

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\x1b[K", ending="")


def _moderator(login: str | None) -> User | None:
    """Return the user with this address; without one, the moderator who has been here longest."""
    users = User.objects.filter(is_active=True)
    if login:
        return users.filter(email__iexact=login).first()
    return users.filter(is_staff=True, groups__name="moderator").order_by("created_at", "pk").first()


def _rows(path: Path) -> list[Any]:
    """Return the rows of the file. Raises CommandError for a file that is not a list of posts."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    if not isinstance(rows, list):
        raise CommandError(f"{path} must hold a list of posts.")
    return rows
