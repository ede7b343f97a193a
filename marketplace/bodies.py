"""How long a request may be: what is longer is refused before it is read, whatever view it was meant for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from core.errors import DomainError
from core.product import rules

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
#: Django's types of these are narrower than what ASGI promises.
Application = Callable[[Any, Any, Any], Awaitable[None]]
#: Bytes of a form beside its files.
TEXT = 4 * 1024 * 1024
#: The mark of a request that is refused; the middleware of the site answers it with a page.
MARK = "jalon.too_large"
#: Seconds for which the rest of a refused request is still taken and dropped: a browser that is cut off while it sends
#: shows no answer.
LINGER = 10.0
_OF_THE_BODY = {b"content-length", b"transfer-encoding", b"content-type", b"expect"}


class BodyTooLong(DomainError):
    """A request has more bytes than any form of ours can mean to send."""

    status_code = 413


def longest() -> int:
    """Return the most bytes of a request: every file of a form at its largest, and the text beside them."""
    return rules().file_bytes_maximum * rules().files_per_form + TEXT


class BodyLimit:
    """Stands before the site and passes on what is not too long.

    Django writes a body to the disk before any view is asked; this looks at the length that is announced, and counts
    where none is. A refused request goes on without its body, marked, and its connection ends.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        if _announced(scope) > longest():
            await self._refuse(scope, receive, send)
            return
        taken, is_over, is_answered = 0, False, False

        async def count() -> Message:
            nonlocal taken, is_over
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > longest():
                is_over = True
                return {"type": "http.disconnect"}  # the site drops what it has and answers nothing
            return message

        async def note(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        await self.application(scope, count, note)
        if is_over and not is_answered:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _OF_THE_BODY]
        is_read = False

        async def nothing() -> Message:
            nonlocal is_read
            if is_read:
                await asyncio.sleep(3600)  # as a client that waits for its answer
            is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not is_last:
                await send(message)
                return
            await send({**message, "more_body": True})
            await _drop(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.application({**scope, "headers": headers, MARK: True}, nothing, close)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _drop(receive: Receive) -> None:
    """Take what still comes, for a while, and keep nothing of it."""
    try:
        async with asyncio.timeout(LINGER):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
