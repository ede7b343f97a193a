"""The socket of an open page: it carries hints, never content, and is checked at every frame that comes in."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation

from accounts.queries import is_logged_in
from core.errors import DomainError
from core.limits import MINUTE, allow_user
from messaging.live import group_of, group_of_user
from messaging.queries import belongs_to_room
from messaging.registry import Frame, frame_of, largest_frame

_OWNER = re.compile(r"^[a-z]{1,20}:\d{1,18}$")
#: A page that only says that it is alive; what else it says is registered with limits of its own.
ALIVE = Frame(handle=None, size=256, a_minute=20)
#: Sockets that one person may open in a minute: a person with many tabs and a bad line stays far below.
OPENED_A_MINUTE = 120
#: Seconds in which a page takes a hint; one that does not is cut, since what waits for it fills the memory.
PATIENCE = 10
#: Seconds for which a look at the log-in is good for hints that say nothing; pages send a heartbeat more often.
LOOKED_AT_SECONDS = 60
NOT_ALLOWED, TOO_MUCH, TOO_SLOW = 4403, 4429, 4408


class LiveConsumer(AsyncWebsocketConsumer):
    """Tells one open page what is new for its reader, and about the thing the page shows, if it names one."""

    user_id = 0
    owner = ""
    looked_at = 0.0

    async def connect(self) -> None:
        """Stay open for whoever is logged in, for a thing only for one of its room's people.

        Everyone else is told why by the code of the close, which a browser hears only of a socket that was accepted.
        """
        await self.accept()
        user, session = self.scope.get("user"), self.scope.get("session")
        asked = parse_qs(self.scope.get("query_string", b"").decode("ascii", "replace")).get("scope", [""])[0]
        if user is None or not user.is_authenticated or session is None or (asked and not _OWNER.match(asked)):
            await self.close(code=NOT_ALLOWED)
            return
        self.user_id, self.session_key = user.pk, session.session_key
        self.minute, self.frames = time.monotonic(), Counter[str]()
        if not await database_sync_to_async(_may_open)(self.user_id):
            await self.close(code=TOO_MUCH)
            return
        if not await self._is_allowed(asked):
            await self.close(code=NOT_ALLOWED)
            return
        self.owner = asked
        await self.channel_layer.group_add(group_of_user(self.user_id), self.channel_name)
        if asked:
            await self.channel_layer.group_add(group_of(asked), self.channel_name)
        await self._say('{"kind":"open"}')

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        if self.user_id:
            await self.channel_layer.group_discard(group_of_user(self.user_id), self.channel_name)
        if self.owner:
            await self.channel_layer.group_discard(group_of(self.owner), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take a heartbeat, or hand a frame to the app that registered its kind.

        A socket that says more than its frames allow is cut, and one whose reader may not listen any more.
        """
        if time.monotonic() - self.minute > 60:
            self.minute, self.frames = time.monotonic(), Counter()
        size = len((text_data or "").encode()) + len(bytes_data or b"")
        if size > largest_frame(least=ALIVE.size):
            await self.close(code=TOO_MUCH)
            return
        content = _read(text_data)
        kind = str(content.get("kind", ""))
        frame = frame_of(kind)
        if frame is None:
            kind, frame = "", ALIVE
        self.frames[kind] += 1
        if size > frame.size or self.frames[kind] > frame.a_minute:
            await self.close(code=TOO_MUCH)
            return
        if not await self._is_allowed(self.owner):
            await self.close(code=NOT_ALLOWED)
            return
        if frame.handle is not None:
            refusal = await database_sync_to_async(_handle)(
                frame,
                content,
                user_id=self.user_id,
                session_key=self.session_key,
                language=self.scope["user"].language,
            )
            if refusal:
                await self._say(json.dumps({"kind": "refused", "of": kind, "text": refusal}))

    async def hint(self, message: dict[str, Any]) -> None:
        """Pass on what is new for the reader, to whom it was addressed, if their log-in still stands.

        Of a hint that only says where to ask, that is known from the last heartbeat: whoever asks is checked there.
        """
        is_known = message["is_plain"] and time.monotonic() - self.looked_at < LOOKED_AT_SECONDS
        if is_known or await self._is_allowed(""):
            await self._say(message["text"])
        else:
            await self.close(code=NOT_ALLOWED)

    async def check(self, _message: dict[str, Any]) -> None:
        """Look again whether the log-in still stands."""
        if not await self._is_allowed(self.owner):
            await self.close(code=NOT_ALLOWED)

    async def news(self, message: dict[str, Any]) -> None:
        """Say that the page has become old, if its reader is still one of the room's people and did not do it."""
        if not await self._is_allowed(self.owner):
            await self.close(code=NOT_ALLOWED)
        elif message.get("actor_id") != self.user_id:
            await self._say(json.dumps({"kind": "news", "news": message["kind"]}))

    async def _say(self, text: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.send(text_data=text)
        except TimeoutError:
            await self.close(code=TOO_SLOW)

    async def _is_allowed(self, owner: str) -> bool:
        self.looked_at = time.monotonic()
        return bool(await database_sync_to_async(_is_allowed)(self.session_key, self.user_id, owner))


def _read(text: str | None) -> dict[str, Any]:
    """Return what a frame says; nothing for what is no object."""
    try:
        content = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _may_open(user_id: int) -> bool:
    return allow_user(user_id, "live_socket", limit=OPENED_A_MINUTE, seconds=MINUTE)


def _is_allowed(session_key: str | None, user_id: int, owner: str) -> bool:
    """Test whether the log-in that opened the page still stands, and its person is one of the room's, if it has one."""
    return is_logged_in(session_key, user_id) and (not owner or belongs_to_room(user_id, owner))


def _handle(frame: Frame, content: dict[str, Any], *, user_id: int, session_key: str, language: str) -> str:
    """Let the app of a frame take it, and return its refusal in the reader's language."""
    if frame.handle is None:
        return ""
    try:
        with translation.override(language):
            frame.handle(user_id, session_key, content)
    except DomainError as error:
        return error.message
    return ""
