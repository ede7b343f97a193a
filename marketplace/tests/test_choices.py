"""Theme, language and keys: kept on the device, and always back to a page of ours."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_theme_is_kept_and_set_by_the_server(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "/fees/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/fees/")
    assert 'data-theme="dark"' in client.get("/fees/").content.decode()


def test_the_theme_of_the_device_forgets_the_choice(client: Client) -> None:
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "auto"})
    assert "data-theme=" not in client.get("/fees/").content.decode()


@pytest.mark.parametrize("theme", ["", "neon", '"><script>', "x" * 5000])
def test_an_unknown_theme_changes_nothing(client: Client, theme: str) -> None:
    answer = client.post("/theme/", {"theme": theme})
    assert answer.status_code == 302
    assert "theme" not in answer.cookies


def test_a_theme_cookie_of_nonsense_is_ignored(client: Client) -> None:
    client.cookies["theme"] = "neon"
    assert "data-theme=" not in client.get("/fees/").content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example", ""]
)
@pytest.mark.parametrize("address", ["/theme/", "/language/"])
def test_the_way_back_never_leaves_the_site(client: Client, address: str, target: str) -> None:
    answer = client.post(address, {"theme": "dark", "language": "en", "next": target})
    assert answer.headers["Location"] == "/"


def test_a_language_leads_to_the_same_page_in_it(client: Client) -> None:
    answer = client.post("/language/", {"language": "fr", "next": "/fees/?a=1"})
    assert answer.headers["Location"] == "/fr/fees/?a=1"
    back = client.post("/fr/language/", {"language": "en", "next": "/fr/fees/?a=1"})
    assert back.headers["Location"] == "/fees/?a=1"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    answer = client.post("/language/", {"language": "xx", "next": "/fees/"})
    assert answer.headers["Location"] == "/fees/"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_single_key_shortcuts_can_be_turned_off_and_on(client: Client) -> None:
    client.post("/keyboard/keys/", {"keys": "off"})
    page = client.get("/keyboard/").content.decode()
    assert "data-no-keys" in page
    assert "Turn single-key shortcuts on" in page
    client.post("/keyboard/keys/", {"keys": "on"})
    assert "data-no-keys" not in client.get("/keyboard/").content.decode()


@pytest.mark.parametrize("address", ["/theme/", "/language/", "/keyboard/keys/"])
def test_a_choice_is_never_made_by_a_link(client: Client, address: str) -> None:
    assert client.get(address).status_code == 405
