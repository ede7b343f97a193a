"""Timelines."""

from __future__ import annotations

from django.db.models import QuerySet

from events.models import Event


def history(*scopes: str, limit: int = 50, older_than: int | None = None) -> QuerySet[Event]:
    """Return what happened in these scopes, newest first; a page begins below the event `older_than`."""
    events = Event.objects.filter(scope__in=scopes)
    if older_than is not None:
        events = events.filter(pk__lt=older_than)
    return events.order_by("-pk")[:limit]


def history_of(*subjects: str, limit: int = 50) -> QuerySet[Event]:
    """Return what happened to these things, newest first."""
    return Event.objects.filter(subject__in=subjects).order_by("-pk")[:limit]
