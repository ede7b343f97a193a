"""A thousand open pages in rooms of two, against a bare echo: `python -m benchmarks.sockets`.

Ours: sixty messages a second are posted by the product's verb in a process of its own, each stored, then announced by a
hint through Valkey; a second process, uvicorn as in `make run`, holds the sockets of the rooms' people, who say that
they are alive as pages do. The latency is from the commit to the hint at the other person's page, the CPU that of the
process with the sockets; storing a message and showing it are not in it, and are told beside it. Bare: sixty frames a
second to a thousand sockets of an echo, from sending to hearing it. Both sides take turns; medians of the rounds.

Lost is what a page lacks after its socket was cut twenty times and Valkey was restarted while messages went on, once it
has asked for what came after the last message it knew, as pages do when they are connected again and at each heartbeat.
"""

from __future__ import annotations

from benchmarks.world import use_database  # isort: skip  (names the servers to use)

import asyncio
import http.client
import itertools
import os
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from statistics import median

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from websockets.asyncio.client import ClientConnection, connect

from accounts.middleware import AGREED
from accounts.models import Membership, Party, User
from accounts.queries import current_versions
from benchmarks.figures import report, tell
from benchmarks.server import Server, cpu_of, free_port
from core.clock import now
from marketplace.embedded import current
from messaging.models import Room

PEOPLE, RATE, ROUNDS, SECONDS = 1_000, 60, 5, 4
HEARTBEAT = 55
CUTS = 20
MESSAGE = re.compile(r'id="message-(\d+)"')


@dataclass(slots=True)
class Page:
    """One person's open page of a room, and what it has heard."""

    user_id: int
    party_id: int
    room_id: int
    cookie: str
    socket: ClientConnection | None = None
    heard: dict[int, int] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)
    known: int = 0


