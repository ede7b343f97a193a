"""Reads of what was typed for a job and not sent, for the party that writes it."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.permissions import can_work
from core.actor import Actor
from jobs.queries import jobs_for
from proposals.models import ProposalDraft


def drafts_for(actor: Actor) -> QuerySet[ProposalDraft]:
    """Return what the actor's party has begun to write, the latest first, for jobs that the actor may still see."""
    if actor.party_id is None or not can_work(actor, actor.party_id) or actor.impersonator_id is not None:
        return ProposalDraft.objects.none()
    drafts = ProposalDraft.objects.filter(party_id=actor.party_id, job__in=jobs_for(actor))
    return drafts.select_related("job__client").order_by("-saved_at", "-pk")


def draft_for(actor: Actor, job_id: int) -> ProposalDraft | None:
    """Return what the actor's party has typed for a job and not sent, if anything. One statement."""
    if actor.party_id is None or not can_work(actor, actor.party_id) or actor.impersonator_id is not None:
        return None
    return ProposalDraft.objects.filter(party_id=actor.party_id, job_id=job_id).first()
