"""Short-lived links to the bytes of a file, for the one person who was allowed to open it."""

from __future__ import annotations

import uuid
from enum import Enum

from django.core import signing

from core.actor import Actor
from files.models import StoredFile

#: Seconds of real time that a link lives.
LIFE = 300
_SALT = "files.content"


class Link(Enum):
    """What a link turned out to be."""

    GOOD = "good"
    OLD = "old"
    WRONG = "wrong"


def sign(file: StoredFile, actor: Actor) -> str:
    """Return the token of a link to `file` for `actor`; call it only after asking whether they may read it."""
    return signing.dumps([file.pk.hex, actor.user_id], salt=_SALT)


def judge(token: str, file_id: uuid.UUID, actor: Actor) -> Link:
    """Return whether a token is good for this file and person, was so until it grew old, or never was."""
    try:
        signed = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return Link.WRONG
    if signed != [file_id.hex, actor.user_id]:
        return Link.WRONG
    try:
        signing.loads(token, salt=_SALT, max_age=LIFE)
    except signing.SignatureExpired:
        return Link.OLD
    return Link.GOOD
