"""Choosing how one hears of each group of notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from notifications.models import Channel, Group, NoticeChoice
from notifications.permissions import can_choose_channels
from notifications.queries import DIGEST, stopped


class UnknownChoice(DomainError):
    """A person can only choose what the page offers them."""


@transaction.atomic
def choose_channels(*, choices: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Note how a person hears of each group: at once, once a day, or only in the bell.

    What is essential is mailed at once whatever they choose. Event: none, it is nobody else's business.

    Raises NotAllowed unless a person chooses for themselves, UnknownChoice for another group or way.
    """
    if not can_choose_channels(by):
        raise NotAllowed(_("Only you can choose how you hear of things."))
    if not set(choices) <= set(Group.values) or not set(choices.values()) <= set(Channel.values):
        raise UnknownChoice(_("Choose one of the ways that the page offers."))
    for group, channel in choices.items():
        _set(by.person_id, group, channel, at)


@transaction.atomic
def stop_mails(*, token: str, at: datetime) -> str:
    """End the mails of one group, or the daily one, for whom the link of a mail was made; return which.

    Whoever holds the link may: it is in that person's mailbox only. A second time, or for an account that is gone,
    nothing changes and the answer is the same. Raises NotFound for a link that was not made here.
    """
    user_id, what = stopped(token)
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        return what
    if what == DIGEST:
        NoticeChoice.objects.filter(user_id=user_id, channel=Channel.DIGEST).update(channel=Channel.OFF, chosen_at=at)
    else:
        _set(user_id, what, Channel.OFF, at)
    return what


def _set(user_id: int, group: str, channel: str, at: datetime) -> None:
    NoticeChoice.objects.update_or_create(user_id=user_id, group=group, defaults={"channel": channel, "chosen_at": at})
