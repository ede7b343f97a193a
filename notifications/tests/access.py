"""Who may do what at the addresses of notifications."""

from __future__ import annotations

from tests.access import Row, cells

ACCESS = {
    "notifications:list": Row(get=cells(ok="*")),
    "notifications:read_all": Row(post=cells(redirect="*")),
    "notifications:open": Row(
        kwargs=lambda world: {"notice_id": world.notice.pk},
        get=cells(redirect="client wrong_hat", missing="*"),
        note="The notice is Alice's, whichever hat she wears: nobody else learns that it exists.",
    ),
}
