"""Making notices from events, reading them, and sending the mails that go with them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from email.mime.text import MIMEText
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User
from accounts.queries import membership_in, shows_sums_to, staff_of
from core.actor import Actor
from core.money import sums_shown
from core.product import rules
from events.models import Event
from notifications.catalogue import KINDS, thing_of
from notifications.catalogue.audience import audience, people_told, people_told_of
from notifications.catalogue.words import found_of, words
from notifications.models import Mail, Notice
from notifications.queries import localised
from proposals.models import Interview
from proposals.papers import interview_calendar

logger = logging.getLogger("jalon.mails")
#: Attempts before a mail is given up, with a growing pause between them: about two days.
MOST_ATTEMPTS = 12


@transaction.atomic
def make_notices(*, event: Event) -> int:
    """Tell everyone whom an event concerns, once each; return how many notices were made."""
    kind = KINDS.get(event.kind)
    if kind is None:
        return 0
    thing = thing_of(event)
    data = {**event.data, **thing.words}
    for_calendars = "calendar" in data  # those who acted want it in theirs too
    told: list[tuple[int | None, User, str]] = [
        (party_id, user, thing.path)
        for party_id in audience(kind, thing, None if for_calendars else event.actor_party_id)
        for user in people_told_of(party_id, thing, event.kind)
    ]
    told += [(party_id, user, thing.path) for party_id, user in people_told(kind, thing)]
    if kind.staff:
        told += [(None, user, thing.staff_path or thing.path) for user in staff_of(kind.staff)]
    made = 0
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
            made += 1
            if kind.is_mailed:
                Mail.objects.create(notice=notice, next_at=event.at)
    return made


@transaction.atomic
def read_notice(*, notice_id: int, by: Actor, at: datetime) -> None:
    """Note that a person has seen a notice of theirs; a second time changes nothing."""
    Notice.objects.filter(pk=notice_id, user_id=by.person_id, read_at=None).update(read_at=at)


@transaction.atomic
def read_all_notices(*, by: Actor, at: datetime) -> int:
    """Note that a person has seen all their notices; return how many were new."""
    return Notice.objects.filter(user_id=by.person_id, read_at=None).update(read_at=at)


def send_due_mails(*, at: datetime, limit: int = 50) -> int:
    """Send the mails that are due and return how many went out; not one transaction.

    Each is claimed first, so that no lock is held while the mail server thinks, and that one which cannot be sent, for
    whatever reason, waits longer each time and holds up no other. A worker killed between sending and noting it sends
    the mail again, with the same Message-ID.
    """
    sent = 0
    for _count in range(limit):
        mail = _claim(at)
        if mail is None:
            break
        if not mail.notice.user.is_active:
            _give_up(mail)
            continue
        try:
            compose(mail.notice, mail.notice.user).send()
        except Exception:
            logger.exception("mail %s could not be sent, attempt %s", mail.pk, mail.attempts)
            if mail.attempts >= MOST_ATTEMPTS:
                _give_up(mail)
        else:
            Mail.objects.filter(pk=mail.pk).update(status=Mail.Status.SENT, sent_at=at)
            sent += 1
    return sent


@transaction.atomic
def _claim(at: datetime) -> Mail | None:
    """Take the mail that has waited longest, and say when it is tried again if nothing is heard of this attempt."""
    due = Mail.objects.filter(status=Mail.Status.WAITING, next_at__lte=at).select_related("notice__user")
    mail = due.order_by("next_at", "pk").select_for_update(of=("self",), skip_locked=True).first()
    if mail is not None:
        mail.attempts += 1
        mail.next_at = at + timedelta(minutes=2 ** min(mail.attempts, 9))
        mail.save(update_fields=["attempts", "next_at"])
    return mail


def _give_up(mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(status=Mail.Status.FAILED)


def compose(notice: Notice, user: User) -> EmailMultiAlternatives:
    """Return the mail of a notice in the reader's language, with a plain text part."""
    membership = membership_in(user.pk, notice.party_id) if notice.party_id else None
    sees_sums = membership is None or shows_sums_to(membership)
    zone = ZoneInfo(user.time_zone)
    with translation.override(user.language), timezone.override(zone), sums_shown(sees_sums):
        title, text = words(notice.kind, notice.data)
        stop_path = notice.data.get("stop_path", "")
        stop_link = settings.BASE_URL.rstrip("/") + localised(stop_path, user.language) if stop_path else ""
        headers = {"Message-ID": f"<notice-{notice.pk}@{settings.HOST or 'localhost'}>"}
        if stop_link:  # RFC 8058: mail programs offer a button that posts to it
            headers |= {"List-Unsubscribe": f"<{stop_link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        context = {
            "title": title,
            "text": text,
            "link": settings.BASE_URL.rstrip("/") + localised(notice.path, user.language),
            "found": [
                {**each, "link": settings.BASE_URL.rstrip("/") + localised(each["path"], user.language)}
                for each in found_of(notice.data)
            ],
            "stop_link": stop_link,
            "name": user.first_name,
            "language": user.language,
            "brand_name": rules().brand_name,
        }
        mail = EmailMultiAlternatives(
            subject=" ".join(title.split()),
            body=render_to_string("notifications/mail.txt", context),
            to=[user.email],
            headers=headers,
        )
        mail.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
        if "calendar" in notice.data:
            mail.attach(_calendar_part(notice, user, str(context["link"])))
    return mail


def _calendar_part(notice: Notice, user: User, link: str) -> MIMEText:
    """Return what a mail about an interview says to the reader's calendar: take it in, move it, or take it out."""
    conversation = "conversation__job__client", "conversation__party"
    interview = Interview.objects.select_related(*conversation).get(pk=notice.data["interview"])
    is_cancelled = notice.data["calendar"] == "cancel"
    content = interview_calendar(
        interview,
        reader=user,
        party_id=notice.party_id,
        link=link,
        starts_at=datetime.fromisoformat(notice.data["starts_at"]),
        minutes=notice.data["minutes"],
        version=notice.data["version"],
        is_cancelled=is_cancelled,
        at=notice.created_at,
    )
    part = MIMEText(content.decode(), "calendar", "utf-8")
    part.set_param("method", "CANCEL" if is_cancelled else "REQUEST")
    part.add_header("Content-Disposition", "attachment", filename="interview.ics")
    return part
