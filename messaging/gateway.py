"""The relay that the two browsers of a call may need: where it is, and a password of it that soon works no more."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.conf import settings


def ice_servers(user_id: int, at: datetime) -> list[dict[str, Any]]:
    """Return the servers through which a person's browser may reach the other one, with a password of their own.

    The relay is asked for nothing: it knows the same secret and reckons the same password, which is how coturn's
    `use-auth-secret` works. `at` is real time.
    """
    servers: list[dict[str, Any]] = [dict(each) for each in settings.ICE_SERVERS]
    if settings.TURN_URL:
        name = f"{int(at.timestamp()) + settings.TURN_SECONDS}:{user_id}"
        servers.append({"urls": list(settings.TURN_URL), "username": name, "credential": _password(name)})
    return servers


def has_relay() -> bool:
    """Test whether there is a relay to choose."""
    return bool(settings.TURN_URL) or any(
        url.startswith("turn") for each in settings.ICE_SERVERS for url in each["urls"]
    )


def _password(name: str) -> str:
    # HMAC-SHA1 is what the relay's protocol demands (draft-uberti-behave-turn-rest).
    return base64.b64encode(hmac.new(settings.TURN_SECRET.encode(), name.encode(), hashlib.sha1).digest()).decode()
