"""The people of a party: their roles, and the end of a membership."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.invitations import check_may_give, withdraw_invitations_of
from accounts.models import Membership, Party
from accounts.permissions import can_give_role, can_manage_people
from accounts.registry import assignments
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record

Role = Membership.Role
#: The largest limit that fits the sums of the product.
MOST = 10**12


class LastOwner(DomainError):
    """A party has an owner at every moment."""


class MembershipEnded(DomainError):
    """Somebody who has left has no role to change."""


class OwnMembership(DomainError):
    """One leaves by oneself, and is removed by others."""


class NoLimitHere(DomainError):
    """Only hiring managers have a limit per contract; other roles may spend freely or not at all."""


class NoSuccessor(DomainError):
    """Work is handed over to somebody who belongs to the same party."""


@transaction.atomic
def change_role(*, membership_id: int, role: str, by: Actor, at: datetime) -> Membership:
    """Put a person of a party into another role, from the next page on; a hiring manager starts with a limit of zero.

    Event: accounts.role_changed. The same role again changes nothing.

    Raises NotAllowed unless `by` is an owner or administrator (an owner, where either role is owner's), PartyIsClosed,
    RoleNotOffered for a role that this kind of party lacks, MembershipEnded, LastOwner if nobody would own it.
    """
    membership = _locked(membership_id)
    check_may_give(by, membership.party, role)
    _check_may_touch(by, membership)
    if role == membership.role:
        return membership
    if membership.role == Role.OWNER:
        _check_other_owner(membership)
    former, membership.role, membership.approval_limit = membership.role, role, 0
    membership.save(update_fields=["role", "approval_limit"])
    withdraw_invitations_of(membership, by=by, at=at)
    _tell("accounts.role_changed", membership, by=by, at=at, role=role, former=former)
    return membership


@transaction.atomic
def set_approval_limit(*, membership_id: int, amount: int, by: Actor, at: datetime) -> Membership:
    """Say how much a hiring manager may fund and approve in one contract, in minor units.

    Event: accounts.limit_changed.

    Raises NotAllowed unless `by` is an owner or administrator, MembershipEnded, NoLimitHere for another role or a sum
    that is none.
    """
    membership = _locked(membership_id)
    if not can_manage_people(by, membership.party_id):
        raise NotAllowed(_("Only owners and administrators choose the people of an account."))
    _check_may_touch(by, membership)
    if membership.role != Role.HIRING_MANAGER or not 0 <= amount <= MOST:
        raise NoLimitHere(_("Only hiring managers have a limit per contract."))
    membership.approval_limit = amount
    membership.save(update_fields=["approval_limit"])
    _tell("accounts.limit_changed", membership, by=by, at=at, limit=amount)
    return membership


@transaction.atomic
def remove_member(*, membership_id: int, successor_id: int | None, by: Actor, at: datetime) -> Membership:
    """End somebody's right to act for a party at once; what was assigned to them goes to the person `successor_id`.

    From: live. To: ended. Event: accounts.member_removed. Jobs and contracts are the party's and stay.

    Raises NotAllowed unless `by` is an owner or administrator (an owner, for owners), OwnMembership for oneself,
    MembershipEnded, LastOwner, NoSuccessor for somebody who is not of the party.
    """
    membership = _locked(membership_id)
    if not can_manage_people(by, membership.party_id):
        raise NotAllowed(_("Only owners and administrators choose the people of an account."))
    if membership.user_id == by.user_id:
        raise OwnMembership(_("You cannot remove yourself. You can leave."))
    _check_may_touch(by, membership)
    return _end("accounts.member_removed", membership, successor_id, by=by, at=at)


@transaction.atomic
def leave_party(*, party_id: int, successor_id: int | None, by: Actor, at: datetime) -> Membership:
    """Stop acting for a party; what was assigned to one goes to the person `successor_id`.

    From: live. To: ended. Event: accounts.member_left.

    Raises NotAllowed for those who are not of the party, LastOwner for the only owner, NoSuccessor as above.
    """
    Party.objects.locked(party_id)
    membership = (
        Membership.objects.live()
        .select_for_update(of=("self",), no_key=True)
        .filter(party_id=party_id, user_id=by.user_id or 0)
        .first()
    )
    if membership is None or by.impersonator_id is not None:
        raise NotAllowed(_("You do not belong to this account."))
    return _end("accounts.member_left", membership, successor_id, by=by, at=at)


def _end(kind: str, membership: Membership, successor_id: int | None, *, by: Actor, at: datetime) -> Membership:
    if membership.role == Role.OWNER:
        _check_other_owner(membership)
    colleagues = Membership.objects.live().filter(party_id=membership.party_id).exclude(pk=membership.pk)
    if successor_id is not None and not colleagues.filter(user_id=successor_id).exists():
        raise NoSuccessor(_("Choose somebody who belongs to this account."))
    for assignment in assignments():
        assignment.hand_over(membership.party_id, membership.user_id, successor_id, at)
    membership.ended_at = at
    membership.save(update_fields=["ended_at"])
    withdraw_invitations_of(membership, by=by, at=at)
    _tell(kind, membership, by=by, at=at, role=membership.role, successor=successor_id)
    return membership


def _locked(membership_id: int) -> Membership:
    """Return a membership, locked after its party: two who leave at once wait for each other."""
    party_id = Membership.objects.values_list("party_id", flat=True).get(pk=membership_id)
    party = Party.objects.locked(party_id)
    membership = Membership.objects.locked(membership_id)
    membership.party = party
    return membership


def _check_may_touch(by: Actor, membership: Membership) -> None:
    if not can_give_role(by, membership.party_id, membership.role):
        raise NotAllowed(_("Only owners choose owners."))
    if membership.ended_at is not None:
        raise MembershipEnded(_("This person does not belong to the account any more."))


def _check_other_owner(membership: Membership) -> None:
    others = Membership.objects.live().filter(party_id=membership.party_id, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=membership.pk).exists():
        raise LastOwner(_("An account needs an owner. Make somebody else an owner first."))


def _tell(kind: str, membership: Membership, *, by: Actor, at: datetime, **data: Any) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"membership:{membership.pk}",
        scope=f"party:{membership.party_id}",
        at=at,
        **data,
    )
