"""Writing in rooms, changing and deleting what one wrote."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from files.actions import attach_files, drop_files
from messaging.actions.guarding import end_mask, mask_message
from messaging.actions.marks import note_read
from messaging.actions.rooms import RoomBlocked
from messaging.guard.masking import find_in_message
from messaging.live import tell_room
from messaging.models import LONGEST, MESSAGE_FILES, Message, Room
from messaging.permissions import can_change_message, can_delete_message, can_post_message
from messaging.queries import is_blocked


class MessageEmpty(DomainError):
    """There is nothing to send."""


class MessageTooLong(DomainError):
    """The text is longer than a message may be."""


class QuoteNotPossible(DomainError):
    """One quotes what stands in the same room."""


class FileNameLeadsAway(DomainError):
    """Before a contract the name of a file says no more than a message may."""


class MessageTooLate(DomainError):
    """A message is changed for some minutes only: later others have answered it."""


class MessageGone(DomainError):
    """A deleted message cannot be changed."""


@transaction.atomic
def post_message(
    *,
    room_id: int,
    text: str,
    token: str,
    by: Actor,
    at: datetime,
    quoted_id: int | None = None,
    file_ids: Sequence[uuid.UUID] = (),
) -> Message:
    """Write in a room words, files or both, answering a message of it or none.

    The same form sent twice (one `token`) stores one message.

    Before a contract what leads away from the platform is masked for the other side; edges warn the writer first.
    Event: messaging.message_posted; messaging.guard_repeated for whom that happens again and again.

    Raises NotAllowed if `by` only reads there, RoomBlocked, MessageEmpty, MessageTooLong, QuoteNotPossible,
    FileNameLeadsAway, files.FileGone.
    """
    room = Room.objects.locked(room_id)
    if not can_post_message(by, room):
        raise NotAllowed(_("You may read this room but not write in it."))
    clean = _clean(text, may_be_empty=bool(file_ids))
    known: Message | None = Message.objects.filter(room=room, author_id=by.user_id, token=token).first()
    if known:
        return known
    _refuse_blocked(room)
    quoted = None
    if quoted_id is not None:
        quoted = Message.objects.filter(room=room, pk=quoted_id, deleted_at=None).first()
        if quoted is None:
            raise QuoteNotPossible(_("The message that you answer is not there any more. Send yours without it."))
    room.revision += 1
    message: Message = Message.objects.create(
        room=room,
        author_id=by.person_id,
        party_id=by.party_id or 0,
        text=clean,
        quoted=quoted,
        token=token,
        created_at=at,
        revision=room.revision,
    )
    if file_ids:
        files = attach_files(file_ids=file_ids, kind=MESSAGE_FILES, ref=message.pk, by=by, at=at)
        _check_names(room, [file.name for file in files])
    if room.guarded and clean:
        mask_message(message, by=by, at=at)
    room.last_message_at, room.last_message = at, message
    room.save(update_fields=["last_message_at", "last_message", "revision"])
    note_read(room_id=room.pk, user_id=message.author_id, message_id=message.pk)
    _tell("message_posted", message, by, at, title=room.title)
    return message


@transaction.atomic
def edit_message(*, message_id: int, text: str, by: Actor, at: datetime) -> Message:
    """Change what one wrote, within the minutes of JALON_MESSAGE_EDIT_MINUTES; it is marked as edited.

    The old words are kept nowhere. Before a contract the guard reads the new ones. The same words change nothing.
    Event: messaging.message_edited, messaging.guard_repeated.

    Raises NotAllowed if `by` did not write it or does not write there any more, MessageGone, MessageTooLate,
    RoomBlocked, MessageEmpty, MessageTooLong.
    """
    room, message = _locked(message_id)
    if not can_change_message(by, message):
        raise NotAllowed(_("Only its author can change a message."))
    if message.deleted_at is not None:
        raise MessageGone(_("This message was deleted."))
    minutes = rules().message_edit_minutes
    if at > message.created_at + timedelta(minutes=minutes):
        raise MessageTooLate(
            ngettext(
                "A message can be changed for one minute. Write a new one.",
                "A message can be changed for %(minutes)d minutes. Write a new one.",
                minutes,
            )
            % {"minutes": minutes}
        )
    _refuse_blocked(room)
    clean = _clean(text)
    if clean == message.text:
        return message
    message.text, message.edited_at = clean, at
    message.save(update_fields=["text", "edited_at"])
    end_mask(message, at=at)
    if room.guarded:
        mask_message(message, by=by, at=at)
    _change(room, message)
    _tell("message_edited", message, by, at)
    return message


@transaction.atomic
def delete_message(*, message_id: int, by: Actor, at: datetime) -> Message:
    """Take back what one wrote: its words and files are gone for everybody, that there was a message stays.

    A second time changes nothing.

    Event: messaging.message_deleted. Raises NotAllowed if `by` did not write it or does not read there any more.
    """
    room, message = _locked(message_id)
    if not can_delete_message(by, message):
        raise NotAllowed(_("Only its author can delete a message."))
    if message.deleted_at is not None:
        return message
    end_mask(message, at=at)
    message.text, message.quoted, message.deleted_at = "", None, at
    message.save(update_fields=["text", "quoted", "deleted_at"])
    drop_files(kind=MESSAGE_FILES, ref=message.pk, at=at)
    _change(room, message)
    _tell("message_deleted", message, by, at)
    return message


def _locked(message_id: int) -> tuple[Room, Message]:
    room_id = Message.objects.values_list("room_id", flat=True).get(pk=message_id)
    room = Room.objects.locked(room_id)
    message: Message = Message.objects.locked(message_id)
    message.room = room
    return room, message


def _change(room: Room, message: Message) -> None:
    """Say to open pages that a message is another one now."""
    room.revision += 1
    room.save(update_fields=["revision"])
    message.revision = room.revision
    message.save(update_fields=["revision"])


def _check_names(room: Room, names: list[str]) -> None:
    """Refuse names of files by which people lead each other away before a contract."""
    for name in names:
        if room.guarded and find_in_message(name):
            raise FileNameLeadsAway(
                _("Give “%(name)s” another name: contact data is not exchanged before a contract.") % {"name": name}
            )


def _clean(text: str, *, may_be_empty: bool = False) -> str:
    clean = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not clean and not may_be_empty:
        raise MessageEmpty(_("Write something before you send it."))
    if len(clean) > LONGEST:
        raise MessageTooLong(
            _("Shorten your message to %(most)d characters: it has %(length)d.")
            % {"most": LONGEST, "length": len(clean)}
        )
    return clean


def _refuse_blocked(room: Room) -> None:
    if is_blocked(room):
        raise RoomBlocked(_("Nobody writes in this conversation while one side has closed it."))


def _tell(kind: str, message: Message, by: Actor, at: datetime, **data: str) -> None:
    """Record the event, and let open pages know as soon as it is kept: people who talk do not wait for a worker."""
    transaction.on_commit(partial(tell_room, message.room), robust=True)
    record(
        kind=f"messaging.{kind}",
        actor=by,
        subject=f"message:{message.pk}",
        scope=message.room.owner,
        at=at,
        room=message.room_id,
        **data,
    )
