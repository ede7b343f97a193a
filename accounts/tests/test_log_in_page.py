"""Logging in with a password: who gets in, what a stranger learns, how often one may try."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.tests.cast import PASSWORD, make_client
from accounts.tests.conftest import bare

pytestmark = pytest.mark.django_db
PAGE = "/accounts/login/"


def test_the_right_password_leads_to_the_start_page_in_the_persons_language(client: Client) -> None:
    make_client("Alice", language="fr")
    answer = client.post(PAGE, {"login": "alice@example.com", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/fr/start/")


def test_the_address_is_the_same_in_capitals(client: Client) -> None:
    make_client("Alice")
    assert client.post(PAGE, {"login": "ALICE@Example.com", "password": PASSWORD}).status_code == 302


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer() -> None:
    make_client("Alice")
    known = Client().post(PAGE, {"login": "alice@example.com", "password": "wrong"})
    unknown = Client().post(PAGE, {"login": "nobod@example.com", "password": "wrong"})
    assert known.status_code == unknown.status_code == 200
    assert bare(known).replace(b"alice@", b"nobod@") == bare(unknown)
    assert b"The address and the password do not match." in known.content


def test_an_unknown_address_costs_as_much_hashing_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_client("Alice")
    real = MD5PasswordHasher.encode
    hashed: list[int] = []

    def encode(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(1)
        return real(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    Client().post(PAGE, {"login": "alice@example.com", "password": "wrong"})
    known = len(hashed)
    Client().post(PAGE, {"login": "nobody@example.com", "password": "wrong"})
    assert (known, len(hashed) - known) == (1, 1)


def test_the_sixth_wrong_password_for_an_address_closes_it_for_a_while(client: Client) -> None:
    make_client("Alice")
    for _ in range(5):
        client.post(PAGE, {"login": "alice@example.com", "password": "wrong"})
    answer = client.post(PAGE, {"login": "alice@example.com", "password": PASSWORD})
    assert "Too many attempts. Wait a few minutes, then try again." in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_unknown_address_is_closed_after_as_many_attempts(client: Client) -> None:
    for _ in range(5):
        client.post(PAGE, {"login": "nobody@example.com", "password": "wrong"})
    answer = client.post(PAGE, {"login": "nobody@example.com", "password": "wrong"})
    assert "Too many attempts." in answer.content.decode()


def test_a_closed_account_does_not_open(client: Client) -> None:
    alice = make_client("Alice").user
    alice.is_active = False
    alice.save()
    answer = client.post(PAGE, {"login": "alice@example.com", "password": PASSWORD})
    assert answer["Location"] == "/accounts/inactive/"
    assert b"This account is closed" in client.get("/accounts/inactive/").content
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"login": "x" * 50_000, "password": "y"},
        {"login": "a\x00@example.com", "password": "y"},
        {"login": "alice@example.com", "password": "y" * 50_000},
        {"login": "alice@example.com", "password": "\x00"},
    ],
)
def test_hostile_input_is_refused_with_a_message(client: Client, data: dict[str, str]) -> None:
    make_client("Alice")
    answer = client.post(PAGE, data)
    assert answer.status_code == 200
    assert answer.context["form"].errors


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site_after_logging_in(client: Client, target: str) -> None:
    make_client("Alice")
    answer = client.post(PAGE, {"login": "alice@example.com", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/start/"


@pytest.mark.parametrize("target", ["http://[::1", "//[", "http://[x]:y/"])
@pytest.mark.parametrize("page", [PAGE, "/accounts/signup/", "/accounts/logout/"])
def test_an_address_that_is_none_leads_nowhere_and_breaks_nothing(client: Client, page: str, target: str) -> None:
    assert client.get(page, {"next": target}).status_code in {200, 302}
    make_client("Alice")
    answer = client.post(PAGE, {"login": "alice@example.com", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/start/"


def test_a_page_that_asked_for_it_is_returned_to(client: Client) -> None:
    make_client("Alice")
    answer = client.post(PAGE, {"login": "alice@example.com", "password": PASSWORD, "next": "/settings/party/"})
    assert answer["Location"] == "/settings/party/"


def test_logging_out_takes_a_post(client: Client) -> None:
    client.force_login(make_client("Alice").user)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_what_is_not_offered_does_not_exist(client: Client, django_assert_num_queries: Any) -> None:
    for path in (
        "social/signup/",
        "3rdparty/",
        "login/code/",
        "login/code/confirm/",
        "password/set/",
        "2fa/webauthn/",
        "2fa/passkeys/signup/",
    ):
        assert client.get(f"/accounts/{path}").status_code == 404
