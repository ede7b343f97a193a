"""Giving uploads to the thing they were made for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError
from files.models import StoredFile
from files.permissions import can_attach_file
from files.registry import owner_of


class FileGone(DomainError):
    """The upload was swept, belongs to somebody else or to another thing; it must be uploaded again."""


@transaction.atomic
def attach_files(*, file_ids: Iterable[uuid.UUID], kind: str, ref: object, by: Actor, at: datetime) -> list[StoredFile]:
    """Give uploads to the thing they were made for; called inside the verb that makes or changes that thing.

    From: loose. To: attached, for good. Files that are already on this very thing stay as they are.

    Raises FileGone if one was swept, was uploaded by another person, or belongs elsewhere; nothing is attached then.
    """
    wanted = list(dict.fromkeys(file_ids))
    rows = {row.pk: row for row in StoredFile.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    owner_of(kind)
    attached = []
    for file_id in wanted:
        file = rows.get(file_id)
        if file is None or file.owner_kind != kind:
            raise FileGone(_("A file is no longer here. Upload it again."))
        if file.attached_at is not None and file.owner_ref == str(ref):
            attached.append(file)
            continue
        if not can_attach_file(by, file):
            raise FileGone(_("A file is no longer here. Upload it again."))
        file.owner_ref, file.attached_at = str(ref), at
        file.save(update_fields=["owner_ref", "attached_at"])
        attached.append(file)
    return attached


@transaction.atomic
def replace_files(
    *, file_ids: Iterable[uuid.UUID], kind: str, ref: object, by: Actor, at: datetime
) -> list[StoredFile]:
    """Make these the files of a thing: new ones are attached, the others taken off and left to the sweep.

    Raises FileGone as `attach_files` does; nothing is changed then.
    """
    kept = attach_files(file_ids=file_ids, kind=kind, ref=ref, by=by, at=at)
    StoredFile.objects.of(kind, str(ref)).exclude(pk__in=[file.pk for file in kept]).update(
        owner_ref="", attached_at=None, created_at=at
    )
    return kept


#: Files that are dropped are older than any upload that the sweep leaves alone.
LONG_AGO = timedelta(days=2)


@transaction.atomic
def drop_files(*, kind: str, ref: object, at: datetime) -> int:
    """Take its files off a thing that is deleted, in the caller's transaction; the sweep deletes them at its next run.

    From: attached. To: loose, readable by nobody but who uploaded them. Returns how many.
    """
    held = StoredFile.objects.of(kind, str(ref))
    return held.update(owner_ref="", attached_at=None, created_at=at - LONG_AGO)


@transaction.atomic
def drop_loose_files(*, uploaded_by_id: int, at: datetime) -> int:
    """Let the sweep delete, at its next run, what a person uploaded and sent with nothing. Returns how many."""
    return StoredFile.objects.loose().filter(uploaded_by_id=uploaded_by_id).update(created_at=at - LONG_AGO)


@transaction.atomic
def move_files(*, kind: str, ref: object, to: object) -> int:
    """Give the files of one thing to another of the same kind, in the caller's transaction. Returns how many."""
    return StoredFile.objects.of(kind, str(ref)).update(owner_ref=str(to))
