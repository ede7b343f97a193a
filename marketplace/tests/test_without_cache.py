"""Pages while the cache server is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.tests.cast import PASSWORD, make_client, sign_in
from core.cache import outage
from core.limits import allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(settings: Any) -> Iterator[None]:
    """Point the cache to a server that is not there."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}
    yield
    outage.forget()


@pytest.mark.usefixtures("gone")
def test_people_who_are_signed_in_go_on() -> None:
    client = Client()
    sign_in(client, make_client("Alice"))
    for page in (reverse("accounts:settings"), reverse("payments:client"), reverse("home")):
        assert client.get(page).status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get(reverse("accounts:settings")).status_code == 302


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD}),
        ("/accounts/login/", {"login": "alice@example.com", "password": "wrong"}),
        ("/accounts/password/reset/", {"email": "alice@example.com"}),
    ],
)
def test_nobody_comes_in_uncounted(page: str, data: dict[str, str]) -> None:
    make_client("Alice")
    client = Client()
    answer = client.post(page, data)
    assert answer.status_code == 503
    assert "Try again in a few minutes." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert mail.outbox == []


@pytest.mark.usefixtures("gone")
def test_limits_let_people_who_are_signed_in_pass_and_nobody_else(rf: Any) -> None:
    visitor = rf.get("/")
    assert not allow(visitor, "anything", limit=5, seconds=60)
    person = rf.get("/")
    person.actor = make_client("Alice").actor
    assert allow(person, "anything", limit=5, seconds=60)
