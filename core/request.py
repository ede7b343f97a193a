"""The id of the request or task at work, for events and logs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request or task at work; empty outside of one."""
    return _request_id.get()


@contextmanager
def request_scope(request_id: str = "") -> Iterator[str]:
    """Give everything inside one request id, a new one unless given, and yield it."""
    token = _request_id.set(request_id or uuid.uuid4().hex)
    try:
        yield _request_id.get()
    finally:
        _request_id.reset(token)
