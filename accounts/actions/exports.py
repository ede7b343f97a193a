"""Archives of a person's data: asked for, put together by a worker, deleted after some days."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any

from celery import current_app
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import DataExport, User
from accounts.permissions import can_edit_user
from accounts.privacy import keepers
from accounts.privacy.below import files_of_reader, name_in_archive
from accounts.queries import exports_for, may_ask_for_export, reader_of
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from files.gateway import store
from files.models import StoredFile

logger = logging.getLogger("jalon.privacy")
#: A worker that has not finished after this long is taken for dead.
PATIENCE = timedelta(minutes=30)
MOST_ATTEMPTS = 3
#: Bytes of a file that are read at once.
PIECE = 256 * 1024
Status = DataExport.Status


class ExportTooSoon(DomainError):
    """One archive a day is enough for anybody, and keeps a thief from asking for many."""


@transaction.atomic
def request_export(*, user_id: int, by: Actor, at: datetime) -> DataExport:
    """Ask for an archive of all that is known about oneself. The edge has re-authenticated `by`.

    From: nothing. To: requested; a worker is woken after the commit, and the clock finds it otherwise.
    Event: accounts.export_requested.

    Raises NotAllowed unless `by` is that person, ExportTooSoon while one is put together and for a day after the last.
    """
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_edit_user(by, user_id):
        raise NotAllowed(_("You can only ask for your own data."))
    if exports_for(by).filter(status__in=DataExport.OPEN).exists():
        raise ExportTooSoon(_("Your archive is being put together already."))
    if not may_ask_for_export(by, at):
        raise ExportTooSoon(_("You asked for an archive within the last 24 hours. Use that one, or ask again later."))
    made = DataExport.objects.create(user_id=user_id, requested_at=at, next_at=at)
    record(kind="accounts.export_requested", actor=by, subject=f"export:{made.pk}", at=at)
    transaction.on_commit(lambda: _wake(made.pk), robust=True)
    return made


def build_export(*, export_id: int, at: datetime) -> int:
    """Put an archive together and keep it for some days; return 1 where this call finished it, else 0.

    Not one transaction: rows and files are read for as long as it takes, some at a time, and written to a file on disk.
    From: requested, and building where the worker before it stopped. To: building, then ready; failed after three.
    Event: accounts.export_ready, accounts.export_failed.
    """
    export = _claim(export_id, at)
    if export is None:
        return 0
    with tempfile.TemporaryFile() as archive:
        _write(archive, export.user, at)
        size = archive.tell()
        archive.seek(0)
        path = store().save(f"exports/{secrets.token_hex(20)}", File(archive))
    if not _finish(export, path, size, at):
        store().delete(path)
        return 0
    return 1


def build_exports(*, at: datetime) -> int:
    """Put together every archive that is due; return how many got ready."""
    due = DataExport.objects.filter(status__in=DataExport.OPEN, next_at__lte=at).order_by("next_at", "pk")
    return for_each(due, lambda pk: build_export(export_id=pk, at=at))


@transaction.atomic
def expire_export(*, export_id: int, at: datetime) -> int:
    """Delete the file of an archive whose days are over: first the bytes, then the row's word of them.

    From: ready. To: expired. Event: none, the page has said the day all along. Returns 0 where it is not due.
    """
    export = DataExport.objects.free().filter(pk=export_id, status=Status.READY, expires_at__lte=at).first()
    if export is None:
        return 0
    store().delete(export.path)
    export.status, export.path, export.ended_at = Status.EXPIRED, "", at
    export.save(update_fields=["status", "path", "ended_at"])
    return 1


def expire_exports(*, at: datetime) -> int:
    """Delete the files of archives whose days are over; return how many."""
    due = DataExport.objects.filter(status=Status.READY, expires_at__lte=at).order_by("expires_at", "pk")
    return for_each(due, lambda pk: expire_export(export_id=pk, at=at))


def _wake(export_id: int) -> None:
    current_app.send_task("accounts.tasks.build_export", kwargs={"export_id": export_id}, retry=False)


@transaction.atomic
def _claim(export_id: int, at: datetime) -> DataExport | None:
    """Take an archive that nobody is at work on, and say when it is begun anew; None where there is nothing to do."""
    export = DataExport.objects.free().filter(pk=export_id, status__in=DataExport.OPEN, next_at__lte=at).first()
    if export is None:
        return None
    if export.attempts >= MOST_ATTEMPTS:
        export.status, export.ended_at = Status.FAILED, at
        export.save(update_fields=["status", "ended_at"])
        _tell("accounts.export_failed", export, at)
        return None
    export.status, export.attempts, export.next_at = Status.BUILDING, export.attempts + 1, at + PATIENCE
    export.save(update_fields=["status", "attempts", "next_at"])
    return export


@transaction.atomic
def _finish(claimed: DataExport, path: str, size: int, at: datetime) -> bool:
    """Note where the archive lies, unless its person has left or another worker began anew meanwhile."""
    export = DataExport.objects.locked(claimed.pk)
    if (export.status, export.attempts) != (Status.BUILDING, claimed.attempts):
        return False
    export.status, export.path, export.size = Status.READY, path, size
    export.ready_at, export.expires_at = at, at + timedelta(days=rules().export_days)
    export.save(update_fields=["status", "path", "size", "ready_at", "expires_at"])
    _tell("accounts.export_ready", export, at)
    return True


def _tell(kind: str, export: DataExport, at: datetime) -> None:
    record(kind=kind, actor=Actor.system(), subject=f"export:{export.pk}", at=at, user=export.user_id)


def _write(archive: IO[bytes], person: User, at: datetime) -> None:
    """Write the archive: a README in the person's language, rows by app, then files."""
    reader = reader_of(person)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack, translation.override(person.language):
        pack.writestr("README.txt", _readme(person, at))
        for keeper in keepers():
            for sheet in keeper.export(reader) if keeper.export else ():
                with pack.open(f"{keeper.app}/{sheet.name}.json", "w", force_zip64=True) as target:
                    for piece in _as_json(iter(sheet.rows)):
                        target.write(piece)
        for file in files_of_reader(reader):
            _pack_file(pack, file)


