"""The socket of an open page: it carries no content, only the word that there is news."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from accounts.queries import is_logged_in
from messaging.news import group_of
from messaging.queries import belongs_to_room

_OWNER = re.compile(r"^[a-z]{1,20}:\d{1,18}$")
#: A page has nothing to say but that it is alive; more than this is not a page.
FRAMES_A_MINUTE = 20
FRAME_BYTES = 256
NOT_ALLOWED, TOO_MUCH = 4403, 4429


class NewsConsumer(AsyncJsonWebsocketConsumer):
    """Tells one open page about one thing, as long as its reader may still see it."""

    owner = ""

    async def connect(self) -> None:
        """Accept the people of the room's parties; close the socket of everyone else."""
        asked = parse_qs(self.scope.get("query_string", b"").decode("ascii", "replace")).get("scope", [""])[0]
        self.started, self.frames = time.monotonic(), 0
        if not _OWNER.match(asked) or not await self._may_hear(asked):
            await self.close(code=NOT_ALLOWED)
            return
        self.owner = asked
        await self.channel_layer.group_add(group_of(asked), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        if self.owner:
            await self.channel_layer.group_discard(group_of(self.owner), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """Take a heartbeat; cut a socket that says more, or whose reader was removed."""
        if time.monotonic() - self.started > 60:
            self.started, self.frames = time.monotonic(), 0
        self.frames += 1
        size = len(text_data or "") + len(bytes_data or b"")
        if self.frames > FRAMES_A_MINUTE or size > FRAME_BYTES:
            await self.close(code=TOO_MUCH)
        elif not await self._may_hear(self.owner):
            await self.close(code=NOT_ALLOWED)

    async def news(self, message: dict[str, Any]) -> None:
        """Pass a hint on, if the reader is still one of the room's people and did not make the news."""
        if not await self._may_hear(self.owner):
            await self.close(code=NOT_ALLOWED)
        elif message.get("actor_id") != self.scope["user"].pk:
            await self.send_json({"news": message["kind"]})

    async def _may_hear(self, owner: str) -> bool:
        user, session = self.scope.get("user"), self.scope.get("session")
        if user is None or not user.is_authenticated or session is None:
            return False
        return bool(await database_sync_to_async(_may_hear)(session.session_key, user.pk, owner))


def _may_hear(session_key: str | None, user_id: int, owner: str) -> bool:
    """Test whether the log-in that opened the page has not ended, and its person is one of the room's."""
    return is_logged_in(session_key, user_id) and belongs_to_room(user_id, owner)
