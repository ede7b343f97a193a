"""A forgotten password: the link, and what a stranger learns from asking for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client

from accounts.tests.cast import PASSWORD, make_client
from accounts.tests.conftest import bare, link_in

pytestmark = pytest.mark.django_db
PAGE = "/accounts/password/reset/"
NEW = "an even longer sentence"


def _asked(email: str = "alice@example.com") -> str:
    Client().post(PAGE, {"email": email})
    return link_in(mail.outbox[-1])


def test_a_link_sets_a_new_password_once(client: Client) -> None:
    alice = make_client("Alice").user
    path = _asked()
    form = client.get(path, follow=True)
    target = form.redirect_chain[-1][0]
    assert "set-password" in target, "the token has left the address"
    answer = client.post(target, {"password1": NEW, "password2": NEW})
    assert answer["Location"] == "/accounts/password/reset/key/done/"
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert b"This link does not work" in Client().get(path, follow=True).content


def test_the_owner_is_told_of_the_change(client: Client) -> None:
    make_client("Alice")
    target = client.get(_asked(), follow=True).redirect_chain[-1][0]
    client.post(target, {"password1": NEW, "password2": NEW})
    assert mail.outbox[-1].subject == "Your password was changed"


def test_known_and_unknown_addresses_get_the_same_answer() -> None:
    make_client("Alice")
    answers = [Client().post(PAGE, {"email": email}, follow=True) for email in ("alice@example.com", "no@example.com")]
    assert [each.redirect_chain for each in answers] == [[("/accounts/password/reset/done/", 302)]] * 2
    assert bare(answers[0]) == bare(answers[1])
    assert [message.subject for message in mail.outbox] == [
        "Choose a new password",
        "There is no account with this address",
    ]


def test_the_sixth_link_for_an_address_within_a_minute_is_refused() -> None:
    make_client("Alice")
    statuses = [Client().post(PAGE, {"email": "alice@example.com"}).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_a_made_up_link_opens_nothing(client: Client) -> None:
    alice = make_client("Alice").user
    for key in ("1-abc", "zzzzzzzzzzzz-" + "9" * 200, f"{alice.pk}-{default_token_generator.make_token(alice)}x"):
        answer = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
        assert b"This link does not work" in answer.content
    assert alice.check_password(PASSWORD)


def test_a_link_dies_with_a_change_of_the_password(client: Client) -> None:
    alice = make_client("Alice").user
    path = _asked()
    alice.set_password("meanwhile something else")
    alice.save()
    assert b"This link does not work" in client.get(path, follow=True).content


def test_two_different_passwords_change_nothing(client: Client) -> None:
    alice = make_client("Alice").user
    target = client.get(_asked(), follow=True).redirect_chain[-1][0]
    answer = client.post(target, {"password1": NEW, "password2": "something else here"})
    assert answer.context["form"].errors["password2"]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_mail_is_in_the_persons_language(client: Client) -> None:
    make_client("Alice", language="fr")
    _asked()
    assert mail.outbox[-1].subject == "Choisissez un nouveau mot de passe"


@pytest.mark.parametrize(("is_embedded", "shown"), [(True, True), (False, False)])
def test_the_page_after_asking_leads_to_the_mailbox_where_there_is_no_mail_server(
    client: Client, settings: Any, is_embedded: bool, shown: bool
) -> None:
    settings.EMBEDDED = is_embedded
    page = client.get("/accounts/password/reset/done/").content.decode()
    assert ("This installation has no mail server." in page) is shown
