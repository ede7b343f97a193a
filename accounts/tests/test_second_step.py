"""The second step: turning it on and off, logging in with it, and its recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.tests.cast import PASSWORD, Person, make_client

pytestmark = pytest.mark.django_db


def _code(secret: str) -> str:
    """Return what an app would show now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def alice() -> Person:
    return make_client("Alice")


def _log_in(client: Client) -> str:
    answer = client.post("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD})
    return str(answer["Location"])


def _turn_on(client: Client) -> str:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'<span class="mono">([A-Z2-7]+)</span>', page)
    assert found is not None
    secret = found.group(1)
    answer = client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def test_turning_it_on_shows_a_key_takes_a_code_and_gives_recovery_codes(client: Client, alice: Person) -> None:
    _log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert '<svg width="' in page
    assert "data:image" not in page
    _turn_on(client)
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert (len(codes), len(set(codes))) == (10, 10)


def test_the_key_is_stored_unreadable(client: Client, alice: Person) -> None:
    _log_in(client)
    secret = _turn_on(client)
    stored = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    assert Authenticator.objects.get(type=Authenticator.Type.TOTP).wrap().validate_code(_code(secret)) is True


def test_then_the_password_alone_opens_nothing(client: Client, alice: Person) -> None:
    _log_in(client)
    _turn_on(client)
    other = Client()
    assert _log_in(other) == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in other.session
    assert other.get("/settings/").status_code == 302


def test_the_code_opens_the_account(client: Client, alice: Person) -> None:
    _log_in(client)
    secret = _turn_on(client)
    other, late = Client(), Client()
    _log_in(other)
    code = _code(secret)
    assert other.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/start/"
    assert other.session["_auth_user_id"] == str(alice.user.pk)
    _log_in(late)
    assert late.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200, "a code works once"
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=60)):
        assert late.post("/accounts/2fa/authenticate/", {"code": _code(secret)})["Location"] == "/start/"


def test_a_recovery_code_opens_the_account_once(client: Client, alice: Person) -> None:
    _log_in(client)
    _turn_on(client)
    code = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    first, second = Client(), Client()
    _log_in(first)
    assert first.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/start/"
    _log_in(second)
    answer = second.post("/accounts/2fa/authenticate/", {"code": code})
    assert answer.status_code == 200
    assert b"This code is not right." in answer.content
    assert "_auth_user_id" not in second.session


@pytest.mark.parametrize("data", [{}, {"credential": "{}"}, {"code": ""}, {"code": "\x00"}, {"code": "1" * 50_000}])
def test_hostile_codes_open_nothing_and_break_nothing(client: Client, alice: Person, data: dict[str, str]) -> None:
    _log_in(client)
    _turn_on(client)
    other = Client()
    _log_in(other)
    assert other.post("/accounts/2fa/authenticate/", data).status_code in {200, 302}
    assert "_auth_user_id" not in other.session


def test_guessing_codes_is_stopped(client: Client, alice: Person) -> None:
    _log_in(client)
    _turn_on(client)
    code = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    other = Client()
    _log_in(other)
    for _ in range(5):
        other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    answer = other.post("/accounts/2fa/authenticate/", {"code": code})
    assert b"Too many attempts." in answer.content
    assert "_auth_user_id" not in other.session


def test_turning_it_off_asks_who_it_is_when_the_log_in_is_old(client: Client, alice: Person) -> None:
    _log_in(client)
    _turn_on(client)
    stale = Client()
    stale.force_login(alice.user)
    answer = stale.get("/accounts/2fa/totp/deactivate/")
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    stale.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).count() == 1


def test_turning_it_off_takes_the_recovery_codes_with_it(client: Client, alice: Person) -> None:
    _log_in(client)
    _turn_on(client)
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 200
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.count() == 0
    assert [(each.to, each.subject) for each in mail.outbox] == [(["alice@example.com"], "Two-step log-in is off")]
    assert _log_in(Client()) == "/start/"
