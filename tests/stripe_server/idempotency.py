"""Idempotency keys: one key, one body, one answer."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from tests.stripe_server.errors import Json, StripeRefusal

KEPT_FOR = 24 * 3600  # seconds; Stripe may forget a key of v1 after that


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: Json
    request_id: str
    replay_of: str | None = None

    @property
    def is_replay(self) -> bool:
        return self.replay_of is not None


@dataclass(slots=True)
class Remembered:
    fingerprint: str
    at: float
    answer: Answer | None = None  # none while the first call is under way


def fingerprint_of(method: str, path: str, params: Json) -> str:
    """Return a hash of what a call asks for."""
    asked = json.dumps([method, path, params], sort_keys=True, default=repr)
    return hashlib.sha256(asked.encode()).hexdigest()


class IdempotencyKeys:
    """The keys that calls came with, each with the hash of its call and the answer that it got."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str | None], Remembered] = {}

    def begin(self, key: str, account: str | None, fingerprint: str, *, now: float) -> Answer | None:
        """Return the remembered answer of a key, or none when the call shall now be done.

        Raises StripeRefusal when the key came with another body (400) or is in use at this moment (409).
        """
        with self._lock:
            known = self._known.get((key, account))
            if known is not None and known.answer is not None and now - known.at >= KEPT_FOR:
                known = None
            if known is None:
                self._known[key, account] = Remembered(fingerprint, now)
                return None
            if known.fingerprint != fingerprint:
                raise other_body(key)
            if known.answer is None:
                raise in_use(key)
            return known.answer

    def keep(self, key: str, account: str | None, answer: Answer) -> None:
        with self._lock:
            self._known[key, account].answer = answer

    def forget(self, key: str, account: str | None) -> None:
        """Let the key be used anew: nothing had begun."""
        with self._lock:
            self._known.pop((key, account), None)

    def remembered(self, key: str, account: str | None = None) -> Any:
        """Return the answer kept for a key, or none."""
        with self._lock:
            known = self._known.get((key, account))
            return known and known.answer


def other_body(key: str) -> StripeRefusal:
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return StripeRefusal(400, "idempotency_error", message, is_kept=False)


def in_use(key: str) -> StripeRefusal:
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later."
    )
    return StripeRefusal(409, "idempotency_error", message, is_kept=False, code="idempotency_key_in_use")
