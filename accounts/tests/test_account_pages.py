"""Changing password and address when signed in."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tests.cast import PASSWORD, Person, make_client, make_freelancer
from accounts.tests.conftest import link_in

pytestmark = pytest.mark.django_db
NEW = "an even longer sentence"


@pytest.fixture
def alice(client: Client) -> Person:
    person = make_client("Alice")
    client.post("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return person


def test_the_password_is_changed_knowing_the_old_one(client: Client, alice: Person) -> None:
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", data)["Location"] == "/settings/security/"
    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW)
    assert mail.outbox[-1].subject == "Your password was changed"


def test_a_wrong_old_password_changes_nothing(client: Client, alice: Person) -> None:
    answer = client.post("/accounts/password/change/", {"oldpassword": "no", "password1": NEW, "password2": NEW})
    assert b"This is not your current password." in answer.content
    alice.user.refresh_from_db()
    assert alice.user.check_password(PASSWORD)


def test_other_sessions_end_with_the_old_password(client: Client, alice: Person) -> None:
    other = Client()
    other.post("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD})
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert client.get("/settings/").status_code == 200
    assert other.get("/settings/").status_code == 302


def test_the_old_address_stays_until_the_new_one_is_verified(client: Client, alice: Person) -> None:
    client.post("/accounts/email/", {"email": "new@example.com", "action_add": "1"})
    assert User.objects.get(pk=alice.user.pk).email == "alice@example.com"
    assert [each.to for each in mail.outbox] == [["new@example.com"], ["alice@example.com"]]
    notice = mail.outbox[1]
    assert notice.subject == "Your address is about to change"
    assert "new@example.com" in str(notice.body)
    client.post(link_in(mail.outbox[0]))
    assert User.objects.get(pk=alice.user.pk).email == "new@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.com", True)]
    assert mail.outbox[-1].to == ["alice@example.com"], "the old address is told"


def test_changing_the_address_asks_who_it_is(alice: Person) -> None:
    stale = Client()
    stale.force_login(alice.user)
    answer = stale.post("/accounts/email/", {"email": "new@example.com", "action_add": "1"})
    assert "reauthenticate" in answer["Location"]
    assert not EmailAddress.objects.filter(email="new@example.com").exists()


def test_an_address_of_another_account_is_never_taken_over(client: Client, alice: Person) -> None:
    bob = make_freelancer("Bob")
    EmailAddress.objects.filter(user=bob.user).update(verified=False)
    answer = client.post("/accounts/email/", {"email": "bob@example.com", "action_add": "1"})
    assert answer.status_code == 302, "it looks like any other"
    assert mail.outbox[-1].to == ["alice@example.com"]
    client.post(link_in(mail.outbox[-2]), follow=True)
    assert User.objects.get(pk=alice.user.pk).email == "alice@example.com"
    assert User.objects.get(pk=bob.user.pk).email == "bob@example.com"


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 50_000, "a\x00@example.com", "alice@example.com"])
def test_an_address_that_cannot_be_is_refused(client: Client, alice: Person, typed: str) -> None:
    answer = client.post("/accounts/email/", {"email": typed, "action_add": "1"})
    assert answer.status_code == 200
    assert answer.context["form"].errors


@pytest.mark.parametrize("action", ["action_send", "action_remove", "action_primary"])
def test_acting_on_a_strangers_address_does_nothing(client: Client, alice: Person, action: str) -> None:
    make_freelancer("Bob")
    assert client.post("/accounts/email/", {"email": "bob@example.com", action: "1"}).status_code == 302
    assert EmailAddress.objects.filter(email="bob@example.com", verified=True).count() == 1
    assert mail.outbox == []
