"""Tasks of accounts: each names a row and calls one action."""

from __future__ import annotations

from celery import shared_task

from accounts import actions
from core.clock import now


@shared_task
def build_export(*, export_id: int, **_: object) -> None:
    """Put an archive together; harmless when another worker has it or has finished."""
    actions.build_export(export_id=export_id, at=now())
