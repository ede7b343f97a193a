"""How far people have read."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from messaging.models import ReadMark


def note_read(*, room_id: int, user_id: int, message_id: int) -> bool:
    """Move a person's read mark on, never back (inner). Return whether it moved."""
    behind = ReadMark.objects.filter(room_id=room_id, user_id=user_id, last_read_id__lt=message_id)
    if behind.update(last_read_id=message_id):
        return True
    if ReadMark.objects.filter(room_id=room_id, user_id=user_id).exists():
        return False
    try:
        with transaction.atomic():
            ReadMark.objects.create(room_id=room_id, user_id=user_id, last_read_id=message_id)
    except IntegrityError:  # another tab was first
        behind.update(last_read_id=message_id)
    return True
