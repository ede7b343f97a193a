"""A client's lists of freelancers, for its own people and for nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotFound
from profiles.models import TalentEntry, TalentList
from profiles.permissions import can_read_talent_lists


def talent_lists_for(actor: Actor) -> QuerySet[TalentList]:
    """Return the lists of the client that the actor acts for, “Saved” first, each with its number of `people`."""
    if actor.party_id is None or not can_read_talent_lists(actor):
        return TalentList.objects.none()
    lists: QuerySet[Any] = TalentList.objects.filter(party_id=actor.party_id).annotate(people=Count("entries"))
    return lists.order_by("name", "pk")


def talent_list_for(actor: Actor, list_id: int) -> TalentList:
    """Return one list of the actor's client. Raises NotFound."""
    found = talent_lists_for(actor).filter(pk=list_id).first()
    if found is None:
        raise NotFound(_("There is no such list."))
    return found


def talent_entries_for(actor: Actor) -> QuerySet[TalentEntry]:
    """Return who is on the lists of the actor's client, the newest first, with what a row shows."""
    if actor.party_id is None or not can_read_talent_lists(actor):
        return TalentEntry.objects.none()
    entries = TalentEntry.objects.filter(talent_list__party_id=actor.party_id)
    return entries.select_related("profile__party", "talent_list", "author").order_by("-created_at", "-pk")


def talent_entry_for(actor: Actor, entry_id: int) -> TalentEntry:
    """Return one entry of the lists of the actor's client. Raises NotFound."""
    entry = talent_entries_for(actor).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(_("There is no such entry."))
    return entry


def saved_among(actor: Actor, profile_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these profiles are on a list of the actor's client; no statement for others."""
    if actor.party_id is None or not can_read_talent_lists(actor):
        return frozenset()
    found = TalentEntry.objects.filter(talent_list__party_id=actor.party_id, profile_id__in=list(profile_ids))
    return frozenset(found.values_list("profile_id", flat=True))
