"""Who may do what at the addresses of messaging."""

from __future__ import annotations

from typing import Any

from tests.access import Row, admin_pages, cells, staff_cells

#: Those who write in rooms of the two sides, and those who read in one before a contract: finance does not enter it.
WRITERS = "client client_admin hiring_manager freelancer named_worker"
READERS = WRITERS


def _room(world: Any) -> dict[str, Any]:
    return {"room_id": world.talk.pk}


def _message(world: Any) -> dict[str, Any]:
    return {"room_id": world.talk.pk, "message_id": world.masking.message_id}


ACCESS = {
    "messaging:rooms": Row(get=cells(ok="*"), query="?q=screen"),
    "messaging:unread": Row(get=cells(ok="*")),
    "messaging:room": Row(kwargs=_room, get=cells(ok=READERS, missing="*")),
    "messaging:room_news": Row(kwargs=_room, query="?after=0", get=cells(ok=READERS, missing="*")),
    "messaging:room_archive": Row(kwargs=_room, post=cells(redirect=READERS, missing="*")),
    "messaging:room_unarchive": Row(kwargs=_room, post=cells(redirect=READERS, missing="*")),
    "messaging:room_block": Row(
        kwargs=_room,
        get=cells(ok=WRITERS, missing="*"),
        post=cells(redirect=WRITERS, missing="*"),
    ),
    "messaging:room_unblock": Row(kwargs=_room, post=cells(redirect=WRITERS, missing="*")),
    "messaging:message_post": Row(
        kwargs=lambda world: {"room_id": world.room.pk},
        data=lambda _world: {"text": "Hello", "token": "access-table"},
        post=cells(redirect=WRITERS, deny="finance", missing="*"),
    ),
    "messaging:message_edit": Row(
        kwargs=_message,
        data=lambda _world: {"text": "Screen 3", "masked": "1"},
        get=cells(ok="freelancer", deny=READERS.replace(" freelancer", ""), missing="*"),
        post=cells(redirect="freelancer", deny=READERS.replace(" freelancer", ""), missing="*"),
    ),
    "messaging:message_delete": Row(
        kwargs=_message,
        get=cells(ok="freelancer", deny=READERS.replace(" freelancer", ""), missing="*"),
        post=cells(redirect="freelancer", deny=READERS.replace(" freelancer", ""), missing="*"),
    ),
    "messaging:mask_appeal": Row(
        kwargs=_message,
        data=lambda _world: {"words": "It is printed by the kiosk."},
        get=cells(conflict="freelancer", deny=READERS.replace(" freelancer", ""), missing="*"),
        post=cells(conflict="freelancer", deny=READERS.replace(" freelancer", ""), missing="*"),
        note="the writer has appealed before",
    ),
    **admin_pages("messaging_masking", "moderator", lambda world: world.masking.pk),
    "admin:messaging_masking_answer": Row(
        kwargs=lambda world: {"masking_id": world.masking.pk, "answer": "lift"},
        post=staff_cells(redirect="moderator"),
        data=lambda _world: {"reason": "The client’s own address."},
    ),
    **admin_pages("messaging_guardcase", "moderator", lambda world: world.guard_case.pk),
    "admin:messaging_guardcase_close": Row(
        kwargs=lambda world: {"case_id": world.guard_case.pk},
        post=staff_cells(redirect="moderator"),
        data=lambda _world: {"reason": "Warned by mail."},
    ),
    "messaging:call_new": Row(
        kwargs=lambda world: {"room_id": world.room.pk},
        query="?kind=voice",
        data=lambda _world: {"kind": "voice"},
        get=cells(ok="client client_admin hiring_manager freelancer named_worker", deny="finance", missing="*"),
        post=cells(
            redirect="client",
            conflict="client_admin hiring_manager freelancer named_worker",
            deny="finance",
            missing="*",
        ),
        note="The client's call rings already: the same person gets it again, the others hear that there is one.",
    ),
    "messaging:call": Row(
        kwargs=lambda world: {"call_id": world.call.pk},
        get=cells(ok="client wrong_hat freelancer named_worker", missing="*"),
        note="A call is its people's, whomever else they act for at the moment.",
    ),
    "messaging:call_ring": Row(
        kwargs=lambda world: {"call_id": world.call.pk},
        get=cells(ok="freelancer named_worker", missing="*"),
    ),
    "messaging:call_answer": Row(
        kwargs=lambda world: {"call_id": world.call.pk},
        post=cells(redirect="freelancer named_worker", deny="client wrong_hat", missing="*"),
    ),
    "messaging:call_decline": Row(
        kwargs=lambda world: {"call_id": world.call.pk},
        post=cells(redirect="freelancer named_worker", deny="client wrong_hat", missing="*"),
    ),
    "messaging:call_end": Row(
        kwargs=lambda world: {"call_id": world.call.pk},
        post=cells(redirect="client wrong_hat", deny="freelancer named_worker", missing="*"),
    ),
    "messaging:call_alive": Row(
        kwargs=lambda world: {"call_id": world.call.pk},
        post=cells(ok="client wrong_hat", deny="freelancer named_worker", missing="*"),
    ),
}
