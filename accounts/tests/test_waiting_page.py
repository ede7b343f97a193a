"""The page after signing up: sending the link again, and correcting the address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.forms import PENDING
from accounts.models import Party, User
from accounts.tests.cast import PASSWORD, make_client, make_user
from accounts.tests.conftest import SIGN_UP, bare, link_in

pytestmark = pytest.mark.django_db
SignUp = Callable[..., HttpResponse]
PAGE = "/accounts/confirm-email/"
RESEND = "/accounts/confirm-email/resend/"
CORRECT = "/accounts/confirm-email/correct/"
#: Letters that no mail server's name can be written with: too many for one part of it.
UNREACHABLE = f"nora@{'ü' * 60}.com"


def test_the_page_says_where_the_link_went_and_to_look_in_spam(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    page = client.get(PAGE).content.decode()
    assert "nora@example.com" in page
    assert "Look in your spam folder." in page
    assert "/mailbox/" in page


def test_without_a_sign_up_the_page_names_nobody_and_leads_to_log_in(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert "Log in, and we send the link again" in page
    assert RESEND not in page


def test_the_link_is_sent_again(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    assert client.post(RESEND)["Location"] == PAGE
    assert [message.to for message in mail.outbox] == [["nora@example.com"]] * 2


def test_the_fifth_mail_within_ten_minutes_is_not_sent_and_the_page_says_so(
    sign_up_with: SignUp, client: Client
) -> None:
    sign_up_with()
    for _ in range(4):
        client.post(RESEND)
    assert len(mail.outbox) == 4
    assert "Try again in ten minutes." in client.get(PAGE).content.decode()


def test_resending_without_a_sign_up_sends_nothing(client: Client) -> None:
    assert client.post(RESEND)["Location"] == "/accounts/login/"
    assert mail.outbox == []


def test_a_corrected_address_takes_the_place_of_the_wrong_one(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    old = link_in(mail.outbox[0])
    assert client.post(CORRECT, {"email": "Nora.Blanc@example.com"})["Location"] == PAGE
    assert User.objects.get().email == "nora.blanc@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("nora.blanc@example.com", False)]
    assert mail.outbox[-1].to == ["nora.blanc@example.com"]
    assert client.post(old).status_code == 404, "the link to the wrong address is dead"
    assert client.post(link_in(mail.outbox[-1]))["Location"] == "/start/"


def test_an_address_is_corrected_three_times_at_most(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    statuses = [client.post(CORRECT, {"email": f"nora{n}@example.com"}).status_code for n in range(4)]
    assert statuses == [302, 302, 302, 429]
    assert User.objects.get().email == "nora2@example.com"
    assert CORRECT not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "x" * 50_000, "no\x00ra@example.com", UNREACHABLE])
def test_an_address_that_is_none_is_refused_and_kept(sign_up_with: SignUp, client: Client, typed: str) -> None:
    sign_up_with()
    answer = client.post(CORRECT, {"email": typed})
    assert answer.status_code == 422
    assert answer.context["form"]["email"].value() == typed
    assert User.objects.get().email == "nora@example.com"
    assert len(mail.outbox) == 1


def test_an_address_is_kept_as_mail_servers_know_it(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with(email="Nora@Bücher.example")
    assert User.objects.get().email == "nora@xn--bcher-kva.example"
    client.post(link_in(mail.outbox[0]))
    client.post("/accounts/logout/")
    answer = client.post("/accounts/login/", {"login": "nora@bücher.example", "password": SIGN_UP["password1"]})
    assert answer["Location"] == "/start/"


def test_an_address_that_mail_cannot_reach_is_refused_wherever_one_is_asked_for(client: Client) -> None:
    make_client("Alice")
    assert client.post("/accounts/password/reset/", {"email": UNREACHABLE}).status_code == 200
    assert client.post("/accounts/login/", {"login": UNREACHABLE, "password": "x"}).status_code == 200
    assert client.post("/accounts/signup/", {**SIGN_UP, "email": UNREACHABLE}).status_code == 200
    client.post("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD})
    answer = client.post("/accounts/email/", {"action_add": "", "email": UNREACHABLE})
    assert "Mail cannot reach this address." in answer.content.decode()
    assert mail.outbox == []
    assert User.objects.count() == 1


def test_an_address_is_only_corrected_in_the_session_that_signed_up(sign_up_with: SignUp) -> None:
    sign_up_with()
    stranger = Client()
    assert stranger.post(CORRECT, {"email": "thief@example.com"})["Location"] == "/accounts/signup/"
    assert User.objects.get().email == "nora@example.com"


def test_the_password_alone_does_not_open_the_correction_in_another_browser(sign_up_with: SignUp) -> None:
    sign_up_with()
    other = Client()
    other.post("/accounts/login/", {"login": "nora@example.com", "password": "a long enough sentence"})
    assert other.post(CORRECT, {"email": "right@example.com"})["Location"] == "/accounts/signup/"
    assert User.objects.get().email == "nora@example.com"


def test_an_address_verified_meanwhile_is_not_corrected(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    Client().post(link_in(mail.outbox[0]))
    answer = client.post(CORRECT, {"email": "other@example.com"})
    assert answer.status_code == 409
    assert "Your address has been verified." in answer.content.decode()
    assert User.objects.get().email == "nora@example.com"


def test_correcting_to_a_taken_address_looks_like_correcting_to_a_free_one(sign_up_with: SignUp) -> None:
    make_client("Alice")
    free, taken = Client(), Client()
    sign_up_with(browser=free, email="one@example.com")
    sign_up_with(browser=taken, email="two@example.com")
    for browser in (free, taken):
        browser.get(PAGE)  # says once that the first link was sent
    answers = [
        free.post(CORRECT, {"email": "bobby@example.com"}),
        taken.post(CORRECT, {"email": "alice@example.com"}),
    ]
    assert [(each.status_code, each["Location"]) for each in answers] == [(302, PAGE)] * 2
    pages = [bare(browser.get(PAGE)) for browser in (free, taken)]
    assert pages[0].replace(b"bobby@", b"alice@") == pages[1]
    assert mail.outbox[-1].subject == "You have an account already"


def test_what_is_left_of_the_first_address_does_not_tell_whether_the_second_was_taken(sign_up_with: SignUp) -> None:
    make_client("Alice")
    seen = []
    for mine, other in (("one@example.com", "bobby@example.com"), ("two@example.com", "alice@example.com")):
        browser, stranger = Client(), Client()
        sign_up_with(browser=browser, email=mine)
        link = link_in(mail.outbox[-1])
        browser.post(CORRECT, {"email": other})
        log_in = stranger.post("/accounts/login/", {"login": mine, "password": "a long enough sentence"})
        again = sign_up_with(browser=Client(), email=mine)
        seen.append(
            (stranger.get(link).status_code, stranger.post(link).status_code, log_in.status_code, again["Location"])
        )
        assert mail.outbox[-1].subject == "Verify your address", "the first address is free again"
    assert seen == [(200, 404, 200, PAGE)] * 2, "the page says that the link is dead"


def test_an_address_left_for_a_taken_one_can_be_corrected_once_more(sign_up_with: SignUp, client: Client) -> None:
    make_client("Alice")
    sign_up_with()
    client.post(CORRECT, {"email": "alice@example.com"})
    assert client.post(CORRECT, {"email": "nora.blanc@example.com"})["Location"] == PAGE
    assert client.post(link_in(mail.outbox[-1]))["Location"] == "/start/"
    assert sorted(User.objects.values_list("email", flat=True)) == ["alice@example.com", "nora.blanc@example.com"]


def test_a_sign_up_with_a_taken_address_becomes_an_account_once_corrected(sign_up_with: SignUp, client: Client) -> None:
    make_client("Alice")
    sign_up_with(email="alice@example.com", hat="freelancer")
    assert User.objects.count() == 1
    client.post(CORRECT, {"email": "nora@example.com"})

    nora = User.objects.get(email="nora@example.com")
    assert nora.check_password("a long enough sentence")
    assert Party.objects.get(memberships__user=nora).kind == "freelancer"
    assert PENDING not in client.session
    assert client.post(link_in(mail.outbox[-1]))["Location"] == "/start/"


def test_so_a_correction_does_not_tell_whether_the_first_address_was_taken(sign_up_with: SignUp) -> None:
    make_client("Alice")
    for email in ("alice@example.com", "unknown@example.com"):
        browser = Client()
        sign_up_with(browser=browser, email=email)
        browser.post(CORRECT, {"email": f"spy-{email}"})
    spied = [message for message in mail.outbox if message.to[0].startswith("spy-")]
    assert [message.subject for message in spied] == ["Verify your address"] * 2


def test_logging_in_with_an_address_not_verified_looks_like_a_wrong_password_and_sends_the_link(
    client: Client,
) -> None:
    user = make_user("Nora")
    EmailAddress.objects.filter(user=user).update(verified=False)
    answer = client.post("/accounts/login/", {"login": "nora@example.com", "password": PASSWORD})
    assert answer.status_code == 200
    assert [message.to for message in mail.outbox] == [["nora@example.com"]]
    assert "_auth_user_id" not in client.session
    assert Client().post(link_in(mail.outbox[0])).status_code == 302
    assert client.post("/accounts/login/", {"login": "nora@example.com", "password": PASSWORD}).status_code == 302


def test_signing_up_and_logging_in_does_not_tell_whether_the_address_was_taken(sign_up_with: SignUp) -> None:
    make_client("Alice")
    answers = []
    for email in ("bobby@example.com", "alice@example.com"):
        sign_up_with(browser=Client(), email=email)
        spy = Client()
        tries = [spy.post("/accounts/login/", {"login": email, "password": SIGN_UP["password1"]}) for _ in range(6)]
        answers.append([(each.status_code, bare(each).replace(b"bobby@", b"alice@")) for each in tries])
        cache.clear()
    assert answers[0] == answers[1]
    assert b"do not match" in answers[0][0][1]
    assert b"Too many attempts" in answers[0][5][1]


def test_a_log_in_leaves_the_waiting_page_of_its_own_session_as_it_was(sign_up_with: SignUp, client: Client) -> None:
    sign_up_with()
    client.post("/accounts/login/", {"login": "nora@example.com", "password": SIGN_UP["password1"]})
    assert "nora@example.com" in client.get(PAGE).content.decode()
    assert client.post(link_in(mail.outbox[0]))["Location"] == "/start/"
