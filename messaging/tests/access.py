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
