"""The daily mail: who is due for one, and what it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.models import User
from core.mails import BATCH, claim, one_click, send_each
from core.money import sums_shown
from core.product import rules
from notifications.actions.mails import MOST_ATTEMPTS, absolute, frame, sees_sums
from notifications.catalogue.groups import group_of
from notifications.models import Channel, Digest, Group, Notice
from notifications.queries import DIGEST, digest_groups, lines, localised, stop_token, unread_of

#: What came longer ago than this is no news: somebody begins with daily mails, or the clock stood still for days.
OLDEST = timedelta(days=7)
#: For so long it stays known on which days somebody had their mail.
KEPT_FOR = timedelta(days=30)
#: Lines of one mail; it says how many more there are.
MOST_LINES = 40


def plan_digests(*, at: datetime) -> int:
    """Note whose hour of the daily mail has come where they are: one row for each person and day; return how many.

    The row is what sends a mail once, whatever dies. Whoever chose daily mails after that hour begins tomorrow.
    """
    Digest.objects.filter(day__lt=(at - KEPT_FOR).date()).exclude(status=Digest.Status.WAITING).delete()
    planned = 0
    readers = User.objects.filter(is_active=True, notice_choices__channel=Channel.DIGEST)
    for zone in readers.order_by().values_list("time_zone", flat=True).distinct():
        there = at.astimezone(ZoneInfo(zone))
        hour = there.replace(hour=rules().digest_hour, minute=0, second=0, microsecond=0)
        if there < hour:
            continue
        told_today = Digest.objects.filter(user_id=OuterRef("pk"), day=there.date())
        last = Digest.objects.filter(user_id=OuterRef("pk")).order_by("-until").values("until")[:1]
        due = readers.filter(~Exists(told_today), time_zone=zone, notice_choices__chosen_at__lte=hour)
        rows = due.annotate(told_until=Subquery(last)).order_by("pk").values_list("pk", "told_until").distinct()
        made = [
            Digest(
                user_id=user_id,
                day=there.date(),
                since=min(max(until or at - OLDEST, at - OLDEST), at),
                until=at,
                next_at=at,
            )
            for user_id, until in rows
        ]
        Digest.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
        planned += len(made)
    return planned


def send_due_digests(*, at: datetime, limit: int = BATCH) -> int:
    """Send the daily mails that are due and return how many went out; not one transaction.

    One whose news was read meanwhile is skipped. A worker killed between sending and noting it sends the mail again,
    with the same Message-ID.
    """

    def settle(digest: Digest, status: Digest.Status, *, sent_at: datetime | None = None) -> None:
        Digest.objects.filter(pk=digest.pk).update(status=status, sent_at=sent_at)

    def write(digest: Digest) -> EmailMultiAlternatives | None:
        mail = compose_digest(digest) if digest.user.is_active else None
        if mail is None:
            settle(digest, Digest.Status.SKIPPED)
        return mail

    def give_up(digest: Digest) -> None:
        if digest.attempts >= MOST_ATTEMPTS:
            settle(digest, Digest.Status.FAILED)

    return send_each(
        lambda: claim(Digest.objects.filter(status=Digest.Status.WAITING).select_related("user"), at=at),
        compose=write,
        sent=lambda digest: settle(digest, Digest.Status.SENT, sent_at=at),
        failed=give_up,
        limit=limit,
    )


def news_of(user_id: int, since: datetime, until: datetime) -> QuerySet[Notice]:
    """Return what a person has not read of the groups they hear of once a day, newest first."""
    return unread_of(user_id, digest_groups(user_id)).filter(created_at__gt=since, created_at__lte=until)


def compose_digest(digest: Digest) -> EmailMultiAlternatives | None:
    """Return the daily mail in the reader's language, by groups, with a plain text part; None without news."""
    user = digest.user
    rows = list(news_of(user.pk, digest.since, digest.until)[: MOST_LINES + 1])
    if not rows:
        return None
    count = news_of(user.pk, digest.since, digest.until).count()
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        found: dict[str, list[dict[str, object]]] = {}
        order = list(Group)
        for notice in sorted(rows[:MOST_LINES], key=lambda row: order.index(group_of(row.kind))):
            with sums_shown(sees_sums(notice, user.pk)):
                line = lines([notice])[0]
            link = absolute(localised(notice.path, user.language))
            found.setdefault(str(group_of(notice.kind).label), []).append({"line": line, "link": link})
        stop_link = absolute(reverse("notifications:stop", args=[stop_token(user.pk, DIGEST)]))
        context = {
            "groups": list(found.items()),
            "count": count,
            "left": max(0, count - MOST_LINES),
            "list_link": absolute(reverse("notifications:list")),
            **frame(user, stop_link),
        }
        subject = ngettext("Your day: %(count)s new notice", "Your day: %(count)s new notices", count)
        mail = EmailMultiAlternatives(
            subject=subject % {"count": count},
            body=render_to_string("notifications/digest.txt", context),
            to=[user.email],
            headers={
                "Message-ID": f"<digest-{digest.pk}@{settings.HOST or 'localhost'}>",
                **one_click(stop_link),
            },
        )
        mail.attach_alternative(render_to_string("notifications/digest.html", context), "text/html")
    return mail