def _as_json(rows: Iterator[Any]) -> Iterator[bytes]:
    """Yield a list of rows as JSON, row by row."""
    yield b"["
    for number, row in enumerate(rows):
        text = json.dumps(row, cls=_Encoder, ensure_ascii=False, indent=1)
        yield f"{',' if number else ''}\n{text}".encode()
    yield b"\n]\n"


class _Encoder(DjangoJSONEncoder):
    """Writes what JSON has no word for as text."""

    def default(self, value: Any) -> Any:
        """Return days and numbers as Django writes them, countries and the like by their code."""
        try:
            return super().default(value)
        except TypeError:
            return str(getattr(value, "code", value))


def _pack_file(pack: zipfile.ZipFile, file: StoredFile) -> None:
    """Copy one file a piece at a time; one that a disk has lost is named in files.json and nothing else."""
    if not store().exists(file.path):
        logger.warning("file %s is not in the store", file.pk)
        return
    with store().open(file.path) as source, pack.open(name_in_archive(file), "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, PIECE)


def _readme(person: User, at: datetime) -> str:
    paragraphs = [
        _("Your data at %(brand)s") % {"brand": rules().brand_name},
        _("Put together for %(name)s on %(day)s (UTC).")
        % {"name": person.get_full_name(), "day": at.strftime("%Y-%m-%d %H:%M")},
        _(
            "Each folder holds one part of the product. The files in it are JSON, which any editor shows; amounts are "
            "in the smallest unit of their currency, times are in UTC. The folder “files” holds what you uploaded and "
            "may still open."
        ),
        _(
            "The archive holds what you gave, what you did, and what others wrote to you. It does not hold other "
            "people’s addresses, what clients note about proposals for themselves, what staff note, or rules against "
            "fraud: these are theirs, or would help those whom they stop."
        ),
        _("What is kept for how long, and what happens when you delete your account, is on the page “Your data”."),
    ]
    return "\n\n".join(paragraphs) + "\n"