def make_pages() -> list[Page]:
    """Make the people, their parties, rooms of two and log-ins."""
    at = now()
    names = range(PEOPLE)
    users = User.objects.bulk_create(
        User(email=f"reader{n}@example.test", first_name="Reader", last_name=str(n), password="!", created_at=at)
        for n in names
    )
    kinds = (Party.Kind.CLIENT, Party.Kind.FREELANCER)
    parties = Party.objects.bulk_create(
        Party(kind=kinds[n % 2], name=f"Reader {n}", slug=f"reader-{n}", country="FR", created_at=at) for n in names
    )
    Membership.objects.bulk_create(
        Membership(user=user, party=party, role=Membership.Role.OWNER, created_at=at)
        for user, party in zip(users, parties, strict=True)
    )
    rooms = Room.objects.bulk_create(
        Room(kind=Room.Kind.CONTRACT, owner=f"contract:{900_000_000 + n}", title=f"Room {n}", created_at=at)
        for n in range(PEOPLE // 2)
    )
    through = Room.parties.through
    through.objects.bulk_create(through(room_id=rooms[n // 2].pk, party_id=parties[n].pk) for n in names)
    return [Page(users[n].pk, parties[n].pk, rooms[n // 2].pk, _log_in(users[n])) for n in names]


def _log_in(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[AGREED] = current_versions(now())
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class Sockets:
    """The open pages of all people, at our server."""

    def __init__(self, pages: list[Page], port: int) -> None:
        self.pages, self.port = pages, port
        self.by_room: dict[int, list[Page]] = {}
        for page in pages:
            self.by_room.setdefault(page.room_id, []).append(page)
        self.tasks: list[asyncio.Task[None]] = []

    async def open_all(self) -> None:
        """Open every page's socket, some at a time."""
        for start in range(0, len(self.pages), 50):
            await asyncio.gather(*(self.open(page) for page in self.pages[start : start + 50]))
        self.tasks.append(asyncio.create_task(self._heartbeats()))

    async def open(self, page: Page) -> None:
        """Open the socket of one page and listen to it."""
        page.socket = await connect(
            f"ws://localhost:{self.port}/ws/live/",
            origin=f"http://localhost:{self.port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": page.cookie},
            compression=None,
        )
        assert await page.socket.recv() == '{"kind":"open"}'
        self.tasks.append(asyncio.create_task(self._listen(page, page.socket)))

    async def _listen(self, page: Page, socket: ClientConnection) -> None:
        async for text in socket:
            found = re.search(r'"last_id": ?(\d+)', str(text))
            if found:
                page.heard.setdefault(int(found[1]), time.monotonic_ns())

    async def _heartbeats(self) -> None:
        for page in itertools.cycle(self.pages):
            if page.socket is not None:
                await page.socket.send('{"kind":"alive"}')
            await asyncio.sleep(HEARTBEAT / len(self.pages))

    def ask_for_missed(self, page: Page) -> None:
        """Ask the server, as a page does, for what came after the last message that the page knows."""
        line = http.client.HTTPConnection("localhost", self.port)
        line.request("GET", f"/messages/{page.room_id}/news/?after={page.known}", headers={"Cookie": page.cookie})
        answer = line.getresponse()
        body = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"benchmarks: asking for messages led to {answer.status} {answer.headers}")
        page.shown.update(int(each) for each in MESSAGE.findall(body))
        page.known = max((page.known, *page.shown))
        line.close()


class Poster:
    """The process that posts messages."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; it is ready when it answers."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.poster"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def post(self, page: Page) -> tuple[int, int, int]:
        """Write one message for a page's person; return its id, when the verb began and when the hint was sent."""
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{page.room_id} {page.user_id} {page.party_id}\n".encode())
        pk, began, told = (await self.process.stdout.readline()).split()
        return int(pk), int(began), int(told)

    async def stop(self) -> None:
        """End it."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()


async def our_round(
    sockets: Sockets, poster: Poster, server: Server, chance: random.Random
) -> tuple[float, float, float]:
    """Return the milliseconds to the other's page (from the commit, and from the verb), and of CPU for each message."""
    sent: dict[int, tuple[Page, int, int]] = {}
    cpu, start = server.cpu(), time.monotonic()
    for number in range(RATE * SECONDS):
        author = chance.choice(sockets.pages)
        pk, began, told = await poster.post(author)
        (other,) = (page for page in sockets.by_room[author.room_id] if page is not author)
        sent[pk] = (other, began, told)
        await asyncio.sleep(max(0, start + (number + 1) / RATE - time.monotonic()))
    await asyncio.sleep(0.3)
    used = server.cpu() - cpu
    missing = [pk for pk, (other, _began, _told) in sent.items() if pk not in other.heard]
    if missing:
        raise SystemExit(f"benchmarks: {len(missing)} hints did not arrive")
    told_ms = median((other.heard[pk] - told) / 1e6 for pk, (other, _began, told) in sent.items())
    verb_ms = median((other.heard[pk] - began) / 1e6 for pk, (other, began, _told) in sent.items())
    return told_ms, verb_ms, 1000 * used / len(sent)


async def bare_round(sockets: list[ClientConnection], pid: int, chance: random.Random) -> tuple[float, float]:
    """Return the milliseconds of an echo, and of CPU for each."""
    times = []
    cpu, start = cpu_of(pid), time.monotonic()
    text = '{"kind":"room","room":123456,"last_id":123456}'
    for number in range(RATE * SECONDS):
        socket = chance.choice(sockets)
        began = time.monotonic_ns()
        await socket.send(text)
        await socket.recv()
        times.append((time.monotonic_ns() - began) / 1e6)
        await asyncio.sleep(max(0, start + (number + 1) / RATE - time.monotonic()))
    return median(times), 1000 * (cpu_of(pid) - cpu) / len(times)


async def lost_messages(sockets: Sockets, poster: Poster, chance: random.Random) -> int:
    """Cut sockets and restart Valkey while messages go on; return how many messages pages lack in the end."""
    watched = sockets.pages[:CUTS]
    for page in watched:
        page.known = max(page.heard, default=0)
    written: dict[int, set[int]] = {}
    for number in range(RATE * SECONDS):
        author = watched[number % CUTS]
        if number == RATE * SECONDS // 2:
            await asyncio.to_thread(restart_valkey)
        if number % (RATE * SECONDS // CUTS) == 0:
            page = watched[number // (RATE * SECONDS // CUTS) % CUTS]
            assert page.socket is not None
            await page.socket.close()
            await sockets.open(page)
            await asyncio.to_thread(sockets.ask_for_missed, page)
        pk, _began, _told = await poster.post(author)
        written.setdefault(author.room_id, set()).add(pk)
        await asyncio.sleep(chance.random() / RATE)
    for page in watched:  # the next heartbeat
        await asyncio.to_thread(sockets.ask_for_missed, page)
    return sum(len(written.get(page.room_id, set()) - page.shown) for page in watched)


def restart_valkey() -> None:
    """Kill the broker and start it again, empty."""
    stack = current()
    stack.valkey("SHUTDOWN NOSAVE")
    stack.ensure()


def memory_of(pid: int) -> int:
    """Return the resident memory of a process, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]


async def open_bare(port: int) -> list[ClientConnection]:
    """Open as many sockets at the echo."""
    opened: list[ClientConnection] = []
    while len(opened) < PEOPLE:
        opened += await asyncio.gather(*(connect(f"ws://localhost:{port}/", compression=None) for _each in range(50)))
    return opened


async def measure(pages: list[Page], server: Server, echo: subprocess.Popen[bytes], echo_port: int) -> None:
    """Take turns, then cut and restart."""
    chance = random.Random(7)
    before = memory_of(server.process.pid)
    sockets, poster = Sockets(pages, server.port), Poster()
    await sockets.open_all()
    ours_memory = (memory_of(server.process.pid) - before) / PEOPLE
    before = memory_of(echo.pid)
    bare = await open_bare(echo_port)
    tell(f"memory per connection: {ours_memory:.0f} KiB, of the echo {(memory_of(echo.pid) - before) / PEOPLE:.0f} KiB")
    await poster.start()
    for page in chance.sample(pages, 50):
        await poster.post(page)
    ours, theirs = [], []
    for number in range(ROUNDS):
        theirs.append(await bare_round(bare, echo.pid, chance))
        ours.append(await our_round(sockets, poster, server, chance))
        tell(
            f"round {number + 1}: echo {theirs[-1][0]:.2f} ms, CPU {theirs[-1][1]:.2f} ms; page {ours[-1][0]:.2f} ms "
            f"from the commit, {ours[-1][1]:.2f} ms from the verb, CPU {ours[-1][2]:.2f} ms"
        )
    lost = await lost_messages(sockets, poster, chance)
    await poster.stop()
    for task in sockets.tasks:
        task.cancel()
    report("ws_p50_vs_bare", median(each[0] for each in ours) / median(each[0] for each in theirs), "<=6")
    report("ws_cpu_vs_bare", median(each[2] for each in ours) / median(each[1] for each in theirs), "<=7")
    report("ws_lost", lost, "<=0")


def main() -> None:
    """Measure and print the figures of the socket."""
    use_database()
    tell(f"making {PEOPLE} people ...")
    pages = make_pages()
    connection.close()
    port = free_port()
    echo = subprocess.Popen([sys.executable, "-m", "benchmarks.echo", str(port)])
    try:
        with Server("marketplace.asgi:application", JALON_STACK=os.environ["JALON_STACK"]) as server:
            asyncio.run(measure(pages, server, echo, port))
    finally:
        echo.kill()


if __name__ == "__main__":
    main()
