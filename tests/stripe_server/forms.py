"""Bodies as they come over the wire, made into nested dictionaries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_server.errors import Json, StripeRefusal


def nested(pairs: Iterable[tuple[str, Any]]) -> Json:
    """Return `a[b][0]=c` as {"a": {"b": {"0": "c"}}}; which of these are lists, the contract knows."""
    found: Json = {}
    for name, value in pairs:
        first, *rest = [name.split("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
        place = found
        keys = [first, *rest]
        for key in keys[:-1]:
            inner = place.setdefault(key or str(len(place)), {})
            if not isinstance(inner, dict):
                raise unreadable()
            place = inner
        place[keys[-1] or str(len(place))] = value
    return found


def unreadable() -> StripeRefusal:
    return StripeRefusal(400, "invalid_request_error", "Invalid request body.", is_kept=False)


def read_query(query: str) -> Json:
    return nested(parse_qsl(query, keep_blank_values=True))


def read_body(body: bytes, content_type: str) -> Json:
    """Return the parameters of a form, of a form with a file, or of JSON."""
    if not body:
        return {}
    if content_type.startswith("application/json"):
        try:
            found = json.loads(body)
        except ValueError:
            raise unreadable() from None
        if not isinstance(found, dict):
            raise unreadable()
        return found
    if content_type.startswith("multipart/form-data"):
        return read_multipart(body, content_type)
    return nested(parse_qsl(body.decode(), keep_blank_values=True))


def read_multipart(body: bytes, content_type: str) -> Json:
    """Return the parameters of a form with a file, which becomes {"name": …, "content": …}."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    pairs: list[tuple[str, Any]] = []
    for part in message.iter_parts():
        name, filename = (part.get_param(key, header="content-disposition") for key in ("name", "filename"))
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            raise unreadable()
        pairs.append((str(name), {"name": filename, "content": content} if filename else content.decode()))
    return nested(pairs)
