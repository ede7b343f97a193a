"""What machines ask."""

from __future__ import annotations

from typing import Any

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
@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_a_machine_that_asks_by_address_is_answered(client: Client, settings: Any, page: str) -> None:
    settings.ALLOWED_HOSTS = ["jalon.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(page, HTTP_HOST="127.0.0.1:8000").status_code == 200
    assert client.get("/", HTTP_HOST="127.0.0.1:8000").status_code == 400


@pytest.mark.parametrize(("host", "status"), [("elsewhere.example", 400), ("jalon.example", 301)])
def test_refusals_of_the_outermost_layers_carry_the_policy(
    client: Client, settings: Any, host: str, status: int
) -> None:
    settings.ALLOWED_HOSTS = ["jalon.example"]
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/", HTTP_HOST=host)
    assert answer.status_code == status
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.django_db
def test_it_is_not_ready_without_its_cache(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"cache")
