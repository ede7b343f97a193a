"""What a client keeps of freelancers for itself: lists, and who is on them. Nobody is told of any of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed, NotFound
from core.product import rules
from profiles.models import Profile, TalentEntry, TalentList
from profiles.permissions import can_keep_talent, can_see_profile


class ListNameTaken(DomainError):
    """A client gives each of its lists a name of its own."""


class ListFull(DomainError):
    """A client has a number of lists, and each has a length."""


@transaction.atomic
def save_talent(*, profile_id: int, list_id: int | None = None, note: str = "", by: Actor, at: datetime) -> TalentEntry:
    """Put a freelancer on one of the client's lists; without one on “Saved”, which is made when it is needed.

    Who is on it already keeps their place, and the note changes. Event: none.

    Raises NotAllowed if `by` does not hire for a client, for a list of somebody else and for a profile they may not
    see, NotFound for one that is gone; ListFull.
    """
    party_id = _party(by)
    rows = Profile.objects.select_related("party").select_for_update(of=("self",), no_key=True)
    profile = rows.filter(pk=profile_id).first()
    if profile is None:  # its person left meanwhile
        raise NotFound(_("There is no such profile."))
    if not can_see_profile(by, profile):
        raise NotAllowed(_("You may not see this profile."))
    chosen = _list(party_id, list_id) if list_id is not None else _unnamed(party_id, at)
    entry = TalentEntry.objects.filter(talent_list=chosen, profile=profile).first()
    if entry is not None:
        entry.note = note.strip()
        entry.save(update_fields=["note"])
        return entry
    most = rules().talent_list_length
    if TalentEntry.objects.filter(talent_list=chosen).count() >= most:
        raise ListFull(
            ngettext("A list holds %(most)d person.", "A list holds %(most)d people.", most) % {"most": most}
        )
    return TalentEntry.objects.create(
        talent_list=chosen, profile=profile, note=note.strip(), author_id=by.person_id, created_at=at
    )


@transaction.atomic
def take_off_list(*, entry_id: int, by: Actor) -> None:
    """Take a freelancer off a list. Event: none. Raises NotAllowed if `by` does not hire for the list's client."""
    party_id = _party(by)
    entry = TalentEntry.objects.select_related("talent_list").get(pk=entry_id)
    if entry.talent_list.party_id != party_id:
        raise NotAllowed(_("This is not a list of yours."))
    entry.delete()


@transaction.atomic
def make_talent_list(*, name: str, by: Actor, at: datetime) -> TalentList:
    """Begin a list. Event: none. Raises NotAllowed if `by` does not hire for a client, ListNameTaken, ListFull."""
    party_id = _party(by)
    _check_name(party_id, name.strip())
    _check_number(party_id)
    return TalentList.objects.create(party_id=party_id, name=name.strip(), created_at=at)


@transaction.atomic
def rename_talent_list(*, list_id: int, name: str, by: Actor) -> TalentList:
    """Give a list another name. Event: none. Raises NotAllowed if it is not the actor's to change, ListNameTaken."""
    party_id = _party(by)
    chosen = _list(party_id, list_id)
    if name.strip() != chosen.name:
        _check_name(party_id, name.strip())
        chosen.name = name.strip()
        chosen.save(update_fields=["name"])
    return chosen


@transaction.atomic
def delete_talent_list(*, list_id: int, by: Actor) -> None:
    """Forget a list and who was on it. Event: none. Raises NotAllowed if it is not the actor's to change."""
    _list(_party(by), list_id).delete()


def _party(by: Actor) -> int:
    """Return the client that the actor hires for, locked: its lists change one after the other."""
    if by.party_id is None or not can_keep_talent(by):
        raise NotAllowed(_("Only the client's owners, administrators and hiring managers can do this."))
    return Party.objects.locked(by.party_id).pk


def _list(party_id: int, list_id: int) -> TalentList:
    chosen = TalentList.objects.filter(pk=list_id, party_id=party_id).first()
    if chosen is None:
        raise NotAllowed(_("This is not a list of yours."))
    return chosen


def _unnamed(party_id: int, at: datetime) -> TalentList:
    found = TalentList.objects.filter(party_id=party_id, name="").first()
    if found is None:
        _check_number(party_id)
        found = TalentList.objects.create(party_id=party_id, name="", created_at=at)
    return found


def _check_name(party_id: int, name: str) -> None:
    if TalentList.objects.filter(party_id=party_id, name__iexact=name).exists():
        raise ListNameTaken(_("There is a list of this name already. Choose another one."))


def _check_number(party_id: int) -> None:
    most = rules().talent_lists_maximum
    if TalentList.objects.filter(party_id=party_id).count() >= most:
        raise ListFull(
            ngettext("You can have %(most)d list.", "You can have %(most)d lists. Delete one first.", most)
            % {"most": most}
        )
