"""Signatures of webhooks as Stripe makes them, `t=<seconds>,v1=<hmac>`; the sandbox signs the same way."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from django.utils.crypto import constant_time_compare

#: Seconds that a signature may be old, or ahead of the clock.
TOLERANCE = 300


def sign(body: bytes, *, secret: bytes, stamp: int) -> str:
    """Return the header that goes with a body."""
    return f"t={stamp},v1={_mac(secret, stamp, body)}"


def is_signed(body: bytes, header: str, *, secrets: Iterable[bytes], moment: float) -> bool:
    """Test whether one of the secrets signed the raw body within minutes of the moment, before or after it."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in parts if name.strip() == "t"]
    macs = [value for name, value in parts if name.strip() == "v1"]
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdecimal() or len(stamps[0]) > 12:
        return False
    stamp = int(stamps[0])
    if abs(moment - stamp) > TOLERANCE:
        return False
    return any(constant_time_compare(_mac(secret, stamp, body), mac) for secret in secrets for mac in macs)


def _mac(secret: bytes, stamp: int, body: bytes) -> str:
    return hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
