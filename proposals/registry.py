"""What apps above tell this one at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

#: Returns, as a query of one column, the parties that ever worked for a client.
PastWork = Callable[[int], QuerySet[Any, Any]]
_past_work: list[PastWork] = []


def register_past_work(parties_of: PastWork) -> None:
    """Say who has worked for a client; the app that knows contracts calls this once in its AppConfig.ready()."""
    _past_work[:] = [parties_of]


def past_work_of(client_id: int) -> QuerySet[Any, Any] | list[int]:
    """Return the ids of the parties that ever worked for a client, as a query to look into; nobody without the app."""
    return _past_work[0](client_id) if _past_work else []
