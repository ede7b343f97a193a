"""Invitations as their pages show them, and whom a client may want to invite."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Count, Exists, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from accounts.permissions import WORKING_KINDS, reads_all
from core.actor import Actor
from core.errors import NotFound
from jobs.models import Invitation, Job, JobReader
from jobs.permissions import can_manage_job
from profiles.queries import TalentFilters, TalentPage, search_talent
from taxonomy.queries import Lexicon

#: Skills of a job by which people are suggested.
ASKED = 6
#: Most invitations of a job that its page lists.
LISTED = 200


def is_guest(actor: Actor) -> Q:
    """Return the condition of jobs to which the actor's party was invited, and was not uninvited."""
    if actor.party_id is None or actor.impersonator_id is not None or actor.party_kind not in WORKING_KINDS:
        return Q(pk__in=())
    if not reads_all(actor):
        return Q(pk__in=())
    kept = Invitation.objects.filter(job=OuterRef("pk"), party_id=actor.party_id)
    return Q(Exists(kept.exclude(status=Invitation.Status.WITHDRAWN)))


def is_guest_of(job: Job, party_id: int) -> bool:
    """Test whether a party was invited to a job, and was not uninvited."""
    found = Invitation.objects.filter(job=job, party_id=party_id)
    return found.exclude(status=Invitation.Status.WITHDRAWN).exists()


def waiting_invitation(actor: Actor) -> Subquery | Value:
    """Return, for a query of jobs, the id and the note of the invitation that waits for the actor's party."""
    if actor.party_id is None or actor.impersonator_id is not None or actor.party_kind not in WORKING_KINDS:
        return Value(None, output_field=JSONField())
    waiting = Invitation.objects.filter(job=OuterRef("pk"), party_id=actor.party_id, status=Invitation.Status.INVITED)
    return Subquery(waiting.values(facts=JSONObject(id="pk", note="note"))[:1])


def is_invited(*, job_id: int, party_id: int, at: datetime) -> bool:
    """Test whether an invitation to the job waits for the party: a proposal costs it no connects."""
    waiting = Invitation.objects.filter(job_id=job_id, party_id=party_id, status=Invitation.Status.INVITED)
    return waiting.filter(expires_at__gt=at).exists()


def invitations_for(actor: Actor) -> QuerySet[Invitation]:
    """Return the invitations that the actor's party received or sent, with their jobs and clients at hand."""
    if actor.party_id is None or actor.impersonator_id is not None:
        return Invitation.objects.none()
    mine = Q(party_id=actor.party_id) | Q(job__client_id=actor.party_id)
    if not reads_all(actor):  # a member reads those of the jobs they were added to
        read = JobReader.objects.filter(user_id=actor.user_id or 0).values("job_id")
        mine = Q(job__client_id=actor.party_id, job__in=read)
    return Invitation.objects.filter(mine).select_related("job__client", "party__profile")


def invitation_for(actor: Actor, invitation_id: int) -> Invitation:
    """Return one invitation the actor may see. Raises NotFound."""
    invitation = invitations_for(actor).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound(_("There is no such invitation."))
    return invitation


def received(actor: Actor, *, is_waiting: bool) -> QuerySet[Invitation]:
    """Return what the actor's party was invited to: what waits, or what is over; newest first.

    A job that staff removed is left out, and so is what the client took back.
    """
    mine = _received(actor)
    waiting = Q(status=Invitation.Status.INVITED)
    chosen = mine.filter(waiting) if is_waiting else mine.exclude(waiting | Q(status=Invitation.Status.WITHDRAWN))
    return chosen.order_by("-created_at", "-pk")


def received_counts(actor: Actor) -> tuple[int, int]:
    """Return how many invitations wait for the actor's party, and how many are over."""
    counted = _received(actor).aggregate(
        waiting=Count("pk", filter=Q(status=Invitation.Status.INVITED)),
        over=Count("pk", filter=~Q(status__in=[Invitation.Status.INVITED, Invitation.Status.WITHDRAWN])),
    )
    return counted["waiting"], counted["over"]


def _received(actor: Actor) -> QuerySet[Invitation]:
    if actor.party_id is None:
        return Invitation.objects.none()
    return invitations_for(actor).filter(party_id=actor.party_id).exclude(job__status=Job.Status.REMOVED)


def invited_to(job: Job) -> list[Invitation]:
    """Return who was invited to a job, for its client: those who wait first, then the newest."""
    found = Invitation.objects.filter(job=job).select_related("party__profile")
    rows = list(found.order_by("-created_at", "-pk")[:LISTED])
    return sorted(rows, key=lambda each: each.status != Invitation.Status.INVITED)


def invitable_jobs(actor: Actor) -> list[Job]:
    """Return the open jobs to which the actor may invite people, newest first."""
    if actor.party_id is None:
        return []
    found = Job.objects.filter(client_id=actor.party_id, status=Job.Status.OPEN).order_by("-posted_at", "-pk")
    return [job for job in found[:100] if can_manage_job(actor, job)]


def suggested_people(job: Job, actor: Actor, *, lexicon: Lexicon) -> TalentPage:
    """Return the people who fit a job best: the search of freelancers for its skills in its category.

    Where its category has nobody, all categories are searched.
    """
    names = [lexicon.skills[pk].name for pk in job.skills.values_list("pk", flat=True) if pk in lexicon.skills]
    filters = TalentFilters(
        words=" ".join(names[:ASKED]), categories=(job.category_id,) if job.category_id is not None else ()
    )
    page = search_talent(filters, actor, lexicon=lexicon)
    if page.rows or not filters.categories:
        return page
    return search_talent(replace(filters, categories=()), actor, lexicon=lexicon)
