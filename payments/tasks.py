"""Tasks of the queue `payouts`: each names a row and calls one action."""

from __future__ import annotations

from celery import shared_task

from core.clock import now
from payments import actions


@shared_task
def run_move(*, move_id: int, **_: object) -> None:
    """Send one planned move; harmless when it was sent already."""
    actions.run_move(move_id=move_id, at=now())
