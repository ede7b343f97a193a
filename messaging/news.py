"""The hint that an open page has become old: sent by group, stored nowhere, and lost without harm."""

from __future__ import annotations

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger("jalon.news")
#: Where the socket is, below the root of the site.
PATH = "ws/news/"


def news_url(owner: str) -> str:
    """Return the address of the socket that tells a page about one thing, such as contract:5."""
    return f"/{PATH}?scope={owner}"


def group_of(owner: str) -> str:
    """Return the channel group of the pages about one thing, such as contract:5."""
    return f"news.{owner.replace(':', '.')}"


def tell_open_pages(owner: str, kind: str, *, actor_id: int | None = None) -> None:
    """Tell the open pages about `owner` that there is news, but those of the user who made it: they saw it happen.

    A broker that is away is logged, never raised.
    """
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        message = {"type": "news", "owner": owner, "kind": kind, "actor_id": actor_id}
        async_to_sync(layer.group_send)(group_of(owner), message)
    except Exception:
        logger.warning("could not tell open pages about %s", owner, exc_info=True)
