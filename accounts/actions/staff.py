"""What staff do to accounts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import is_administrator, is_support
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record


class OwnAccount(DomainError):
    """Nobody closes the door behind themselves."""


@transaction.atomic
def deactivate_user(*, user_id: int, reason: str, by: Actor, at: datetime) -> User:
    """Keep a person from logging in; sessions end with the next request. Money and contracts stay as they are.

    From: active. To: not active. Event: accounts.user_deactivated.

    Raises NotAllowed unless `by` is support (administrators for staff), OwnAccount for one's own account.
    """
    return _set_active(user_id, is_active=False, reason=reason, by=by, at=at)


@transaction.atomic
def reactivate_user(*, user_id: int, reason: str, by: Actor, at: datetime) -> User:
    """Let a person log in again.

    From: not active. To: active. Event: accounts.user_reactivated.

    Raises NotAllowed unless `by` is support (administrators for staff), OwnAccount for one's own account.
    """
    return _set_active(user_id, is_active=True, reason=reason, by=by, at=at)


def _set_active(user_id: int, *, is_active: bool, reason: str, by: Actor, at: datetime) -> User:
    user = User.objects.select_for_update().get(pk=user_id)
    if not (is_administrator(by) if user.is_staff else is_support(by)):
        raise NotAllowed(_("Only support may do this, and only administrators to staff."))
    if user.pk == by.user_id:
        raise OwnAccount(_("Ask another member of staff to do this to your account."))
    if user.is_active != is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        kind = "accounts.user_reactivated" if is_active else "accounts.user_deactivated"
        record(kind=kind, actor=by, subject=f"user:{user_id}", at=at, reason=reason)
    return user
