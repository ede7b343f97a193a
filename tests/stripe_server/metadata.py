"""Metadata: up to 50 keys that belong to the caller."""

from __future__ import annotations

from typing import Any

from tests.stripe_server.errors import Json, invalid


def new_metadata(given: Any) -> Json:
    """Return the metadata of a new object."""
    return changed_metadata({}, given)


def changed_metadata(present: Json, given: Any) -> Json:
    """Return metadata with the given keys set; an empty value takes one out, an empty text takes all out."""
    if given is None:
        return present
    if given == "":
        return {}
    for key, value in given.items():
        if len(key) > 40 or len(value) > 500:
            raise invalid("Metadata keys have at most 40 characters, values at most 500.", param=f"metadata[{key}]")
    merged = {key: value for key, value in {**present, **given}.items() if value != ""}
    if len(merged) > 50:
        raise invalid("Metadata can have at most 50 keys.", param="metadata")
    return merged
