"""Fixtures that the tests of accounts share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client

#: What is new in every answer: CSRF tokens, nonces and the address of the visitor's own mail.
TOKENS = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+|(nonce=")[^"]+')
LINK = re.compile(r"http://\S+")


def bare(response: Any) -> bytes:
    """Return the body without tokens and nonces."""
    return TOKENS.sub(rb"\1\2", response.content)


def link_in(mail: EmailMessage) -> str:
    """Return the path of the first link of a mail."""
    found = LINK.search(str(mail.body))
    assert found is not None, mail.body
    return "/" + found.group().split("/", 3)[3]


SIGN_UP = {
    "hat": "client",
    "first_name": "Nora",
    "last_name": "Blanc",
    "company_name": "",
    "email": "nora@example.com",
    "password1": "a long enough sentence",
    "country": "FR",
    "agree": "privacy:1 terms:1",
}


@pytest.fixture
def sign_up_with(client: Client) -> Callable[..., HttpResponse]:
    """Return a function that sends the sign-up form with some fields changed."""

    def send(*, browser: Client | None = None, prefix: str = "", **changes: Any) -> HttpResponse:
        answer = (browser or client).post(f"{prefix}/accounts/signup/", {**SIGN_UP, **changes})
        return cast("HttpResponse", answer)

    return send
