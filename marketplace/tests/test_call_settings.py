"""The settings of calls: half a relay is refused at start, in words, and without its secret."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.call_settings import call_problems, read_ice_servers

SECRET = "s" * 16
RELAY = {"urls": ["turn:relay.example:3478"], "username": "a", "credential": "b"}
GOOD: dict[str, Any] = {
    "servers": [],
    "turn_urls": ["turn:relay.example:3478", "turns:relay.example:5349?transport=tcp"],
    "turn_secret": SECRET,
    "turn_seconds": 3600,
    "is_relay_only": True,
}


def test_a_whole_relay_and_none_at_all_are_right() -> None:
    assert call_problems(**GOOD) == []
    assert call_problems(servers=[], turn_urls=[], turn_secret="", turn_seconds=3600, is_relay_only=False) == []
    assert call_problems(servers=[RELAY], turn_urls=[], turn_secret="", turn_seconds=60, is_relay_only=True) == []


@pytest.mark.parametrize(
    ("change", "begins"),
    [
        ({"turn_urls": ["relay.example"]}, "TURN_URL must be addresses such as"),
        ({"turn_urls": ["stun:relay.example:3478"]}, "TURN_URL must be addresses such as"),
        ({"turn_secret": "short"}, "Set TURN_SECRET: the secret of the relay"),
        ({"turn_urls": [], "is_relay_only": False}, "Set TURN_URL: TURN_SECRET alone reaches no relay."),
        ({"turn_seconds": 3601}, "TURN_SECONDS must be between 60 and 3600."),
        ({"turn_seconds": 59}, "TURN_SECONDS must be between 60 and 3600."),
        ({"turn_urls": [], "turn_secret": ""}, "CALLS_RELAY_ONLY needs a relay"),
        (
            {"servers": [{"urls": ["stun:a.example"]}], "turn_urls": [], "turn_secret": ""},
            "CALLS_RELAY_ONLY needs a relay",
        ),
    ],
)
def test_half_a_relay_is_refused(change: dict[str, Any], begins: str) -> None:
    found = call_problems(**{**GOOD, **change})

    assert [problem[: len(begins)] for problem in found] == [begins]
    assert "short" not in found[0]


def test_servers_are_read_as_browsers_take_them() -> None:
    text = '[{"urls": "stun:stun.example:3478"}, {"urls": ["turn:t.example"], "username": "a", "credential": "b"}]'

    assert read_ice_servers(text) == [
        {"urls": ["stun:stun.example:3478"]},
        {"urls": ["turn:t.example"], "username": "a", "credential": "b"},
    ]
    assert read_ice_servers(" ") == []


@pytest.mark.parametrize(
    "text",
    [
        "turn:relay.example",
        "{}",
        "[1]",
        "[{}]",
        '[{"urls": []}]',
        '[{"urls": [5]}]',
        '[{"urls": "https://relay.example"}]',
        '[{"urls": "turn:relay.example"}]',
        '[{"urls": "turn:relay.example", "username": "a"}]',
        '[{"urls": "stun:a.example", "password": "a"}]',
    ],
)
def test_servers_that_no_browser_takes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ICE_SERVERS must be a list in JSON"):
        read_ice_servers(text)
