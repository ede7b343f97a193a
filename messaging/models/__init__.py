"""Rooms with what was written in them, and the calls made from them."""

from messaging.models.calls import Call, CallPerson
from messaging.models.rooms import (
    LONGEST,
    LONGEST_WORD,
    MESSAGE_FILES,
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
    "MESSAGE_FILES",
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
