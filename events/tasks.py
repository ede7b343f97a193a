"""What workers do for events."""

from __future__ import annotations

from celery import shared_task

from core.clock import now
from events.actions import deliver_due


@shared_task
def deliver(**_: object) -> int:
    """Deliver what is due; woken after each commit that recorded something to tell."""
    return deliver_due(at=now())
