"""What machines ask."""

from __future__ import annotations

import pytest
from django.test import Client


def test_the_process_says_that_it_lives_without_touching_anything(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_it_is_ready_while_database_and_cache_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_it_is_not_ready_without_its_cache(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"cache")
