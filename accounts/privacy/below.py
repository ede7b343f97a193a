"""What the apps below know about people; they know no accounts, so it is handed out and taken away from here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accounts.privacy import Leaver, Reader, Sheet, datum, fields_of
from core.models import SentForm
from events.models import Event
from files.actions import drop_loose_files
from files.models import StoredFile
from files.queries import may_read_file

SETTING = "Settings and words of the product; they say nothing about anybody."
BOOKS = "The books: amounts under numbers, without names."

CORE = (
    datum("core.ClockOffset", "no personal data", "kept", SETTING),
    datum("core.SentForm", "a technical trace of one day", "deleted", "Keeps a form from being sent twice."),
    datum(
        "contenttypes.ContentType auth.Permission auth.Group django_celery_beat.SolarSchedule "
        "django_celery_beat.IntervalSchedule django_celery_beat.ClockedSchedule django_celery_beat.CrontabSchedule "
        "django_celery_beat.PeriodicTasks django_celery_beat.PeriodicTask",
        "no personal data",
        "kept",
        SETTING,
    ),
    datum("admin.LogEntry", "only staff have any", "kept", "What staff did, under the number of their account."),
)
LEDGER = (
    datum("ledger.AccountKind", "no personal data", "kept", SETTING),
    datum(
        "ledger.Account ledger.Transfer ledger.Entry ledger.Rollup",
        "as statement.json and connects.json",
        "kept",
        f"{BOOKS} Nothing in them can be changed or taken out.",
    ),
)
EVENTS = (
    datum(
        "events.Event",
        "events.json",
        "kept",
        "Who did what and when, under the number of the account. It cannot be changed, so names, addresses and texts "
        "of people are never written into it.",
    ),
    datum("events.Delivery", "no personal data", "kept", "Whether each part of the product heard of an event."),
)
FILES = (
    datum(
        "files.StoredFile",
        "files.json, and each file",
        "deleted",
        "Work that was handed in, and files of jobs that others bid on, belong to those and stay with them.",
    ),
)
TAXONOMY = (
    datum(
        "taxonomy.Category taxonomy.Speciality taxonomy.Skill taxonomy.Synonym taxonomy.Edition",
        "no personal data",
        "kept",
        SETTING,
    ),
)


def export_events(reader: Reader) -> Iterator[Sheet]:
    """Yield what the person did, without what it was about: that stands with the things."""
    mine = Event.objects.filter(actor_user_id=reader.user_id, impersonator_id=None).order_by("pk")
    yield Sheet("events", fields_of(mine, "at", "kind", "subject", "reason"))


def export_files(reader: Reader) -> Iterator[Sheet]:
    """Yield what the person uploaded, as far as they may still read it."""
    yield Sheet("files", (_described(file) for file in files_of_reader(reader)))


def files_of_reader(reader: Reader) -> Iterator[StoredFile]:
    """Yield the files that a person uploaded and may still read, the oldest first."""
    mine = StoredFile.objects.filter(uploaded_by_id=reader.user_id, state=StoredFile.State.READY)
    for file in mine.order_by("created_at", "pk").iterator(chunk_size=100):
        if any(may_read_file(actor, file) for actor in reader.actors):
            yield file


def _described(file: StoredFile) -> dict[str, object]:
    return {
        "file": name_in_archive(file),
        "for": f"{file.owner_kind} {file.owner_ref}".strip(),
        "type": file.media_type,
        "bytes": file.size,
        "uploaded": file.created_at,
    }


def name_in_archive(file: StoredFile) -> str:
    """Return where a file lies in the archive: under its own name, behind a number that is only its own."""
    return f"files/{file.pk.hex[:8]}-{file.name}"


def erase_files(leaver: Leaver, *, at: datetime) -> None:
    """Let the uploads go that were sent with nothing."""
    drop_loose_files(uploaded_by_id=leaver.user_id, at=at)


def erase_traces(leaver: Leaver, *, at: datetime) -> None:
    """Delete what remembers forms."""
    SentForm.objects.filter(user_id=leaver.user_id, at__lte=at).delete()
