"""Who may do what at the addresses of messaging."""

from __future__ import annotations

from tests.access import Row, cells

ACCESS = {
    "messaging:message_post": Row(
        kwargs=lambda world: {"room_id": world.room.pk},
        data=lambda _world: {"text": "Hello", "token": "access-table"},
        post=cells(
            redirect="client client_admin hiring_manager freelancer named_worker",
            deny="finance",
            missing="*",
        ),
    )
}
