"""Sending the mails that go with notices."""

from __future__ import annotations

from datetime import datetime
from email.mime.text import MIMEText
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.queries import membership_in, shows_sums_to
from core.mails import BATCH, claim, one_click, send_each
from core.money import sums_shown
from core.product import rules
from notifications.catalogue import KINDS
from notifications.catalogue.groups import group_of
from notifications.catalogue.words import found_of, words
from notifications.models import Mail, Notice
from notifications.queries import localised, needs_mail, stop_token
from proposals.models import Interview
from proposals.papers import interview_calendar

#: Attempts before a mail is given up, with a growing pause between them: about two days.
MOST_ATTEMPTS = 12


def send_due_mails(*, at: datetime, limit: int = BATCH) -> int:
    """Send the mails that are due and return how many went out; not one transaction.

    One that its reader needs no more, because they read the message or turned these mails off, is skipped. A worker
    killed between sending and noting it sends the mail again, with the same Message-ID.
    """

    def settle(mail: Mail, status: Mail.Status, *, sent_at: datetime | None = None) -> None:
        Mail.objects.filter(pk=mail.pk).update(status=status, sent_at=sent_at)

    def write(mail: Mail) -> EmailMultiAlternatives | None:
        if not mail.notice.user.is_active:
            settle(mail, Mail.Status.FAILED)
            return None
        if not needs_mail(mail.notice):
            settle(mail, Mail.Status.SKIPPED)
            return None
        return compose(mail.notice, mail.notice.user)

    def give_up(mail: Mail) -> None:
        if mail.attempts >= MOST_ATTEMPTS:
            settle(mail, Mail.Status.FAILED)

    return send_each(
        lambda: claim(Mail.objects.filter(status=Mail.Status.WAITING).select_related("notice__user"), at=at),
        compose=write,
        sent=lambda mail: settle(mail, Mail.Status.SENT, sent_at=at),
        failed=give_up,
        limit=limit,
    )


def compose(notice: Notice, user: User) -> EmailMultiAlternatives:
    """Return the mail of a notice in the reader's language, with a plain text part and the link that ends such mails.

    A mail about a saved search ends with that search; what is essential cannot be ended, and says so.
    """
    is_essential = KINDS[notice.kind].is_essential
    zone = ZoneInfo(user.time_zone)
    with translation.override(user.language), timezone.override(zone), sums_shown(sees_sums(notice, user.pk)):
        title, text = words(notice.kind, notice.data)
        stop_path = localised(notice.data.get("stop_path", ""), user.language) if "stop_path" in notice.data else ""
        if not stop_path and not is_essential:
            stop_path = reverse("notifications:stop", args=[stop_token(user.pk, group_of(notice.kind))])
        stop_link = absolute(stop_path) if stop_path else ""
        context = {
            "title": title,
            "text": text,
            "link": absolute(localised(notice.path, user.language)),
            "found": [
                {**each, "link": absolute(localised(each["path"], user.language))} for each in found_of(notice.data)
            ],
            "is_essential": is_essential,
            **frame(user, stop_link),
        }
        mail = EmailMultiAlternatives(
            subject=" ".join(title.split()),
            body=render_to_string("notifications/mail.txt", context),
            to=[user.email],
            headers={
                "Message-ID": f"<notice-{notice.pk}@{settings.HOST or 'localhost'}>",
                **(one_click(stop_link) if stop_link else {}),
            },
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


def sees_sums(notice: Notice, user_id: int) -> bool:
    """Test whether the reader may see sums in a notice that is for one of their parties."""
    membership = membership_in(user_id, notice.party_id) if notice.party_id else None
    return membership is None or shows_sums_to(membership)


def absolute(path: str) -> str:
    """Return the whole address of a page, as a mail needs it."""
    return settings.BASE_URL.rstrip("/") + path


def frame(user: User, stop_link: str) -> dict[str, str]:
    """Return what every mail says around its news."""
    return {
        "name": user.first_name,
        "language": user.language,
        "brand_name": rules().brand_name,
        "base_url": settings.BASE_URL,
        "stop_link": stop_link,
        "choices_link": absolute(reverse("notifications:preferences")),
    }
