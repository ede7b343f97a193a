"""Deleting what nobody sent, and looking again at what could not be checked."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from django.db import transaction

from core.actor import Actor
from core.sweeps import for_each
from events.actions import record
from files import pictures
from files.gateway import ScannerFailed, malware_in, store
from files.models import StoredFile

#: Uploads that were never sent with a form are deleted after this long.
LOOSE_FOR = timedelta(hours=24)

#: A file that the scanner could not look at is shown to it again after this long.
RESCAN_AFTER = timedelta(minutes=10)


def delete_orphans(*, at: datetime) -> int:
    """Delete uploads that nothing holds and that are older than a day; return how many."""
    return for_each(StoredFile.objects.loose().uploaded_before(at - LOOSE_FOR), lambda pk: _delete_loose(pk, at))


def rescan_quarantined(*, at: datetime) -> int:
    """Show the scanner again what it could not look at; return how many files it then judged.

    Clean ones become readable. Infected ones are deleted. Event: files.file_infected.
    """
    rows = StoredFile.objects.filter(state=StoredFile.State.QUARANTINED).uploaded_before(at - RESCAN_AFTER)
    return for_each(rows, lambda pk: _rescan(pk, at))


@transaction.atomic
def _delete_loose(file_id: uuid.UUID, at: datetime) -> int:
    """Delete one upload if it is still loose and old: first its bytes, then its row, so that none is left behind."""
    row = (
        StoredFile.objects.select_for_update(skip_locked=True)
        .loose()
        .uploaded_before(at - LOOSE_FOR)
        .filter(pk=file_id)
        .first()
    )
    if row is None:
        return 0
    _delete(row)
    return 1


def _rescan(file_id: uuid.UUID, at: datetime) -> int:
    """Ask the scanner outside of a transaction, then write its answer."""
    row = StoredFile.objects.filter(pk=file_id, state=StoredFile.State.QUARANTINED).first()
    if row is None or not store().exists(row.path):
        return 0
    try:
        with store().open(row.path) as content:
            malware = malware_in(cast("BinaryIO", content))
    except ScannerFailed:
        return 0
    judge: Callable[[StoredFile, datetime], None] = _condemn if malware else _open_up
    with transaction.atomic():
        locked = StoredFile.objects.select_for_update().filter(pk=file_id, state=StoredFile.State.QUARANTINED).first()
        if locked is None:
            return 0
        judge(locked, at)
    return 1


def _open_up(file: StoredFile, _at: datetime) -> None:
    file.state = StoredFile.State.READY
    file.save(update_fields=["state"])


def _condemn(file: StoredFile, at: datetime) -> None:
    record(
        kind="files.file_infected",
        actor=Actor.system(),
        subject=f"file:{file.pk}",
        at=at,
        owner_kind=file.owner_kind,
        owner_ref=file.owner_ref,
        uploaded_by_id=file.uploaded_by_id,
        name=file.name,
    )
    _delete(file)


def _delete(file: StoredFile) -> None:
    for size in pictures.SIZES if file.is_image else ():
        store().delete(file.copy_path(size))
    store().delete(file.path)
    file.delete()
