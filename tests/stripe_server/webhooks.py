"""Signed deliveries of events: at once or when asked, late, twice, out of order, or never."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import itertools
import json
import random
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Literal
from urllib.parse import urlsplit

from tests.stripe_server.errors import Json

Scope = Literal["platform", "connect", "v2"]


def signature(body: bytes, secret: str, *, at: int) -> str:
    """Return the header that proves a body: its time, and the keyed hash of both."""
    proof = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={proof}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events of one scope go, and the secret that signs them; no `events` means all."""

    url: str
    scope: Scope
    secret: str
    events: tuple[str, ...] = ()

    def wants(self, event: Json) -> bool:
        scope = "v2" if event["object"] == "v2.core.event" else "connect" if "account" in event else "platform"
        return scope == self.scope and (not self.events or event["type"] in self.events)


@dataclass(slots=True)
class Delivery:
    """One event on its way to one endpoint, with the status of each attempt (0: no answer)."""

    endpoint: Endpoint
    event: Json
    body: bytes
    statuses: list[int] = field(default_factory=list)

    def headers(self, *, at: int | None = None) -> dict[str, str]:
        """Return the headers of an attempt, signed at this moment unless another is named."""
        when = int(time.time()) if at is None else at
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(self.body, self.endpoint.secret, at=when),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }

    @property
    def is_delivered(self) -> bool:
        return any(200 <= status < 300 for status in self.statuses)


class Webhooks:
    """The endpoints and what is on its way to them.

    Events are sent by a thread of their own as they happen, `delay` seconds later, and again after 1, 2, 4 … times
    `backoff` seconds, at most `attempts` times, until an endpoint answers 2xx. While `hold()` is in force they wait in
    `held` for `release()`.
    """

    def __init__(self) -> None:
        self.endpoints: list[Endpoint] = []
        self.deliveries: list[Delivery] = []
        self.held: list[Delivery] = []
        self.delay, self.backoff, self.attempts = 0.0, 0.05, 4
        self._is_holding = self._is_closed = False
        self._due: list[tuple[float, int, Delivery]] = []
        self._numbers = itertools.count()
        self._under_way = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, url: str, scope: Scope = "platform", *, secret: str = "", events: tuple[str, ...] = ()) -> Endpoint:
        """Send the events of a scope to an address from now on."""
        endpoint = Endpoint(url, scope, secret or f"whsec_{secrets.token_hex(16)}", events)
        self.endpoints.append(endpoint)
        return endpoint

    def announce(self, event: Json) -> None:
        """Take a new event in."""
        body = json.dumps(event, indent=2).encode()
        for endpoint in self.endpoints:
            if endpoint.wants(event):
                delivery = Delivery(endpoint, event, body)
                self.deliveries.append(delivery)
                if self._is_holding:
                    self.held.append(delivery)
                else:
                    self._plan(delivery, self.delay)

    def hold(self) -> None:
        """Keep coming events back."""
        self._is_holding = True

    def resume(self) -> None:
        """Send events as they happen again; what is held stays so until `release()`."""
        self._is_holding = False

    def release(
        self, *, order: random.Random | None = None, copies: int = 1, drop: frozenset[str] = frozenset()
    ) -> list[Delivery]:
        """Send all that is held, and return when each has been tried.

        `order` shuffles, `copies` sends each so often, and events of a type in `drop` never arrive.
        """
        waiting = [each for each in self.held for _ in range(copies) if each.event["type"] not in drop]
        self.held.clear()
        if order is not None:
            order.shuffle(waiting)
        for delivery in waiting:
            self.send(delivery)
        return waiting

    def send(self, delivery: Delivery, *, at: int | None = None) -> int:
        """Try a delivery once, here and now, and return the status (0: no answer)."""
        status = post(delivery.endpoint.url, delivery.body, delivery.headers(at=at))
        delivery.statuses.append(status)
        return status

    def settle(self, *, within: float = 10.0) -> None:
        """Wait until nothing is on its way any more."""
        with self._changed:
            is_done = self._changed.wait_for(lambda: not self._due and self._under_way == 0, timeout=within)
        assert is_done, f"{len(self._due)} webhooks are still on their way after {within} s"

    def close(self) -> None:
        """Give up what is on its way."""
        with self._changed:
            self._is_closed = True
            self._due.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    # The thread

    def _plan(self, delivery: Delivery, wait: float) -> None:
        with self._changed:
            if self._is_closed:
                return
            heapq.heappush(self._due, (time.monotonic() + wait, next(self._numbers), delivery))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="stripe-webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            status = self.send(delivery)
            if not 200 <= status < 300 and len(delivery.statuses) < self.attempts:
                self._plan(delivery, self.backoff * 2 ** (len(delivery.statuses) - 1))
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        """Return the next delivery when it is due, or none at the end."""
        with self._changed:
            while not self._is_closed:
                if self._due and self._due[0][0] <= time.monotonic():
                    self._under_way += 1
                    return heapq.heappop(self._due)[2]
                self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
            return None


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body and return the status, or 0 where no answer came."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("POST", parts.path or "/", body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
