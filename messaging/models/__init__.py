"""Rooms with what was written in them, and the calls made from them."""

from messaging.models.calls import Call, CallPerson
from messaging.models.rooms import LONGEST, AuthorName, Message, ReadMark, Room

__all__ = ["LONGEST", "AuthorName", "Call", "CallPerson", "Message", "ReadMark", "Room"]
