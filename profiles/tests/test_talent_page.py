"""The page on which freelancers are found."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, make_client, make_staff, sign_in
from profiles.forms.talent import read_quality, write_quality
from profiles.tests.test_talent_search import freelancer
from taxonomy.forms import MOST_VALUES

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 4


@pytest.fixture
def marc() -> Person:
    return make_staff("Marc", "moderator")


def page(client: Client, **query: str) -> str:
    answer = client.get("/talent/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_card_says_who_for_how_much_and_why(client: Client, marc: Person) -> None:
    freelancer(marc, "Ana", "WordPress developer", skills=("WordPress", "Figma"))
    text = page(client, q="wordpress developer")
    assert "In the title: wordpress" in text
    assert "Offers: WordPress" in text
    assert "€60.00" in text
    assert "1 freelancer" in text


def test_did_you_mean_leads_to_the_word_as_it_is_spelt(client: Client, marc: Person) -> None:
    freelancer(marc, "Ana", "WordPress developer", skills=("WordPress",))
    text = page(client, q="worpdress")
    assert "Did you mean:" in text
    assert 'href="/talent/?q=wordpress"' in text
    assert "Did you mean:" not in page(client, q="wordpress")


def test_filters_are_chips_that_can_be_taken_off(client: Client, marc: Person) -> None:
    freelancer(marc, "Ana", "WordPress developer", skills=("WordPress",))
    text = page(client, q="developer", level="expert", skills="wordpress", rate_max="80", country="FR")
    for chip in ("Expert", "WordPress", "Up to €80 an hour", "France"):
        assert chip in text
    assert 'href="/talent/?q=developer&amp;skills=wordpress&amp;rate_max=80&amp;country=FR"' in text


def test_an_empty_result_says_which_filter_to_take_off(client: Client, marc: Person) -> None:
    freelancer(marc, "Ana", "WordPress developer")
    text = page(client, level="entry")
    assert "No freelancers match" in text
    assert "Without Entry level: 1 freelancer" in text


def test_a_filter_nobody_has_a_value_for_is_hidden(client: Client, marc: Person) -> None:
    assert 'name="country"' not in page(client)
    assert "No freelancers yet" in page(client)
    freelancer(marc, "Ana", "WordPress developer")
    text = page(client)
    assert 'name="country" value="FR"' in text
    assert 'name="earned_min"' not in text


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a" * 10_000},
        {"q": "word " * 2_000},
        {"q": '- OR "" -- & | ! ( ) :* <->'},
        {"q": "'; DROP TABLE x; --"},
        {"q": "\x00"},
        {"q": "-" * 200 + "x"},
        {"q": "the of and"},
        {"q": "the", "page": "99"},
        {"skills": "a-skill-that-was-removed"},
        {"country": "XX", "level": "none", "category": "gone", "language": "de"},
        {"rate_min": "much", "earned_min": "-5", "rate_max": "9" * 40},
        {"after": "x-y", "page": "-1"},
        {"after": "40-" + "9" * 20},
    ],
)
def test_nonsense_in_the_address_is_answered(client: Client, marc: Person, query: dict[str, str]) -> None:
    freelancer(marc, "Ana", "WordPress developer")
    assert client.get(f"/talent/?{urlencode(query)}").status_code == 200


def test_what_was_left_out_is_said(client: Client) -> None:
    assert "Only the first 200 characters were searched for." in page(client, q="a" * 10_000)
    assert "has no word to search for." in page(client, q="- | &")
    assert "“harpooning” is not a known skill, so it was left out." in page(client, skills="harpooning")


def test_a_value_many_times_is_read_once(client: Client) -> None:
    query = urlencode([("level", "expert")] * (MOST_VALUES * 3))
    assert client.get(f"/talent/?{query}").content.decode().count("remove filter") == 1


def test_a_page_takes_three_statements_of_search(client: Client, marc: Person) -> None:
    freelancer(marc, "Ana", "WordPress developer")
    client.get("/talent/")
    for path in ("/talent/", "/talent/?q=wordpress", "/talent/?q=wordpress&level=expert"):
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        sent = [query["sql"] for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]]
        assert len(sent) <= MOST_STATEMENTS, sent
        assert sum("profiles_profiledocument" in sql for sql in sent) <= 3


def test_clients_find_it_in_their_navigation(client: Client) -> None:
    sign_in(client, make_client("Alice"))
    assert 'href="/talent/"' in client.get("/fees/").content.decode()


def test_a_place_is_written_and_read_again() -> None:
    assert read_quality(write_quality((0.57, 12))) == (0.57, 12)
    assert read_quality("57") is None
    assert read_quality("²-1") is None
