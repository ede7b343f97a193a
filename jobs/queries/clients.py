"""The clients whose page a reader may see, and the jobs on it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Party
from accounts.permissions import is_moderator
from core.actor import Actor
from core.errors import NotFound
from jobs.models import Job
from jobs.queries.jobs import PUBLISHED, jobs_for


def clients_for(actor: Actor) -> QuerySet[Party]:
    """Return the clients whose page the actor may see: those that ever published a job.

    Visitors see only clients with one that everybody may read; a client's own people and moderators see any.
    """
    clients = Party.objects.open().filter(kind=Party.Kind.CLIENT)
    if is_moderator(actor):
        return clients
    published = Job.objects.filter(client=OuterRef("pk"), posted_at__isnull=False)
    if actor.user_id is None:
        return clients.filter(Exists(published.filter(status__in=PUBLISHED, visibility=Job.Visibility.PUBLIC)))
    own = Q(pk=actor.party_id) if actor.party_id is not None and actor.impersonator_id is None else Q(pk__in=[])
    seen = published.filter(status__in=PUBLISHED).exclude(visibility=Job.Visibility.INVITED)
    return clients.filter(own | Q(Exists(seen)))


def client_for(actor: Actor, slug: str) -> Party:
    """Return a client by the address of its page, with its facts at hand. Raises NotFound."""
    party = clients_for(actor).select_related("facts").filter(slug=slug).first()
    if party is None:
        raise NotFound(_("There is no such client."))
    return party


def open_jobs_of(actor: Actor, party_id: int) -> QuerySet[Job]:
    """Return the open jobs of a client that the actor may see, newest first."""
    jobs = jobs_for(actor).filter(client_id=party_id, status=Job.Status.OPEN)
    return jobs.select_related("category").order_by("-posted_at", "-pk")
