"""The searches that a person kept, and which of them are to be looked at."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core import mails
from core.actor import Actor
from core.errors import NotFound
from jobs.models import JobDocument, SavedSearch
from profiles.models import Profile

#: What the signature of a link that stops alerts is for.
SALT = "jobs.search.stop"


def searches_for(actor: Actor) -> QuerySet[SavedSearch]:
    """Return the searches that the person keeps for the party they act for, by name."""
    if actor.user_id is None or actor.party_id is None or actor.impersonator_id is not None:
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(user_id=actor.user_id, party_id=actor.party_id).order_by("name", "pk")


def search_for(actor: Actor, search_id: int) -> SavedSearch:
    """Return one search of the actor's own. Raises NotFound."""
    search = searches_for(actor).filter(pk=search_id).first()
    if search is None:
        raise NotFound(_("There is no such search."))
    return search


def due_searches(*, at: datetime, until: datetime) -> QuerySet[SavedSearch]:
    """Return the searches with alerts that are due; those told of at once only where something came since."""
    jobs = JobDocument.objects.filter(posted_at__lte=until).order_by("-posted_at").values("posted_at")[:1]
    people = (
        Profile.objects.filter(status=Profile.Status.APPROVED, approved_at__lte=until)
        .order_by("-approved_at")
        .values("approved_at")[:1]
    )
    waits = Q(alert__in=SavedSearch.DAYS)
    has_jobs = Q(subject=SavedSearch.Subject.JOBS, seen_at__lt=jobs)
    has_people = Q(subject=SavedSearch.Subject.TALENT, seen_at__lt=people)
    due = SavedSearch.objects.filter(next_at__lte=at).exclude(alert=SavedSearch.Alert.OFF)
    return due.filter(waits | has_jobs | has_people).order_by("next_at", "pk")


def stop_token(search_id: int) -> str:
    """Return the signed part of the link that stops the alerts of a search."""
    return mails.stop_token(SALT, search_id)


def search_of_token(token: str) -> int:
    """Return the search that such a link is for. Raises NotFound for a link that was not made here."""
    return int(mails.parts_of(SALT, token)[0])
