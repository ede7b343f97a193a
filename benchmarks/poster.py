"""A web process that only writes messages, through the verb of the product: one for each line that it is told.

It reads `<room> <user> <party>` from standard input and answers `<message> <began> <told>`: the message's id, and the
nanoseconds of the machine's clock when the verb began and when its hint was about to be sent, after the commit.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

import django

django.setup()

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from core.actor import Actor
from core.clock import now
from messaging import live
from messaging.actions import post_message

_told = 0


def _note_when_told() -> None:
    send = live._send  # noqa: SLF001  (the one place where hints leave)

    def timed(words: Any) -> None:
        global _told  # noqa: PLW0603
        _told = time.monotonic_ns()
        send(words)

    live._send = timed  # noqa: SLF001


def _post(line: str, number: int) -> str:
    room_id, user_id, party_id = map(int, line.split())
    actor = Actor(user_id=user_id, party_id=party_id, role="owner")
    began = time.monotonic_ns()
    message = post_message(room_id=room_id, text=f"Message {number}", token=f"{number}:{began}", by=actor, at=now())
    return f"{message.pk} {began} {_told}"


async def main() -> None:
    """Post until the input ends; the verb runs in a thread beside the loop, as it does in a web process."""
    _note_when_told()
    get_channel_layer()
    number = 0
    while line := await asyncio.to_thread(sys.stdin.readline):
        number += 1
        print(await sync_to_async(_post)(line, number), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
