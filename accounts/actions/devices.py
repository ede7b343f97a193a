"""Ending log-ins on other devices."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can_edit_user
from core.actor import Actor
from core.errors import NotAllowed
from events.actions import record


@transaction.atomic
def sign_out_device(*, device_id: int, by: Actor, at: datetime) -> None:
    """End one log-in of one's own: whoever sits there has to log in again.

    A log-in that ended meanwhile is no error. Event: accounts.device_signed_out.

    Raises NotAllowed unless the log-in is that of `by`.
    """
    session = UserSession.objects.select_for_update().filter(pk=device_id).first()
    if session is None:
        return
    if not can_edit_user(by, session.user_id):
        raise NotAllowed(_("You can only log out your own devices."))
    session.end()
    record(kind="accounts.device_signed_out", actor=by, subject=f"user:{session.user_id}", at=at)


@transaction.atomic
def sign_out_other_devices(*, user_id: int, keep: str, by: Actor, at: datetime) -> int:
    """End every log-in of a person but that of the session `keep`; return how many were ended.

    Event: accounts.other_devices_signed_out, where there was one.

    Raises NotAllowed unless `by` is that person.
    """
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not can_edit_user(by, user_id):
        raise NotAllowed(_("You can only log out your own devices."))
    others = list(UserSession.objects.select_for_update().filter(user_id=user_id).exclude(session_key=keep))
    for session in others:
        session.end()
    if others:
        record(
            kind="accounts.other_devices_signed_out", actor=by, subject=f"user:{user_id}", at=at, devices=len(others)
        )
    return len(others)
