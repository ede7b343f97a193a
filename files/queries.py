"""Reads of files: what belongs to a thing, and what an actor may open."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotFound
from files.models import StoredFile
from files.registry import owner_of


def files_of(kind: str, ref: object) -> list[StoredFile]:
    """Return the files of one thing in the order of upload."""
    return list(StoredFile.objects.of(kind, str(ref)))


def has_files(kind: str, ref: Combinable) -> Exists:
    """Return the condition that the thing of this reference has a file, for the query that reads the thing."""
    return Exists(StoredFile.objects.filter(owner_kind=kind, owner_ref=ref, attached_at__isnull=False))


def files_of_many(kind: str, refs: Iterable[object]) -> dict[str, list[StoredFile]]:
    """Return the files of several things by their reference as text, in one query."""
    found: dict[str, list[StoredFile]] = defaultdict(list)
    wanted = [str(ref) for ref in refs]
    for file in StoredFile.objects.filter(owner_kind=kind, owner_ref__in=wanted, attached_at__isnull=False):
        found[file.owner_ref].append(file)
    return dict(found)


def file_for(actor: Actor, file_id: uuid.UUID) -> StoredFile:
    """Return a file that the actor may read: their own until it is sent, then as its owner's app says.

    Raises NotFound for a file that does not exist and for one the actor may not know of, alike.
    """
    file = StoredFile.objects.filter(pk=file_id).first()
    if file is None or not may_read_file(actor, file):
        raise NotFound(_("There is no such file."))
    return file


def may_read_file(actor: Actor, file: StoredFile) -> bool:
    """Test whether the actor may read a file: one that was not sent yet only who uploaded it."""
    if file.attached_at is None:
        return actor.user_id is not None and actor.user_id == file.uploaded_by_id and actor.impersonator_id is None
    return owner_of(file.owner_kind).can_read(actor, file.owner_ref)
