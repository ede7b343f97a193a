"""The sandbox provider's post and its bank: its events go, signed, to the inbox that the web address feeds."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotAllowed
from payments.actions.inbox import receive_webhook
from payments.gateway import ProviderDispute
from payments.gateways import sandbox_gateway
from payments.permissions import can_repeat_move

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


def decide_sandbox_dispute(*, provider_id: str, is_won: bool, by: Actor, at: datetime) -> ProviderDispute:
    """Play the bank that decides a dispute of the sandbox; it announces that like any other. Not one transaction.

    Raises NotAllowed if `by` is not finance staff.
    """
    if not can_repeat_move(by):
        raise NotAllowed(_("Only finance staff can do this."))
    return sandbox_gateway().decide_dispute(provider_id, is_won=is_won, at=at)
