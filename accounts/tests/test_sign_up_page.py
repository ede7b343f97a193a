"""Signing up: what makes an account, and what a visitor can never find out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.test import Client

from accounts.models import Consent, Membership, Party, User
from accounts.tests.cast import make_client
from accounts.tests.conftest import SIGN_UP, bare, link_in
from events.models import Event

pytestmark = pytest.mark.django_db
SignUp = Callable[..., HttpResponse]


def test_hiring_makes_a_user_and_a_client_party_that_they_own(sign_up_with: SignUp) -> None:
    answer = sign_up_with()

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    user = User.objects.get()
    assert (user.email, user.get_full_name(), str(user.country), user.language, user.time_zone) == (
        "nora@example.com",
        "Nora Blanc",
        "FR",
        "en",
        "Europe/Paris",
    )
    membership = Membership.objects.get()
    assert (membership.user, membership.role, membership.party.kind) == (user, "owner", "client")
    assert (membership.party.name, membership.party.public_name) == ("Nora Blanc", "Nora B.")
    assert user.check_password("a long enough sentence")


def test_working_makes_a_freelancer_party_without_a_company(sign_up_with: SignUp) -> None:
    sign_up_with(hat="freelancer", company_name="Ignored Ltd")
    party = Party.objects.get()
    assert (party.kind, party.name, party.is_company) == ("freelancer", "Nora Blanc", False)


def test_a_company_hires_under_its_name(sign_up_with: SignUp) -> None:
    sign_up_with(company_name="  Verger   SA ")
    party = Party.objects.get()
    assert (party.name, party.public_name, party.is_company) == ("Verger SA", "Verger SA", True)


def test_consent_to_the_versions_in_force_is_noted(sign_up_with: SignUp) -> None:
    sign_up_with()
    assert sorted(Consent.objects.values_list("kind", "version")) == [("privacy", 1), ("terms", 1)]
    assert Event.objects.filter(kind="accounts.user_signed_up").count() == 1


def test_the_address_is_not_verified_and_one_mail_with_a_link_goes_to_it(sign_up_with: SignUp) -> None:
    sign_up_with()
    assert EmailAddress.objects.get().verified is False
    assert [message.to for message in mail.outbox] == [["nora@example.com"]]
    assert "/accounts/confirm-email/" in str(mail.outbox[0].body)
    sent = mail.outbox[0]
    assert isinstance(sent, EmailMultiAlternatives)
    assert [mimetype for _content, mimetype in sent.alternatives] == ["text/html"]


def test_nobody_is_signed_in_before_the_address_is_verified(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    assert "_auth_user_id" not in client.session
    assert client.get("/settings/").status_code == 302


def test_following_the_link_verifies_the_address_and_signs_in(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    path = link_in(mail.outbox[0])
    assert client.get(path).status_code == 200
    assert EmailAddress.objects.get().verified is False, "reading the page changes nothing"
    answer = client.post(path)
    assert (answer.status_code, answer["Location"]) == (302, "/start/")
    assert EmailAddress.objects.get().verified is True
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_a_link_works_once(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    path = link_in(mail.outbox[0])
    client.post(path)
    other = Client()
    answer = other.get(path)
    assert answer.status_code == 200
    assert b"has been used or is too old" in answer.content
    assert other.post(path).status_code == 404
    assert "_auth_user_id" not in other.session


def test_a_link_of_another_browser_verifies_but_signs_nobody_in(sign_up_with: SignUp) -> None:
    sign_up_with()
    other = Client()
    answer = other.post(link_in(mail.outbox[0]))
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert EmailAddress.objects.get().verified is True
    assert "_auth_user_id" not in other.session


def test_an_expired_link_verifies_nothing(sign_up_with: SignUp, client: Client, settings: Any) -> None:
    sign_up_with()
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 0
    path = link_in(mail.outbox[0])
    assert b"has been used or is too old" in client.get(path).content
    assert client.post(path).status_code == 404
    assert EmailAddress.objects.get().verified is False


def test_a_taken_address_looks_exactly_like_a_free_one(sign_up_with: SignUp) -> None:
    make_client("Alice")
    before = (User.objects.count(), Party.objects.count(), Event.objects.count())
    free, taken = Client(), Client()
    first = sign_up_with(browser=free, email="nobody@example.com")
    second = sign_up_with(browser=taken, email="alice@example.com")

    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert set(first.headers) == set(second.headers)
    waiting = [bare(browser.get("/accounts/confirm-email/")) for browser in (free, taken)]
    assert waiting[0].replace(b"nobody@", b"alice@") == waiting[1]
    assert User.objects.count() == before[0] + 1, "only the free address made an account"


def test_the_owner_of_a_taken_address_is_told_and_nothing_changes(sign_up_with: SignUp) -> None:
    make_client("Alice")
    before = (User.objects.count(), Party.objects.count(), Consent.objects.count(), Event.objects.count())
    sign_up_with(email="ALICE@example.com")
    after = (User.objects.count(), Party.objects.count(), Consent.objects.count(), Event.objects.count())
    assert after == before
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["alice@example.com"], "You have an account already")
    ]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hat", "", b"Choose whether you want to hire or to work."),
        ("hat", "administrator", b"administrator is not one of the available choices."),
        ("first_name", "", b"Enter your first name."),
        ("last_name", "x" * 61, b"at most 60 characters"),
        ("email", "not an address", b"Enter a valid email address."),
        ("password1", "short", b"too short"),
        ("password1", "nora@example.com", b"too similar"),
        ("password1", "a long sentence " * 17, b"at most 256 characters"),
        ("country", "XX", b"XX is not one of the available choices."),
        ("agree", "", b"Agree to the terms of use to create an account."),
        ("agree", "privacy:1 terms:0", b"A newer version was published meanwhile."),
        ("agree", "on", b"A newer version was published meanwhile."),
        ("first_name", "No\x00ra", b"Null characters are not allowed."),
        ("company_name", "x" * 50_000, b"at most 121 characters"),
    ],
)
def test_bad_input_makes_nothing_and_says_what_to_do(
    sign_up_with: SignUp, field: str, value: str, words: bytes
) -> None:
    answer = sign_up_with(**{field: value})
    assert answer.status_code == 200
    assert words in answer.content
    assert User.objects.count() == 0
    assert mail.outbox == []


def test_what_was_typed_is_kept_except_the_password(sign_up_with: SignUp) -> None:
    answer = sign_up_with(country="")
    assert b'value="Nora"' in answer.content
    assert b"a long enough sentence" not in answer.content


def test_no_field_can_set_rights_or_state(sign_up_with: SignUp) -> None:
    sign_up_with(is_staff="on", is_superuser="on", role="admin", groups="1", language="fr", email_verified="on")
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.language, user.groups.count()) == (False, False, "en", 0)


def test_a_second_click_makes_no_second_account(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    answer = sign_up_with()
    assert answer.status_code == 302
    assert User.objects.count() == 1


def test_the_twentyfirst_sign_up_within_a_minute_is_refused(sign_up_with: SignUp) -> None:
    statuses = [sign_up_with(browser=Client(), agree="").status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]


def test_the_french_page_makes_a_french_account_with_a_french_mail(sign_up_with: SignUp) -> None:
    answer = sign_up_with(prefix="/fr")
    assert answer["Location"] == "/fr/accounts/confirm-email/"
    assert User.objects.get().language == "fr"
    assert "/fr/accounts/confirm-email/" in str(mail.outbox[0].body)


def test_a_link_may_choose_the_hat(client: Client) -> None:
    assert client.get("/accounts/signup/?hat=freelancer").context["form"]["hat"].value() == "freelancer"
    assert client.get("/accounts/signup/?hat=admin").context["form"]["hat"].value() is None


def test_a_signed_in_person_is_led_on(client: Client) -> None:
    client.force_login(make_client("Alice").user)
    assert client.get("/accounts/signup/").status_code == 302


def test_every_field_of_the_form_is_required_where_it_says_so(client: Client) -> None:
    answer = client.post("/accounts/signup/", {})
    form = answer.context["form"]
    assert set(form.errors) == set(SIGN_UP) - {"company_name"}
