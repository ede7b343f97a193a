"""The jobs that a freelancer saved or hid."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from core.actor import Actor
from jobs.models import JobMark
from jobs.queries.jobs import jobs_for


def marks_of(actor: Actor, kind: str) -> QuerySet[JobMark]:
    """Return what the actor's party saved or hid and the actor may still see, newest first, with each job at hand."""
    return _marks(actor).select_related("job__activity").filter(kind=kind).order_by("-created_at", "-pk")


def mark_counts(actor: Actor) -> dict[str, int]:
    """Return how many jobs the actor's party saved and hid, of those the actor may still see."""
    return dict(_marks(actor).order_by().values_list("kind").annotate(number=Count("pk")))


def _marks(actor: Actor) -> QuerySet[JobMark]:
    if actor.party_id is None:
        return JobMark.objects.none()
    return JobMark.objects.filter(party_id=actor.party_id, job__in=jobs_for(actor))
