"""What staff do to accounts."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.erasure import AccountGone
from accounts.models import StaffGroup, User
from accounts.permissions import can_appoint_staff, can_close_account
from accounts.queries import staff_groups_of
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record


class OwnAccount(DomainError):
    """Nobody closes the door behind themselves, or opens one for themselves."""


class AccountClosed(DomainError):
    """Who cannot log in is not appointed."""


class AlreadyInGroup(DomainError):
    """A person is appointed to a group once."""


class NotInGroup(DomainError):
    """Only who belongs to a group can be dismissed from it."""


@transaction.atomic
def deactivate_user(*, user_id: int, reason: str, by: Actor, at: datetime) -> User:
    """Keep a person from logging in; sessions end with the next request. Money and contracts stay as they are.

    From: active. To: not active. Event: accounts.user_deactivated.

    Raises NotAllowed unless `by` is support (administrators for staff), OwnAccount for one's own account, AccountGone.
    """
    return _set_active(user_id, is_active=False, reason=reason, by=by, at=at)


@transaction.atomic
def reactivate_user(*, user_id: int, reason: str, by: Actor, at: datetime) -> User:
    """Let a person log in again.

    From: not active. To: active. Event: accounts.user_reactivated.

    Raises NotAllowed unless `by` is support (administrators for staff), OwnAccount for one's own account, AccountGone.
    """
    return _set_active(user_id, is_active=True, reason=reason, by=by, at=at)


def _set_active(user_id: int, *, is_active: bool, reason: str, by: Actor, at: datetime) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_close_account(by, user):
        raise NotAllowed(_("Only support may do this, and only administrators to staff."))
    if user.pk == by.user_id:
        raise OwnAccount(_("Ask another member of staff to do this to your account."))
    if user.erased_at is not None:
        raise AccountGone(_("This account is deleted: nobody can open it again."))
    if user.is_active != is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        kind = "accounts.user_reactivated" if is_active else "accounts.user_deactivated"
        record(kind=kind, actor=by, subject=f"user:{user_id}", at=at, reason=reason)
    return user


@transaction.atomic
def grant_staff_group(*, user_id: int, group: StaffGroup, reason: str, by: Actor, at: datetime) -> User:
    """Make a person staff of this group, from their next page on.

    From: not in the group. To: in it, and staff. Event: accounts.staff_group_granted, with the groups before and after.

    Raises NotAllowed unless `by` is an administrator, OwnAccount for one's own account, AccountClosed for somebody who
    cannot log in, AlreadyInGroup.
    """
    user = _locked_for_appointment(user_id, by)
    before = staff_groups_of(user)
    if not user.is_active:
        raise AccountClosed(_("This account is closed: open it first."))
    if group in before:
        raise AlreadyInGroup(_("This person is in that group already."))
    if not user.is_staff:
        user.groups.clear()  # of a time before this person was staff: it must not come back with the new group
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    _record_groups("accounts.staff_group_granted", user, group, before, reason=reason, by=by, at=at)
    return user


@transaction.atomic
def revoke_staff_group(*, user_id: int, group: StaffGroup, reason: str, by: Actor, at: datetime) -> User:
    """Take a person out of a staff group, from their next page on; out of the last one, they are staff no more.

    From: in the group. To: not in it. The administrator that the command line made loses every right with that group.
    Event: accounts.staff_group_revoked, with the groups before and after.

    Raises NotAllowed unless `by` is an administrator, OwnAccount for one's own account (so that the last administrator
    stays), NotInGroup.
    """
    user = _locked_for_appointment(user_id, by)
    before = staff_groups_of(user)
    if group not in before:
        raise NotInGroup(_("This person is not in that group."))
    user.groups.remove(*Group.objects.filter(name=group))
    if group == StaffGroup.ADMINISTRATOR:
        user.is_superuser = False
    user.is_staff = before != {group}
    user.save(update_fields=["is_staff", "is_superuser"])
    _record_groups("accounts.staff_group_revoked", user, group, before, reason=reason, by=by, at=at)
    return user


def _locked_for_appointment(user_id: int, by: Actor) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_appoint_staff(by):
        raise NotAllowed(_("Only administrators appoint staff."))
    if user.pk == by.user_id:
        raise OwnAccount(_("Ask another administrator to do this to your account."))
    return user


def _record_groups(
    kind: str, user: User, group: StaffGroup, before: frozenset[str], *, reason: str, by: Actor, at: datetime
) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"user:{user.pk}",
        at=at,
        reason=reason,
        group=str(group),
        before=sorted(before),
        after=sorted(staff_groups_of(user)),
    )
