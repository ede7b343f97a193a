"""What an agency decides about its people, and what they decide about its page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Party
from accounts.permissions import can_appear_for_agency, can_edit_agency
from accounts.queries import membership_in
from core.actor import Actor
from core.errors import NotAllowed
from events.actions import record


@transaction.atomic
def save_agency_rules(*, party_id: int, workers_see_sums: bool, by: Actor, at: datetime) -> Party:
    """Say whether the named workers of an agency see the sums of the contracts they work on.

    Event: accounts.agency_rules_changed.

    Raises NotAllowed unless `by` is an owner or administrator of the agency.
    """
    party = Party.objects.locked(party_id)
    if not can_edit_agency(by, party):
        raise NotAllowed(_("Only owners and administrators of the agency may change this."))
    if party.workers_see_sums != workers_see_sums:
        party.workers_see_sums = workers_see_sums
        party.save(update_fields=["workers_see_sums"])
        _tell("agency_rules_changed", party, by, at, workers_see_sums=workers_see_sums)
    return party


@transaction.atomic
def appear_for_agency(*, party_id: int, by: Actor, at: datetime) -> Membership:
    """Agree to be named on the public page of one's agency; a second time changes nothing.

    Event: accounts.member_shown.

    Raises NotAllowed unless `by` acts for the agency.
    """
    party, membership = _own(party_id, by)
    if membership.shown_at is None:
        membership.shown_at = at
        membership.save(update_fields=["shown_at"])
        _tell("member_shown", party, by, at)
    return membership


@transaction.atomic
def disappear_for_agency(*, party_id: int, by: Actor, at: datetime) -> Membership:
    """Take one's name off the public page of one's agency, at once; a second time changes nothing.

    Event: accounts.member_hidden.

    Raises NotAllowed unless `by` acts for the agency.
    """
    party, membership = _own(party_id, by)
    if membership.shown_at is not None:
        membership.shown_at = None
        membership.save(update_fields=["shown_at"])
        _tell("member_hidden", party, by, at)
    return membership


def _own(party_id: int, by: Actor) -> tuple[Party, Membership]:
    """Return the agency, locked, and the actor's membership in it. Raises NotAllowed."""
    party = Party.objects.locked(party_id)
    membership = membership_in(by.user_id, party_id) if can_appear_for_agency(by, party) else None
    if membership is None:
        raise NotAllowed(_("Only people of the agency decide whether it names them."))
    return party, membership


def _tell(event: str, party: Party, by: Actor, at: datetime, **data: Any) -> None:
    record(kind=f"accounts.{event}", actor=by, subject=f"party:{party.pk}", scope=f"party:{party.pk}", at=at, **data)
