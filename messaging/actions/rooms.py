"""Opening rooms, writing in them and noting what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from messaging.models import LONGEST, AuthorName, Message, ReadMark, Room
from messaging.permissions import can_post_message, can_read_room


class MessageEmpty(DomainError):
    """There is nothing to send."""


class MessageTooLong(DomainError):
    """The text is longer than a message may be."""


def open_room(*, kind: Room.Kind, owner: str, title: str, party_ids: Sequence[int], at: datetime) -> Room:
    """Open the room about one thing for its parties; the same owner gets the same room (inner)."""
    room, is_new = Room.objects.get_or_create(owner=owner, defaults={"kind": kind, "title": title, "created_at": at})
    if is_new:
        room.parties.set(party_ids)
    return room


@transaction.atomic
def post_message(*, room_id: int, text: str, token: str, by: Actor, at: datetime) -> Message:
    """Write in a room. The same form sent twice (one `token`) stores one message.

    Event: messaging.message_posted. Raises NotAllowed if `by` only reads there, MessageEmpty, MessageTooLong.
    """
    room = Room.objects.locked(room_id)
    if not can_post_message(by, room):
        raise NotAllowed(_("You may read this room but not write in it."))
    clean = text.replace("\x00", "").strip()
    if not clean:
        raise MessageEmpty(_("Write something before you send it."))
    if len(clean) > LONGEST:
        raise MessageTooLong(
            _("Shorten your message to %(most)d characters: it has %(length)d.")
            % {"most": LONGEST, "length": len(clean)}
        )
    known = Message.objects.filter(room=room, author_id=by.user_id, token=token).first()
    if known:
        return known
    message = Message.objects.create(
        room=room, author_id=by.person_id, party_id=by.party_id or 0, text=clean, token=token, created_at=at
    )
    room.last_message_at = at
    room.save(update_fields=["last_message_at"])
    _mark(room_id=room.pk, user_id=message.author_id, message_id=message.pk)
    record(
        kind="messaging.message_posted",
        actor=by,
        subject=f"message:{message.pk}",
        scope=room.owner,
        at=at,
        room=room.pk,
        title=room.title,
    )
    return message


@transaction.atomic
def mark_read(*, room_id: int, message_id: int, by: Actor, at: datetime) -> None:
    """Note how far a person has read; it never goes back. Event: none, since nobody is told.

    Raises NotAllowed if `by` does not read there.
    """
    room = Room.objects.prefetch_related("parties").get(pk=room_id)
    if by.user_id is None or not can_read_room(by, room):
        raise NotAllowed(_("You are not in this room."))
    _mark(room_id=room.pk, user_id=by.user_id, message_id=message_id)


def keep_author_name(*, room_id: int, user_id: int, name: str, until: datetime | None) -> None:
    """Keep the name of somebody who leaves on their messages in one room (inner). Event: none, nobody is told."""
    AuthorName.objects.update_or_create(room_id=room_id, user_id=user_id, defaults={"name": name, "until": until})


def date_author_names(*, owner: str, until: datetime) -> int:
    """Say until when the names of those who left stay in the room about a thing that has ended (inner)."""
    return AuthorName.objects.filter(room__owner=owner, until=None).update(until=until)


def forget_author_names(*, at: datetime) -> int:
    """Forget the names whose day has come; the messages go by the made-up name from then on. Return how many."""
    return AuthorName.objects.filter(until__lte=at).delete()[0]


def _mark(*, room_id: int, user_id: int, message_id: int) -> None:
    changed = ReadMark.objects.filter(room_id=room_id, user_id=user_id, last_read_id__lt=message_id).update(
        last_read_id=message_id
    )
    if changed or ReadMark.objects.filter(room_id=room_id, user_id=user_id).exists():
        return
    try:
        with transaction.atomic():
            ReadMark.objects.create(room_id=room_id, user_id=user_id, last_read_id=message_id)
    except IntegrityError:  # another tab was first
        ReadMark.objects.filter(room_id=room_id, user_id=user_id, last_read_id__lt=message_id).update(
            last_read_id=message_id
        )
