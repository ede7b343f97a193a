"""Messages of a room, as one reader sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from core.actor import Actor
from core.clock import now
from core.errors import NotFound
from core.product import rules
from core.text import message_words
from messaging.guard import Kind
from messaging.models import AuthorName, Masking, Message, Room

#: Messages that a room shows at once; older ones are a page away.
PAGE = 50
#: Characters of an answered message that stand above the answer.
EXCERPT = 120


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The messages that a room shows at once, oldest first, and whether there are older ones."""

    messages: list[Message]
    has_older: bool


def messages_of(
    room: Room,
    *,
    reader_id: int | None = None,
    party_id: int | None = None,
    before: int | None = None,
    count: int = PAGE,
) -> list[Message]:
    """Return up to `count` messages of a room, oldest first: the newest ones, or those before a message.

    Each says in `is_mine` whether the reader wrote it, and in `shown` what the people of their party read of it.
    """
    rows = Message.objects.filter(room=room).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _as_read(room, rows[:count], reader_id=reader_id, party_id=party_id)[::-1]


def message_page(
    room: Room, *, reader_id: int | None, party_id: int | None = None, before: int | None = None
) -> MessagePage:
    """Return one page of a room as a reader sees it: the newest messages, or those before a message."""
    found = messages_of(room, reader_id=reader_id, party_id=party_id, before=before, count=PAGE + 1)
    return MessagePage(found[-PAGE:], has_older=len(found) > PAGE)


def messages_since(
    room: Room, *, reader_id: int | None, party_id: int | None, after: int, revision: int | None, count: int = PAGE
) -> list[Message]:
    """Return what an open page has missed: messages newer than `after`, or all that changed since a revision.

    At most `count`, the earliest first; a page asks again until nothing comes.
    """
    rows: QuerySet[Message] = Message.objects.filter(room=room)
    rows = rows.filter(pk__gt=after).order_by("pk") if revision is None else _changed(rows, revision)
    return _as_read(room, rows[:count], reader_id=reader_id, party_id=party_id)


def _changed(rows: QuerySet[Message], revision: int) -> QuerySet[Message]:
    return rows.filter(revision__gt=revision).order_by("revision", "pk")


def message_for(actor: Actor, room: Room, message_id: int) -> Message:
    """Return one message of a room that the actor reads, as they see it. Raises NotFound."""
    rows = Message.objects.filter(room=room, pk=message_id)
    found = _as_read(room, rows, reader_id=actor.user_id, party_id=actor.party_id)
    if not found:
        raise NotFound("")
    return found[0]


def quotable(actor: Actor, room: Room, typed: str) -> Message | None:
    """Return the message that somebody wants to answer, by the number they sent; else None."""
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 18:
        return None
    rows = Message.objects.filter(room=room, pk=int(typed), deleted_at=None)
    return next(iter(_as_read(room, rows, reader_id=actor.user_id, party_id=actor.party_id)), None)


def latest_message(room: Room) -> Message | None:
    """Return the newest message of a room."""
    latest = _with_names(Message.objects.filter(room=room)).order_by("-pk").first()
    if latest is not None:
        latest.room = room
    return latest


def _with_names(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return messages with what `author_name` needs."""
    kept = AuthorName.objects.filter(room=OuterRef("room"), user=OuterRef("author")).values("name")
    return rows.select_related("author").annotate(kept_name=Subquery(kept))


def _as_read(room: Room, rows: QuerySet[Message], *, reader_id: int | None, party_id: int | None) -> list[Message]:
    """Return messages of one room as one reader sees them: whose they are, what they answer, what may be done."""
    by_reader = ExpressionWrapper(Q(author_id=reader_id), output_field=BooleanField())
    kept = AuthorName.objects.filter(room=OuterRef("room"), user=OuterRef("quoted__author")).values("name")
    rows = _with_names(rows).select_related("party", "quoted__author")
    found: list[Any] = list(rows.annotate(is_mine=by_reader, quoted_kept_name=Subquery(kept)))
    editable_from = now() - timedelta(minutes=rules().message_edit_minutes)
    for message in found:
        _show(message, room, party_id)
        message.is_editable = message.created_at >= editable_from and message.deleted_at is None
        if message.quoted is not None:
            _show(message.quoted, room, party_id)
            message.quoted.kept_name = message.quoted_kept_name
            words = message_words(message.quoted.shown)
            message.quoted.words = words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"
    if room.guarded:
        _add_masks([each for each in found if each.masked_text and each.party_id == party_id])
    return found


def _show(message: Any, room: Room, party_id: int | None) -> None:
    message.room = room
    message.shown = message.text_for(party_id)
    message.is_hidden_in_part = bool(message.masked_text) and message.party_id != party_id


def _add_masks(masked: list[Any]) -> None:
    """Say of messages of one's own side why a part of them is masked, and what became of an appeal."""
    live = {each.message_id: each for each in Masking.objects.filter(message__in=masked, status__in=Masking.LIVE)}
    for message in masked:
        message.mask = live.get(message.pk)


def kinds_found(kinds: str) -> str:
    """Return kinds of findings, kept by spaces, in the reader's words."""
    return ", ".join(str(Kind(kind).label) for kind in kinds.split())
