"""Choosing how one hears of each group, and the links in mails that end them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.tests.cast import make_client, make_staff, sign_in
from contracts.tests.cast import AT, Deal, make_deal, settle, sign, submitted
from core.actor import Actor
from core.errors import NotAllowed
from core.mails import next_try
from messaging.actions import mark_read, post_message
from messaging.models import Message, Room
from notifications.actions import UnknownChoice, choose_channels, send_due_mails
from notifications.catalogue import KINDS
from notifications.catalogue.groups import group_of
from notifications.models import Group, Mail, Notice, NoticeChoice
from notifications.queries import DIGEST, choices_for, stop_token
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def deal() -> Deal:
    return make_deal()


def choose(person: Any, **choices: str) -> None:
    choose_channels(choices=choices, by=person.actor, at=AT)


def subjects() -> list[str]:
    return sorted(str(each.subject) for each in mail.outbox)


def say(deal: Deal, text: str) -> Message:
    room = Room.objects.get()
    message = post_message(room_id=room.pk, text=text, token=text, by=deal.bob.actor, at=AT)
    settle()
    return message


def test_every_kind_has_a_group_and_every_reminder_of_a_clock_is_essential_and_mailed() -> None:
    assert {group_of(kind) for kind in KINDS} <= set(Group)
    ends = ("_expiring", "_lapsing", "_payment_failed", "_overdue", "review_ending", "ask_back_ending", "_reminder")
    assert [kind for kind, spec in KINDS.items() if kind.endswith(ends) and not spec.is_essential] == []
    assert [kind for kind, spec in KINDS.items() if spec.is_essential and not spec.is_mailed] == []
    assert group_of("contracts.offer_sent") is Group.OFFERS
    assert group_of("contracts.milestone_submitted") is Group.CONTRACTS
    assert group_of("payments.books_differ") is Group.STAFF


def test_a_group_that_is_off_is_in_the_bell_and_not_mailed_but_what_is_essential_is(deal: Deal) -> None:
    choose(deal.alice, offers="off", contracts="off")
    mail.outbox.clear()
    submitted(deal, sign(deal))
    settle()

    send_due_mails(at=AT + MINUTE)

    kinds = set(Notice.objects.filter(user=deal.alice.user).values_list("kind", flat=True))
    assert {"contracts.offer_accepted", "contracts.milestone_submitted"} <= kinds
    mailed = Mail.objects.filter(notice__user=deal.alice.user, status="sent").values_list("notice__kind", flat=True)
    assert "contracts.milestone_submitted" in mailed
    assert "contracts.offer_accepted" not in mailed


def test_turning_a_group_off_stops_the_mail_that_still_waits(deal: Deal) -> None:
    sign(deal)
    settle()
    waits = Mail.objects.get(notice__user=deal.alice.user, notice__kind="contracts.offer_accepted")
    assert waits.status == "waiting"
    choose(deal.alice, offers="off")

    send_due_mails(at=AT + MINUTE)

    waits.refresh_from_db()
    assert (waits.status, waits.sent_at) == ("skipped", None)


def test_only_the_person_chooses_and_only_what_is_offered(deal: Deal) -> None:
    alice = deal.alice.user
    with nothing_happens(), pytest.raises(NotAllowed):
        choose_channels(choices={"offers": "off"}, by=Actor.anonymous(), at=AT)
    watched = Actor(user_id=alice.pk, impersonator_id=99)
    with nothing_happens(), pytest.raises(NotAllowed):
        choose_channels(choices={"offers": "off"}, by=watched, at=AT)
    for choices in ({"weather": "off"}, {"offers": "by pigeon"}, {"offers": "off", "money": ""}):
        with nothing_happens(), pytest.raises(UnknownChoice):
            choose_channels(choices=choices, by=deal.alice.actor, at=AT)


def test_a_message_is_mailed_after_two_minutes_once_for_each_room_until_it_is_read(deal: Deal) -> None:
    sign(deal)
    settle()
    send_due_mails(at=AT + MINUTE)
    mail.outbox.clear()
    first = say(deal, "Hello")
    say(deal, "Are you there?")

    send_due_mails(at=AT + MINUTE)
    assert subjects() == []
    send_due_mails(at=AT + 2 * MINUTE)
    assert len(subjects()) == 1
    assert list(
        Mail.objects.filter(notice__kind="messaging.message_posted").order_by("pk").values_list("status", flat=True)
    ) == ["sent", "skipped"]

    mark_read(room_id=first.room_id, message_id=first.pk + 1, by=deal.alice.actor, at=AT)
    say(deal, "Tomorrow then")
    send_due_mails(at=AT + timedelta(hours=2))
    assert len(subjects()) == 2


def test_reading_the_room_reads_its_notices_and_spares_the_mail(deal: Deal) -> None:
    sign(deal)
    settle()
    send_due_mails(at=AT + MINUTE)
    mail.outbox.clear()
    read, unread = say(deal, "Hello"), say(deal, "And one thing more")

    mark_read(room_id=read.room_id, message_id=read.pk, by=deal.alice.actor, at=AT)

    notices = Notice.objects.filter(kind="messaging.message_posted").order_by("pk")
    assert [(each.data["message"], each.read_at) for each in notices] == [(read.pk, AT), (unread.pk, None)]
    send_due_mails(at=AT + 2 * MINUTE)
    assert [each.mail.status for each in notices.select_related("mail")] == ["skipped", "sent"]


def test_the_page_shows_what_holds_and_keeps_what_is_chosen(client: Client) -> None:
    zoe = make_client("Zoé")
    sign_in(client, zoe)
    page = client.get("/notices/preferences/").content.decode()
    assert "Always mailed at once" in page
    assert 'name="messages"' in page
    assert 'name="staff"' not in page

    data = {group.value: "instant" for group in choices_for(zoe.actor)} | {"messages": "digest"}
    answer = client.post("/notices/preferences/", data)

    assert answer.status_code == 302
    assert choices_for(zoe.actor)[Group.MESSAGES] == "digest"
    assert choices_for(zoe.actor)[Group.MONEY] == "instant"
    assert client.post("/notices/preferences/", data | {"messages": "never"}).status_code == 422
    assert choices_for(zoe.actor)[Group.MESSAGES] == "digest"


def test_staff_choose_for_the_work_of_staff_too(client: Client) -> None:
    sign_in(client, make_staff("Fanny", "finance"))
    assert 'name="staff"' in client.get("/notices/preferences/").content.decode()


def mail_of(deal: Deal, kind: str) -> EmailMultiAlternatives:
    mail.outbox.clear()
    submitted(deal, sign(deal))
    settle()
    send_due_mails(at=AT + MINUTE)
    title = Notice.objects.get(user=deal.alice.user, kind=kind).pk
    [found] = [each for each in mail.outbox if each.extra_headers["Message-ID"].startswith(f"<notice-{title}@")]
    assert isinstance(found, EmailMultiAlternatives)
    return found


def test_a_mail_ends_with_one_click_of_somebody_who_is_not_signed_in(deal: Deal) -> None:
    told = mail_of(deal, "contracts.offer_accepted")
    headers = told.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link in told.body
    assert link in str(told.alternatives[0][0])
    path = "/" + link.split("/", 3)[3]
    visitor = Client(enforce_csrf_checks=True)

    with nothing_happens():
        page = visitor.get(path)
    assert page.status_code == 200
    assert "Send no more mails about “Offers”?" in page.content.decode()
    assert "Alice" not in page.content.decode()

    answer = visitor.post(path, {"List-Unsubscribe": "One-Click"})
    assert "No more mails are sent about “Offers”" in answer.content.decode()
    assert list(NoticeChoice.objects.values_list("user_id", "group", "channel")) == [
        (deal.alice.user.pk, "offers", "off")
    ]
    assert visitor.post(path).status_code == 200  # again: nothing more
    assert NoticeChoice.objects.count() == 1


def test_what_is_essential_says_so_and_has_no_such_button(deal: Deal) -> None:
    told = mail_of(deal, "contracts.milestone_submitted")
    assert "List-Unsubscribe" not in told.extra_headers
    assert "always sent" in told.body
    assert "/notices/stop/" not in told.body


def test_a_link_that_was_not_made_here_ends_nothing(client: Client, deal: Deal) -> None:
    good = stop_token(deal.alice.user.pk, "offers")
    other = stop_token(deal.bob.user.pk, "money")
    mixed = other.rpartition(":")[0] + ":" + good.rpartition(":")[2]
    for token in (good[:-1] + "x", mixed, "1.offers", stop_token(deal.alice.user.pk, "weather")):
        with nothing_happens():
            assert client.get(f"/notices/stop/{token}/").status_code == 404
            assert client.post(f"/notices/stop/{token}/").status_code == 404


def test_a_link_of_somebody_who_is_gone_answers_like_any_other(client: Client, deal: Deal) -> None:
    gone, here = stop_token(987_654, "offers"), stop_token(deal.alice.user.pk, "offers")
    assert client.get(f"/notices/stop/{gone}/").content.count(b"Offers") == 1
    with nothing_happens():
        answer = client.post(f"/notices/stop/{gone}/")
    assert answer.status_code == client.post(f"/notices/stop/{here}/").status_code == 200
    assert "No more mails are sent about “Offers”" in answer.content.decode()


def test_the_link_of_the_daily_mail_ends_what_came_by_it_and_nothing_else(client: Client, deal: Deal) -> None:
    choose(deal.alice, offers="digest", contracts="digest", money="instant")
    choose(deal.bob, offers="digest")
    assert client.post(f"/notices/stop/{stop_token(deal.alice.user.pk, DIGEST)}/").status_code == 200
    rows = NoticeChoice.objects.order_by("user_id", "group").values_list("user_id", "group", "channel")
    assert list(rows) == sorted(
        [
            (deal.alice.user.pk, "contracts", "off"),
            (deal.alice.user.pk, "money", "instant"),
            (deal.alice.user.pk, "offers", "off"),
            (deal.bob.user.pk, "offers", "digest"),
        ]
    )


def test_the_pause_between_attempts_doubles_up_to_eight_and_a_half_hours() -> None:
    pauses = [(next_try(attempt, AT) - AT) / MINUTE for attempt in (1, 2, 3, 8, 9, 10, 30)]
    assert pauses == [2, 4, 8, 256, 512, 512, 512]
