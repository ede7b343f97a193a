"""Making notices and reading them, choosing how one hears of them, and sending the mails."""

from notifications.actions.choices import UnknownChoice, choose_channels, stop_mails
from notifications.actions.digests import compose_digest, plan_digests, send_due_digests
from notifications.actions.mails import compose, send_due_mails
from notifications.actions.notices import make_notices, read_all_notices, read_notice, read_room_notices

__all__ = [
    "UnknownChoice",
    "choose_channels",
    "compose",
    "compose_digest",
    "make_notices",
    "plan_digests",
    "read_all_notices",
    "read_notice",
    "read_room_notices",
    "send_due_digests",
    "send_due_mails",
    "stop_mails",
]
