"""The mailbox of the set-up without a mail server."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client

from accounts import mailbox
from accounts.models import SentMail

pytestmark = pytest.mark.django_db


def _send(subject: str = "Verify", text: str = "Go to http://localhost:8000/x?a=1&b=2 now") -> SentMail:
    message = EmailMultiAlternatives(
        subject, text, "Jalon <jalon@localhost>", ["nora@example.com"], connection=get_connection(BACKEND)
    )
    message.attach_alternative("<p>Hello</p>", "text/html")
    assert message.send() == 1
    return SentMail.objects.latest("pk")


BACKEND = "accounts.mailbox.MailboxBackend"


def test_a_sent_mail_is_kept_with_both_its_parts() -> None:
    mail = _send()
    assert (mail.subject, mail.recipients, mail.html) == ("Verify", ["nora@example.com"], "<p>Hello</p>")


def test_anybody_at_the_machine_reads_it_and_follows_its_links(client: Client) -> None:
    mail = _send()
    assert f'href="/mailbox/{mail.pk}/"' in client.get("/mailbox/").content.decode()
    page = client.get(f"/mailbox/{mail.pk}/").content.decode()
    assert '<a href="http://localhost:8000/x?a=1&amp;b=2"' in page


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.168.1.7", 404), ("x", 404)])
def test_no_other_machine_reads_it_whatever_host_it_names(client: Client, address: str, status: int) -> None:
    mail = _send()
    for page in ("/mailbox/", f"/mailbox/{mail.pk}/"):
        assert client.get(page, HTTP_HOST="localhost", REMOTE_ADDR=address).status_code == status


def test_a_mail_cannot_bring_markup_into_the_page(client: Client) -> None:
    mail = _send(subject="<script>alert(1)</script>", text="<img src=x onerror=alert(1)> javascript:alert(1)")
    page = client.get(f"/mailbox/{mail.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


def test_the_oldest_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "KEPT", 3)
    for number in range(5):
        _send(subject=str(number))
    assert list(SentMail.objects.order_by("pk").values_list("subject", flat=True)) == ["2", "3", "4"]


def test_where_there_is_a_mail_server_there_is_no_mailbox(client: Client, settings: Any) -> None:
    mail = _send()
    settings.EMBEDDED = False
    assert client.get("/mailbox/").status_code == 404
    assert client.get(f"/mailbox/{mail.pk}/").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "1\x00"])
def test_a_page_number_that_is_none_shows_a_page(client: Client, page: str) -> None:
    assert client.get("/mailbox/", {"page": page}).status_code == 200


def test_an_empty_mailbox_says_how_to_fill_it(client: Client) -> None:
    assert "No mail yet" in client.get("/mailbox/").content.decode()
