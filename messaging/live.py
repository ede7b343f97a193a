"""Hints to open pages: sent over their sockets, stored nowhere, and lost without harm."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from messaging.models import Room
from messaging.queries import readers_of

logger = logging.getLogger("jalon.live")
#: Kinds of hints that say only that there is something to ask for; signals of calls say more.
PLAIN = frozenset({"room", "notices"})
#: Where the socket of a page is, below the root of the site.
PATH = "ws/live/"


def group_of(owner: str) -> str:
    """Return the channel group of the pages about one thing, such as contract:5."""
    return f"news.{owner.replace(':', '.')}"


def group_of_user(user_id: int) -> str:
    """Return the channel group of all open pages of a person."""
    return f"user.{user_id}"


def tell_open_pages(owner: str, kind: str, *, actor_id: int | None = None) -> None:
    """Tell the open pages about `owner` that there is news, but those of the user who made it: they saw it happen.

    A broker that is away is logged, never raised.
    """
    _send({group_of(owner): {"type": "news", "kind": kind, "actor_id": actor_id}})


def tell_users(user_ids: Iterable[int], hint: Mapping[str, Any]) -> None:
    """Send a hint, such as {"kind": "room", "room": 3, "last_id": 7}, to every open page of these people.

    Call it after the commit, with the people who may know at that moment. It carries no content: whoever gets it asks
    for what is new and is checked there. A broker that is away is logged, never raised.
    """
    word = {"type": "hint", "text": json.dumps(hint, separators=(",", ":")), "is_plain": hint["kind"] in PLAIN}
    _send({group_of_user(user_id): word for user_id in user_ids})


def tell_room(room: Room, *, but: int | None = None) -> None:
    """Send a hint to the open pages of those who may read a room at this very moment, `but` for one person.

    Who was removed or blocked meanwhile is not among them, so nothing reaches a page of theirs that is still open.
    """
    tell_users(readers_of(room) - {but}, {"kind": "room", "room": room.pk, "last_id": room.last_message_id or 0})


def check_users(user_ids: Iterable[int]) -> None:
    """Let every open page of these people be checked again now: those whose log-in has ended are cut."""
    _send({group_of_user(user_id): {"type": "check"} for user_id in user_ids})


def _send(words: Mapping[str, dict[str, Any]]) -> None:
    layer = get_channel_layer()
    if layer is None or not words:
        return

    async def send_all() -> None:
        await asyncio.gather(*(layer.group_send(group, word) for group, word in words.items()))

    try:
        async_to_sync(send_all)()
    except Exception:
        logger.warning("could not tell open pages", exc_info=True)
