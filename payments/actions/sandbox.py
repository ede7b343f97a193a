"""The sandbox provider's post: its events are signed and handed to the same inbox that the web address feeds."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from payments.actions.inbox import receive_webhook
from payments.gateways import sandbox_gateway

logger = logging.getLogger("jalon.payments")


def deliver_sandbox_events(*, at: datetime, limit: int = 200) -> int:
    """Let what is due at the sandbox happen, announce it, and return how many events were taken."""
    sandbox = sandbox_gateway()
    done = 0
    for event in sandbox.outgoing(at=at, limit=limit):
        body = json.dumps(event.body).encode()
        try:
            receive_webhook(gateway=sandbox.name, body=body, headers=sandbox.signed(body), at=at)
        except Exception:
            logger.exception("sandbox event %s was not taken", event.pk)
            continue
        sandbox.mark_delivered(event.pk, at=at)
        done += 1
    return done
