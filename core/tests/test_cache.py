"""A cache server that is gone: people go on, nobody is let in uncounted, and what was forgotten stays forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache, caches

from core.cache import CacheDown, outage

GONE = "unix:///nowhere/valkey.sock"


@pytest.fixture(autouse=True)
def awake() -> Iterator[None]:
    """Let nothing of an outage outlive its test."""
    yield
    outage.forget()


@pytest.fixture
def gone(settings: Any) -> None:
    """Point the cache to a server that is not there."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": GONE}}


@pytest.mark.usefixtures("gone")
def test_without_a_server_nothing_is_found_and_nothing_breaks() -> None:
    cache.set("a", 1)
    cache.set_many({"a": 1, "b": 2})
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a", "b"]) == {}
    assert (cache.add("a", 1), cache.touch("a"), cache.delete("a"), cache.has_key("a")) == (False,) * 4
    cache.delete_many(["a", "b"])
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize("key", ["allauth:rl:allauth.account:login_failed:5/300/key:abc", "limit:messages:user:1"])
def test_what_counts_attempts_says_that_it_cannot(key: str) -> None:
    for act in (cache.get, cache.delete, cache.incr, lambda key: cache.set(key, 1), lambda key: cache.add(key, 0)):
        with pytest.raises(CacheDown):
            act(key)


@pytest.mark.usefixtures("gone")
def test_it_is_logged_once_a_minute_and_the_server_is_left_alone_meanwhile(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [1000.0]
    monkeypatch.setattr("core.cache.time.monotonic", lambda: moment[0])
    for second in (0.0, 1.0, 6.0, 30.0, 59.0, 66.0):
        moment[0] = 1000.0 + second
        cache.get("a")
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.get", lambda *_args: "back")
    assert cache.get("a") is None, "it rests"
    moment[0] += 5.0
    assert cache.get("a") == "back"


def test_what_was_to_be_forgotten_meanwhile_is_gone_when_the_server_is_back(settings: Any) -> None:
    cache.set("session", "of somebody")
    cache.set("old", "value")
    there = settings.CACHES
    settings.CACHES = {"default": {**there["default"], "LOCATION": GONE}}
    caches["default"].delete("session")
    caches["default"].set("old", "newer value")

    settings.CACHES = there
    outage.asleep_until = 0.0

    assert (cache.get("session"), cache.get("old")) == (None, None)
    assert outage.stale == set()
