"""The suggestions under a skills input."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from taxonomy.views import PER_MINUTE

pytestmark = pytest.mark.django_db


def options(client: Client, path: str = "/skills/suggest/", **query: str) -> list[str]:
    response = client.get(path, query)
    assert response.status_code == 200
    return re.findall(r'<option value="([^"]*)">', response.content.decode())


def test_anybody_is_told_the_names_that_fit(client: Client) -> None:
    assert reverse("taxonomy:skill_suggest") == "/skills/suggest/"
    assert options(client, q="dja") == ["Django"]
    assert options(client, q="js")[0] == "JavaScript"


def test_names_before_the_last_comma_are_kept(client: Client) -> None:
    assert options(client, q="Python,  HTML , dja") == ["Python,  HTML, Django"]


def test_an_input_sends_itself_under_its_own_name(client: Client) -> None:
    assert options(client, field="wanted", wanted="dja") == ["Django"]


def test_french_pages_suggest_french_names(client: Client) -> None:
    assert options(client, "/fr/skills/suggest/", q="réseaux soc")[0] == "Réseaux sociaux"


@pytest.mark.parametrize("typed", ["", "  ", "Django, ", "zzzzzzz", "\x00", "%", "é" * 5000])
def test_nothing_fits_nothing(client: Client, typed: str) -> None:
    assert options(client, q=typed) == []


def test_what_was_typed_comes_back_escaped(client: Client) -> None:
    body = client.get("/skills/suggest/", {"q": '"><script>alert(1)</script>,dja'}).content.decode()
    assert "<script>" not in body
    assert "&quot;&gt;&lt;script&gt;" in body


def test_a_visitor_who_asks_without_end_is_told_to_wait(client: Client) -> None:
    for _time in range(PER_MINUTE):
        assert client.get("/skills/suggest/", {"q": ""}).status_code == 200
    response = client.get("/skills/suggest/", {"q": ""})
    assert (response.status_code, response["Retry-After"]) == (429, "60")


def test_only_reading_is_offered(client: Client) -> None:
    assert client.post("/skills/suggest/", {"q": "dja"}).status_code == 405
