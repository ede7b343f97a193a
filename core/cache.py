"""The cache, which may be gone at any moment: then nothing is remembered, and nobody is let in uncounted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.translation import gettext as _
from redis import Redis
from redis.exceptions import RedisError

from core.errors import DomainError

logger = logging.getLogger("jalon.cache")
Answer = TypeVar("Answer")
#: Seconds for which a server that did not answer is not asked again, and between two lines about it in the log.
REST, LOG_EVERY = 5.0, 60.0
#: Keys of counters: allauth's of attempts to log in, sign up and have mails sent; `core.limits` has its own.
COUNTERS = ("allauth:rl:", "limit:")
#: Keys that one process keeps in mind to delete when the server is back.
MOST_STALE = 10_000


class CacheDown(DomainError):
    """What has to be counted cannot be counted just now."""

    status_code = 503


@dataclass(slots=True)
class Outage:
    """What a process knows of a server that does not answer; one for all threads, each of which has its own cache.

    Until `asleep_until` it is left alone; `stale` are the keys to delete when it is back.
    """

    asleep_until: float = 0.0
    logged_at: float | None = None
    stale: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, error: Exception) -> None:
        """Leave the server alone for some seconds, and say so once a minute."""
        moment = time.monotonic()
        self.asleep_until = moment + REST
        if self.logged_at is None or moment - self.logged_at >= LOG_EVERY:
            self.logged_at = moment
            logger.error("the cache does not answer; going on without it: %s", error)

    def remember(self, keys: Iterable[str]) -> None:
        """Keep keys in mind that hold what they should not any more."""
        with self.lock:
            if len(self.stale) < MOST_STALE:
                self.stale.update(keys)

    def forget(self) -> None:
        """Know of no outage."""
        self.asleep_until, self.logged_at = 0.0, None
        self.stale.clear()


outage = Outage()


#: The one client of each server for all threads of the process.
_clients: dict[str, Redis] = {}


class _OneClient(RedisCacheClient):
    """Django's way to the server, but by one client.

    Django makes one for each call and, under ASGI, a pool and so a connection for each request.
    """

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        """Return the client."""
        address = self._servers[0]  # type: ignore[attr-defined]  # Django's, and not in its stubs
        if address not in _clients:
            _clients[address] = super().get_client(key, write=write)
        return _clients[address]


class ForgivingCache(RedisCache):
    """Django's cache on Redis or Valkey, but a server that does not answer is a cache in which nothing is found.

    Sessions are read from the database then, and people who are signed in go on with their work. Counters are the
    exception: a limit that cannot be counted would be none, and a log-in without one is an open door for guessing, so
    that CacheDown is raised and the page says to try again in some minutes.

    What should have been changed or deleted meanwhile, such as the session of somebody who logged out, is deleted
    first when the server is back: it may have kept what it held. A process that ends before that takes this with it.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store a value unless there is one; False without a server."""
        return bool(
            self._try([key], version, lambda: super(ForgivingCache, self).add(key, value, timeout, version), False)
        )

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return the value, or `default` if there is none or no server."""
        return self._try([key], version, lambda: super(ForgivingCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Store a value."""
        self._try(
            [key], version, lambda: super(ForgivingCache, self).set(key, value, timeout, version), None, writes=True
        )

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Let a value live longer; False without a server."""
        return bool(self._try([key], version, lambda: super(ForgivingCache, self).touch(key, timeout, version), False))

    def delete(self, key: Any, version: Any = None) -> bool:
        """Forget a value, at the latest when the server is back."""
        return bool(
            self._try([key], version, lambda: super(ForgivingCache, self).delete(key, version), False, writes=True)
        )

    def get_many(self, keys: Iterable[Any], version: Any = None) -> dict[Any, Any]:
        """Return the values that are there; none without a server."""
        wanted = list(keys)
        return self._try(wanted, version, lambda: super(ForgivingCache, self).get_many(wanted, version), {})

    def has_key(self, key: Any, version: Any = None) -> bool:
        """Test whether there is a value; False without a server."""
        return bool(self._try([key], version, lambda: super(ForgivingCache, self).has_key(key, version), False))

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Count on. Raises ValueError for a key that is not there, as without a server."""
        count = self._try([key], version, lambda: super(ForgivingCache, self).incr(key, delta, version), None)
        if count is None:
            raise ValueError(f"Key '{key}' not found")
        return int(count)

    def set_many(self, data: dict[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> list[Any]:
        """Store values; return the keys of those that were not."""
        keys = list(data)
        act = lambda: super(ForgivingCache, self).set_many(data, timeout, version)  # noqa: E731
        return list(self._try(keys, version, act, keys, writes=True))

    def delete_many(self, keys: Iterable[Any], version: Any = None) -> None:
        """Forget values, at the latest when the server is back."""
        gone = list(keys)
        self._try(gone, version, lambda: super(ForgivingCache, self).delete_many(gone, version), None, writes=True)

    def ask(self) -> None:
        """Ask the server for a sign of life, also while it rests. Raises RedisError or OSError if there is none."""
        super().get("readyz")

    def _try(
        self, keys: list[Any], version: Any, act: Callable[[], Answer], otherwise: Answer, *, writes: bool = False
    ) -> Answer:
        if time.monotonic() >= outage.asleep_until:
            try:
                if outage.stale:
                    self._delete_stale()
                return act()
            except (RedisError, OSError) as error:
                outage.begin(error)
        if any(str(key).startswith(COUNTERS) for key in keys):
            raise CacheDown(_("This cannot be done just now. Try again in a few minutes."))
        if writes:
            outage.remember(self.make_and_validate_key(key, version=version) for key in keys)
        return otherwise

    def _delete_stale(self) -> None:
        """Delete what could not be changed while the server was away; it is kept in mind until that is done."""
        with outage.lock:
            keys = set(outage.stale)
        self._cache.delete_many(keys)
        with outage.lock:
            outage.stale -= keys
