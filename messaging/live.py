"""Hints to open pages: sent over their sockets, stored nowhere, and lost without harm."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger("jalon.live")
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
    text = json.dumps(hint, separators=(",", ":"))
    _send({group_of_user(user_id): {"type": "hint", "text": text} for user_id in user_ids})


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
