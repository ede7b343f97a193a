"""What must be true of the settings of calls before anything starts: a wrong relay shows only when a call fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: An address of a relay or of a server that tells a browser its own address, as browsers take it.
_TURN = re.compile(r"^turns?:[^\s/@?]+(\?transport=(udp|tcp))?$")
_ICE = re.compile(r"^(stuns?:[^\s/@?]+|turns?:[^\s/@?]+(\?transport=(udp|tcp))?)$")
KEYS = frozenset({"urls", "username", "credential"})
#: Seconds for which the longest-lived password of a relay works.
LONGEST = 3600
SHORTEST = 60
SHORTEST_SECRET = 16


def read_ice_servers(text: str) -> list[dict[str, Any]]:
    """Return the servers of `ICE_SERVERS`, a list in JSON as browsers take it. Raises ValueError with what to write."""
    if not text.strip():
        return []
    shape = (
        "ICE_SERVERS must be a list in JSON such as "
        '[{"urls": ["turn:turn.example:3478"], "username": "a", "credential": "b"}].'
    )
    try:
        servers = json.loads(text)
    except ValueError:
        raise ValueError(shape) from None
    if not isinstance(servers, list) or not all(_is_server(each) for each in servers):
        raise ValueError(shape)
    return [{**each, "urls": _listed(each["urls"])} for each in servers]


def call_problems(
    *,
    servers: Sequence[Mapping[str, Any]],
    turn_urls: Sequence[str],
    turn_secret: str,
    turn_seconds: int,
    is_relay_only: bool,
) -> list[str]:
    """Return what is missing or contradicts itself, each with what to do; secrets are never repeated."""
    return [
        *_relay_problems(turn_urls, turn_secret, turn_seconds),
        *(
            ["CALLS_RELAY_ONLY needs a relay: set TURN_URL and TURN_SECRET, or a turn: address in ICE_SERVERS."]
            if is_relay_only and not turn_urls and not has_relay(servers)
            else []
        ),
    ]


def has_relay(servers: Sequence[Mapping[str, Any]]) -> bool:
    """Test whether one of the servers is a relay."""
    return any(url.startswith("turn") for each in servers for url in each["urls"])


def _relay_problems(urls: Sequence[str], secret: str, seconds: int) -> Iterator[str]:
    if any(not _TURN.match(url) for url in urls):
        yield "TURN_URL must be addresses such as turn:turn.example:3478 or turns:turn.example:5349, parted by commas."
    if urls and len(secret) < SHORTEST_SECRET:
        yield f"Set TURN_SECRET: the secret of the relay (static-auth-secret), {SHORTEST_SECRET} characters or more."
    if secret and not urls:
        yield "Set TURN_URL: TURN_SECRET alone reaches no relay."
    if not SHORTEST <= seconds <= LONGEST:
        yield f"TURN_SECONDS must be between {SHORTEST} and {LONGEST}."


def _is_server(server: Any) -> bool:
    if not isinstance(server, dict) or set(server) - KEYS or not server.get("urls"):
        return False
    urls = _listed(server["urls"])
    named = [server[key] for key in ("username", "credential") if key in server]
    return (
        all(isinstance(url, str) and _ICE.match(url) for url in urls)
        and all(isinstance(word, str) and word for word in named)
        and len(named) == (2 if any(str(url).startswith("turn") for url in urls) else 0)
    )


def _listed(urls: Any) -> list[Any]:
    return urls if isinstance(urls, list) else [urls]
