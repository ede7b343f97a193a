"""Making notices from events, and noting that they were read."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from accounts.queries import staff_of
from core.actor import Actor
from core.product import rules
from events.models import Event
from messaging.live import tell_users
from notifications.catalogue import KINDS, thing_of
from notifications.catalogue.audience import audience, people_told, people_told_of
from notifications.catalogue.groups import group_of
from notifications.models import Channel, Group, Mail, Notice
from notifications.queries import channels_of, message_of, unread_counts


@transaction.atomic
def make_notices(*, event: Event) -> int:
    """Tell everyone whom an event concerns, once each; return how many notices were made.

    Mailed is who hears of that group at once, and of what is essential everybody. The mail of a message waits a little:
    whoever reads the room meanwhile needs none. Open pages of those told learn how many notices wait.
    """
    kind = KINDS.get(event.kind)
    if kind is None:
        return 0
    thing = thing_of(event)
    data = {**event.data, **thing.words}
    if event.subject.startswith("message:"):
        data["message"] = int(event.subject.partition(":")[2])  # reading it in its room reads the notice
    for_calendars = "calendar" in data  # those who acted want it in theirs too
    told: list[tuple[int | None, User, str]] = [
        (party_id, user, thing.path)
        for party_id in audience(kind, thing, None if for_calendars else event.actor_party_id)
        for user in people_told_of(party_id, thing, event.kind)
    ]
    told += [(party_id, user, thing.path) for party_id, user in people_told(kind, thing)]
    if kind.staff:
        told += [(None, user, thing.staff_path or thing.path) for user in staff_of(kind.staff)]
    channels = channels_of([user.pk for _party, user, _path in told], group_of(event.kind))
    mailed_at = event.at
    if group_of(event.kind) == Group.MESSAGES and not kind.is_essential:
        mailed_at += timedelta(minutes=rules().message_mail_minutes)
    new: set[int] = set()
    for party_id, user, path in told:
        if user.pk == event.actor_user_id and not for_calendars:
            continue
        notice, is_new = Notice.objects.get_or_create(
            user=user,
            event_id=event.pk,
            kind=event.kind,
            defaults={"party_id": party_id, "data": data, "path": path, "created_at": event.at},
        )
        if is_new:
            new.add(user.pk)
            if kind.is_mailed and (kind.is_essential or channels[user.pk] == Channel.INSTANT):
                Mail.objects.create(notice=notice, next_at=mailed_at)
    tell_bells(new, is_new=True)
    return len(new)


@transaction.atomic
def read_notice(*, notice_id: int, by: Actor, at: datetime) -> None:
    """Note that a person has seen a notice of theirs; a second time changes nothing."""
    if Notice.objects.filter(pk=notice_id, user_id=by.person_id, read_at=None).update(read_at=at):
        tell_bells({by.person_id})


@transaction.atomic
def read_all_notices(*, by: Actor, at: datetime) -> int:
    """Note that a person has seen all their notices; return how many were new."""
    count = Notice.objects.filter(user_id=by.person_id, read_at=None).update(read_at=at)
    if count:
        tell_bells({by.person_id})
    return count


def read_room_notices(*, room_id: int, user_id: int, message_id: int, at: datetime) -> None:
    """Note that the notices of messages were seen, up to the one that their reader has come to in the room."""
    unread = Notice.objects.filter(user_id=user_id, read_at=None, data__room=room_id)
    seen = [notice.pk for notice in unread if 0 < message_of(notice) <= message_id]
    if seen:
        Notice.objects.filter(pk__in=seen, read_at=None).update(read_at=at)
        tell_bells({user_id})


def tell_bells(user_ids: set[int], *, is_new: bool = False) -> None:
    """Tell the open pages of these people how many notices they have not read, once this transaction is kept."""

    def tell() -> None:
        for user_id, unread in unread_counts(user_ids).items():
            tell_users([user_id], {"kind": "notices", "unread": unread, "is_new": is_new})

    if user_ids:
        transaction.on_commit(tell)
