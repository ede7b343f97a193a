"""What is refused gives its database connection back: a few strays would otherwise hold all that a process has."""

from __future__ import annotations

import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.tests.cast import make_client, sign_in
from tests.browser import MARKS, site

__all__ = ["site"]  # fixture

pytestmark = [mark for mark in MARKS if mark is not pytest.mark.browser]


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/contracts/4/", 404)])
def test_a_page_that_is_refused_holds_no_connection(site: str, path: str, status: int) -> None:
    before = others()  # such as those of threads that raced
    browser = Client()
    sign_in(browser, make_client("Alice"))
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    request = Request(f"{site}{path}", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"})

    try:
        answered = urlopen(request).status
    except HTTPError as refusal:
        answered = refusal.code

    assert answered == status
    deadline = time.monotonic() + 5
    while others() > before and time.monotonic() < deadline:  # the answer is sent before the request is cleared away
        time.sleep(0.01)
    assert others() == before


def others() -> int:
    """Return how many connections there are besides this one."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return int(cursor.fetchone()[0])
