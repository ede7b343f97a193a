"""Reads of notices and of how people hear of them, for the person they are for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import translate_url
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Membership
from core import mails
from core.actor import Actor
from core.errors import NotFound
from messaging.models import ReadMark, Room
from messaging.queries import readers_of
from notifications.catalogue import KINDS
from notifications.catalogue.groups import group_of, groups, kinds_of
from notifications.catalogue.words import words
from notifications.models import Channel, Group, Mail, Notice, NoticeChoice

#: What the signature of a link that stops mails is for, and how such a link names the daily mail.
SALT = "notifications.stop"
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as the list shows it."""

    notice: Notice
    title: str
    text: str


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """Return a person's notices, newest first."""
    if actor.user_id is None or actor.impersonator_id is not None:
        return Notice.objects.none()
    return Notice.objects.filter(user_id=actor.user_id, kind__in=KINDS).order_by("-created_at", "-pk")


def lines(notices: Iterable[Notice]) -> list[Line]:
    """Put notices into words in the active language."""
    return [Line(notice, *words(notice.kind, notice.data)) for notice in notices]


def localised(path: str, language: str) -> str:
    """Return the address in a language of a page that is kept without a prefix, as English has it."""
    with translation.override("en"):  # the language in which a bare address resolves
        return translate_url(path, language)


def unread_counts(user_ids: Collection[int]) -> dict[int, int]:
    """Return how many notices each of these people has not read."""
    unread = Notice.objects.filter(user_id__in=user_ids, read_at=None, kind__in=KINDS)
    counted = dict(unread.values_list("user_id").annotate(Count("pk")).order_by())
    return {user_id: counted.get(user_id, 0) for user_id in user_ids}


def choices_for(actor: Actor) -> dict[Group, Channel]:
    """Return how a person hears of each group that holds something for them."""
    if actor.user_id is None or actor.impersonator_id is not None:
        return {}
    chosen = dict(NoticeChoice.objects.filter(user_id=actor.user_id).values_list("group", "channel"))
    return {group: Channel(chosen.get(group, Channel.INSTANT)) for group in groups(of_staff=actor.is_staff)}


def channels_of(user_ids: Collection[int], group: Group) -> dict[int, Channel]:
    """Return how each of these people hears of a group."""
    chosen = dict(NoticeChoice.objects.filter(user_id__in=user_ids, group=group).values_list("user_id", "channel"))
    return {user_id: Channel(chosen.get(user_id, Channel.INSTANT)) for user_id in user_ids}


def message_of(notice: Notice) -> int:
    """Return the message that a notice tells of, or 0."""
    return int(notice.data.get("message", 0))


def needs_mail(notice: Notice) -> bool:
    """Test whether the reader of a notice, whose mail is due, is still to have one.

    Nobody hears of a party that they were taken out of meanwhile, nor of a room that is closed to them now. Else what
    is essential always is mailed. Of anything else, not if they have turned its group off or over to the daily mail. Of
    messages, not if they have read it in its room or by the bell, nor if a mail about that room went out and they have
    not looked since.
    """
    if has_left(notice) or is_shut_out(notice):
        return False
    if KINDS[notice.kind].is_essential:
        return True
    group = group_of(notice.kind)
    if channels_of([notice.user_id], group)[notice.user_id] != Channel.INSTANT:
        return False
    message = message_of(notice)
    if not message:
        return True
    room = notice.data.get("room")
    mark = ReadMark.objects.filter(room_id=room, user_id=notice.user_id).first()
    read_to = mark.last_read_id if mark else 0
    if notice.read_at is not None or message <= read_to:
        return False
    told = Mail.objects.filter(status=Mail.Status.SENT, notice__user_id=notice.user_id, notice__read_at=None)
    return not told.filter(notice__data__room=room, notice__data__message__gt=read_to).exists()


def has_left(notice: Notice) -> bool:
    """Test whether a notice is for a party that its reader was a member of and is no more."""
    of_reader = Membership.objects.filter(user_id=notice.user_id, party_id=notice.party_id or 0)
    return of_reader.exists() and not of_reader.live().exists()


def is_shut_out(notice: Notice) -> bool:
    """Test whether a notice is of a message in a room that its reader does not read, or hear from, any more."""
    room = Room.objects.filter(pk=notice.data.get("room")).first() if message_of(notice) else None
    return room is not None and notice.user_id not in readers_of(room, notice.party_id)


def digest_groups(user_id: int) -> list[Group]:
    """Return the groups of which a person hears once a day."""
    chosen = set(NoticeChoice.objects.filter(user_id=user_id, channel=Channel.DIGEST).values_list("group", flat=True))
    return [group for group in Group if group in chosen]


def unread_of(user_id: int, wanted: Iterable[Group]) -> QuerySet[Notice]:
    """Return what a person has not read of these groups and had no mail of their own about, newest first.

    Nothing of a party that they were taken out of.
    """
    kinds = [kind for group in wanted for kind in kinds_of(group)]
    unread = Notice.objects.filter(user_id=user_id, read_at=None, kind__in=kinds)
    mine = Membership.objects.live().filter(user=OuterRef("user"), party=OuterRef("party"))
    unread = unread.filter(Q(party=None) | Exists(mine))
    return unread.exclude(mail__status__in=[Mail.Status.SENT, Mail.Status.WAITING]).order_by("-created_at", "-pk")


def stop_token(user_id: int, what: str) -> str:
    """Return the signed part of the link that ends a person's mails of one group, or the daily one."""
    return mails.stop_token(SALT, user_id, what)


def stopped(token: str) -> tuple[int, str]:
    """Return whose mails such a link ends, and which. Raises NotFound for a link that was not made here."""
    user_id, what = mails.parts_of(SALT, token)
    if what != DIGEST and what not in Group.values:  # of a group that a later version has given up
        raise NotFound(_("This link is not complete."))
    return int(user_id), what
