"""File names as people give them, made safe to show and to save under."""

from __future__ import annotations

import re
import unicodedata

from core.text import UNSEEN

LONGEST = 120
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')


def clean_name(given: str, *, fallback: str = "file") -> str:
    """Return the last part of a name without what could mislead a person or a computer, at most 120 characters.

    Folders, controls, NUL, right-to-left overrides and leading dots go; the ending stays.
    """
    last = re.split(r"[\\/]", given)[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign) not in UNSEEN)
    plain = " ".join(_FORBIDDEN.sub("_", seen).split()).strip(". ")
    if not plain:
        return fallback
    if len(plain) <= LONGEST:
        return plain
    stem, ending = split_name(plain)
    tail = f".{ending}" if ending and len(ending) < LONGEST // 4 else ""
    return stem[: LONGEST - len(tail)].rstrip(". ") + tail


def split_name(name: str) -> tuple[str, str]:
    """Return a name without its ending, and the ending in lower case without the dot."""
    stem, dot, ending = name.rpartition(".")
    return (stem, ending.lower()) if dot and stem else (name, "")


def with_ending(name: str, ending: str) -> str:
    """Return a name with another ending in place of its own."""
    return clean_name(f"{split_name(name)[0]}.{ending}")
