"""Reads of rooms, messages and calls, for the people of their parties."""

from messaging.queries.calls import (
    CallLine,
    call_for,
    call_lines,
    live_call_of,
    name_in_room,
    others_of,
    people_to_ring,
    ringing_for,
    seat_of,
)
from messaging.queries.rooms import (
    PAGE,
    MessagePage,
    belongs_to_room,
    latest_message,
    message_page,
    messages_of,
    room_for,
    room_of,
    rooms_for,
    rooms_written_in,
    unread_count,
)

__all__ = [
    "PAGE",
    "CallLine",
    "MessagePage",
    "belongs_to_room",
    "call_for",
    "call_lines",
    "latest_message",
    "live_call_of",
    "message_page",
    "messages_of",
    "name_in_room",
    "others_of",
    "people_to_ring",
    "ringing_for",
    "room_for",
    "room_of",
    "rooms_for",
    "rooms_written_in",
    "seat_of",
    "unread_count",
]
