"""Notices: who is told of what, once, in their language, and never of their own act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.urls import resolve
from django.utils import translation

from accounts.actions import add_hat
from accounts.middleware import PARTY
from accounts.tests.cast import Person, make_client, make_freelancer, sign_in
from contracts.tests.cast import AT, Deal, make_deal, settle, sign, submitted
from events.models import Event
from notifications.actions import make_notices, read_all_notices, send_due_mails
from notifications.catalogue import KINDS, thing_of
from notifications.catalogue.words import words
from notifications.models import Mail, Notice
from tests.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal() -> Deal:
    return make_deal()


def kinds_of(user: Any) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_the_other_side_is_told_and_the_one_who_acted_is_not(deal: Deal) -> None:
    contract = sign(deal)
    Notice.objects.all().delete()

    submitted(deal, contract)
    settle()

    assert kinds_of(deal.alice.user) == ["contracts.milestone_submitted"]
    assert kinds_of(deal.bob.user) == []


def test_an_event_delivered_twice_makes_one_notice_and_one_mail(deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    event = Event.objects.get(kind="contracts.milestone_submitted")

    assert make_notices(event=event) == 0
    assert Mail.objects.filter(notice__kind="contracts.milestone_submitted").count() == 1


def test_every_kind_has_words_in_both_languages_and_a_page_that_exists() -> None:
    """Every event that the world has seen and that has words is put into words, with nothing left to fill in."""
    make_world()
    seen = set()
    for event in Event.objects.filter(kind__in=KINDS):
        thing = thing_of(event)
        for language in ("en", "fr"):
            with translation.override(language):
                title, text = words(event.kind, {**event.data, **thing.words})
            assert title
            assert "%(" not in title + text
        resolve(thing.path)
        seen.add(event.kind)

    apps = {kind.partition(".")[0] for kind in seen}
    assert apps == {"contracts", "disputes", "jobs", "messaging", "payments", "profiles", "proposals", "trust"}


def test_titles_are_french_for_a_french_reader() -> None:
    with translation.override("fr"):
        for kind, spec in KINDS.items():
            french = str(spec.title)
            with translation.override("en"):
                assert french != str(spec.title), kind


def test_a_mail_goes_out_once_with_its_text_and_its_link(deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    mail.outbox.clear()

    assert send_due_mails(at=AT + timedelta(minutes=1)) > 0
    assert send_due_mails(at=AT + timedelta(minutes=1)) == 0

    ours = [each for each in mail.outbox if each.to == [deal.alice.user.email] and "submitted" in each.subject]
    assert len(ours) == 1
    assert "/contracts/" in ours[0].body
    assert isinstance(ours[0], EmailMultiAlternatives)
    assert ours[0].alternatives[0][1] == "text/html"


def test_a_mail_server_that_is_away_costs_a_pause_and_not_the_mail(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted(deal, sign(deal))
    settle()
    moment = AT + timedelta(minutes=1)

    def away(*_args: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", away)
        assert send_due_mails(at=moment) == 0
    waiting = Mail.objects.filter(status=Mail.Status.WAITING).count()
    assert waiting > 0
    assert send_due_mails(at=moment) == 0
    assert send_due_mails(at=moment + timedelta(minutes=5)) == waiting


def test_a_mail_that_cannot_be_written_holds_up_no_other(deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    first = Notice.objects.filter(mail__status="waiting").order_by("mail__next_at", "mail__pk").first()
    assert first is not None
    first.kind = "contracts.of_an_older_version"  # nobody has words for it any more
    first.save(update_fields=["kind"])
    waiting = Mail.objects.filter(status=Mail.Status.WAITING).count()
    moment = AT + timedelta(minutes=1)

    assert send_due_mails(at=moment) == waiting - 1
    for _attempt in range(12):
        moment += timedelta(days=1)
        assert send_due_mails(at=moment) == 0
    assert Mail.objects.get(notice=first).status == Mail.Status.FAILED


def test_no_lock_is_held_while_the_mail_server_thinks(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted(deal, sign(deal))
    settle()
    inside: list[bool] = []

    def slow(*_args: object) -> int:
        inside.append(any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks))
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", slow)
    assert send_due_mails(at=AT + timedelta(minutes=1)) > 0
    assert set(inside) == {False}


def test_a_subject_with_line_breaks_cannot_add_headers(deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    notice = Notice.objects.get(kind="contracts.milestone_submitted")
    notice.data["milestone"] = "Screens\r\nBcc: everybody@example.com"
    notice.save(update_fields=["data"])
    mail.outbox.clear()

    send_due_mails(at=AT + timedelta(minutes=1))

    subject = next(each.subject for each in mail.outbox if "Screens" in each.subject)
    assert "\n" not in subject
    assert "\r" not in subject


def test_opening_a_notice_marks_it_and_leads_on_in_the_readers_language(client: Client, deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    notice = Notice.objects.get(kind="contracts.milestone_submitted")
    sign_in(client, deal.alice)

    answer = client.get(f"/fr/notices/{notice.pk}/")

    assert answer.headers["Location"] == f"/fr{notice.path}"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_notice_for_another_hat_puts_it_on_and_says_so(client: Client, deal: Deal) -> None:
    contract = submitted(deal, sign(deal)).contract
    settle()
    other = add_hat(kind="freelancer", by=deal.alice.actor, at=AT)
    notice = Notice.objects.get(user=deal.alice.user, kind="contracts.milestone_submitted")
    sign_in(client, Person(deal.alice.user, other, deal.alice.actor))
    room = f"/contracts/{contract.pk}/"
    assert client.get(room).status_code == 404

    page = client.get(f"/notices/{notice.pk}/", follow=True)

    assert page.status_code == 200
    assert f"You now act for {deal.client.name}" in page.content.decode()
    assert client.session[PARTY] == deal.client.pk


def test_a_notice_for_a_party_that_was_left_puts_nothing_on(client: Client, deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    notice = Notice.objects.get(user=deal.alice.user, kind="contracts.milestone_submitted")
    Notice.objects.filter(pk=notice.pk).update(party=deal.freelancer)
    sign_in(client, deal.alice)

    client.get(f"/notices/{notice.pk}/")

    assert client.session[PARTY] == deal.client.pk


def test_a_prefetch_marks_nothing(client: Client, deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    notice = Notice.objects.get(kind="contracts.milestone_submitted")
    sign_in(client, deal.alice)

    client.get(f"/notices/{notice.pk}/", headers={"Sec-Purpose": "prefetch"})

    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_stranger_learns_nothing_about_a_notice(client: Client, deal: Deal) -> None:
    submitted(deal, sign(deal))
    settle()
    notice = Notice.objects.get(kind="contracts.milestone_submitted")
    sign_in(client, make_freelancer("Eve"))

    assert client.get(f"/notices/{notice.pk}/").status_code == 404


def test_marking_all_as_read_leaves_other_peoples_notices(deal: Deal) -> None:
    sign(deal)
    others = Notice.objects.filter(user=deal.bob.user, read_at=None).count()

    read_all_notices(by=deal.alice.actor, at=AT)

    assert not Notice.objects.filter(user=deal.alice.user, read_at=None).exists()
    assert Notice.objects.filter(user=deal.bob.user, read_at=None).count() == others


def test_the_list_has_words_for_its_first_use(client: Client) -> None:
    sign_in(client, make_client("Zoé"))

    assert "No notices yet" in client.get("/notices/").content.decode()
