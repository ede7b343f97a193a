"""Rooms with what was written in them, and the calls made from them."""

from messaging.models.calls import Call, CallPerson
from messaging.models.rooms import (
    LONGEST,
    LONGEST_WORD,
    AuthorName,
    GuardCase,
    Masking,
    Message,
    ReadMark,
    Room,
    RoomBlock,
)

__all__ = [
    "LONGEST",
    "LONGEST_WORD",
    "AuthorName",
    "Call",
    "CallPerson",
    "GuardCase",
    "Masking",
    "Message",
    "ReadMark",
    "Room",
    "RoomBlock",
]
