"""Who may do what to a file."""

from __future__ import annotations

from core.actor import Actor
from files.models import StoredFile


def can_store_file(by: Actor) -> bool:
    """Test whether the actor may upload: a person, acting for nobody else."""
    return by.user_id is not None and by.impersonator_id is None


def can_attach_file(by: Actor, file: StoredFile) -> bool:
    """Test whether the actor may give the file to something: only who uploaded it, and only once."""
    return can_store_file(by) and file.uploaded_by_id == by.user_id and file.attached_at is None


def can_list_files(by: Actor) -> bool:
    """Test whether the actor may see which files there are, not what is in them: staff who look into cases."""
    return by.in_group("support", "moderator", "mediator")
