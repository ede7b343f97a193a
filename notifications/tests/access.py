"""Who may do what at the addresses of notifications."""

from __future__ import annotations

from typing import Any

from notifications.models import Group
from notifications.queries import stop_token
from tests.access import Row, cells


def _choices(_world: Any) -> dict[str, Any]:
    return dict.fromkeys(Group.values, "instant")


ACCESS = {
    "notifications:latest": Row(get=cells(ok="*")),
    "notifications:preferences": Row(get=cells(ok="*"), post=cells(redirect="*"), data=_choices),
    "notifications:stop": Row(
        kwargs=lambda world: {"token": stop_token(world.notice.user_id, "messages")},
        get=cells(ok="anonymous *"),
        post=cells(ok="anonymous *"),
        note="the link of a mail, for whoever holds it: it ends mails and shows nothing of the person",
    ),
    "notifications:list": Row(get=cells(ok="*")),
    "notifications:read_all": Row(post=cells(redirect="*")),
    "notifications:open": Row(
        kwargs=lambda world: {"notice_id": world.notice.pk},
        get=cells(redirect="client wrong_hat", missing="*"),
        note="The notice is Alice's, whichever hat she wears: nobody else learns that it exists.",
    ),
}
