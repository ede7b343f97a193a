"""Search in the rooms that a person may read: only what they may see there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import F, Func, Q, QuerySet

from accounts.models import Party
from core.actor import Actor
from core.text import message_words
from messaging.models import Message, Room
from messaging.queries.messages import _with_names
from messaging.queries.rooms import other_names, rooms_for

#: Words of one search; more are left out.
MOST_WORDS = 8
#: Characters of a message around the first word that was found.
AROUND = 160
_WORD = re.compile(r"\w+")


class _Seen(Func):
    """The words that the other side reads of a message; the index is of the same expression."""

    template = "to_tsvector('messages_u', COALESCE(NULLIF(%(expressions)s, ''), \"messaging_message\".\"text\"))"
    output_field = SearchVectorField()


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that was found, with whom its room is, and the words around what was found, as the reader sees them."""

    message: Message
    others: str
    words: str

    @property
    def before(self) -> int:
        """Return the number before which its room is shown, so that it ends with this message."""
        return self.message.pk + 1


def find_rooms(actor: Actor, typed: str, *, count: int = 5) -> list[Room]:
    """Return the rooms of the actor whose title or other side's public name has what was typed."""
    typed = " ".join(typed.split())
    if not typed:
        return []
    named = Party.objects.filter(public_name__icontains=typed).exclude(pk=actor.party_id or 0).values("rooms")
    rooms = rooms_for(actor).filter(Q(title__icontains=typed) | Q(pk__in=named))
    return list(rooms.select_related("last_message__author").prefetch_related("parties")[:count])


def find_messages(actor: Actor, typed: str) -> QuerySet[Message]:
    """Return the messages with all these words, or words that begin so, in the rooms of the actor; newest first.

    Accents do not count. What is masked is found by nobody, its writer included: nobody learns by trying what it is.
    """
    words = _words(typed)
    if not words:
        return Message.objects.none()
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="messages_u", search_type="raw")
    rows: QuerySet[Message] = Message.objects.filter(room__in=rooms_for(actor).order_by().values("pk"), deleted_at=None)
    rows = _with_names(rows.annotate(seen=_Seen(F("masked_text"))).filter(seen=query))
    return rows.select_related("room").prefetch_related("room__parties").order_by("-pk")


def as_found(message: Message, actor: Actor, typed: str) -> FoundMessage:
    """Return a found message as the reader sees it."""
    text = message_words(message.text_for(actor.party_id))
    return FoundMessage(message, other_names(message.room, actor.party_id), _around(text, _words(typed)))


def _words(typed: str) -> list[str]:
    return _WORD.findall(typed.replace("_", " "))[:MOST_WORDS]


def _around(text: str, words: list[str]) -> str:
    plain = _plain(text)
    places = [place for word in words if (place := plain.find(_plain(word))) >= 0]
    start = max(0, min(places, default=0) - AROUND // 3)
    end = start + AROUND
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")


def _plain(text: str) -> str:
    """Return a text in lower case without accents, letter by letter, so that places stay the same."""
    return "".join((unicodedata.normalize("NFD", sign)[:1].lower() or sign)[:1] for sign in text)
