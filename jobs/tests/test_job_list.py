"""The page of open jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.cast import Person, sign_in
from jobs.tests.posts import open_job
from profiles.tests.cast import approve
from taxonomy.forms import MOST_VALUES

MOST_STATEMENTS = 8


def statements(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len([query for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]])


def test_twenty_rows_cost_as_many_statements_as_one(
    client: Client, alice: Person, bob: Person, marc: Person, at: datetime
) -> None:
    approve(bob, moderator=marc, at=at)
    open_job(alice, moderator=marc, at=at)
    sign_in(client, bob)
    one = statements(client, "/jobs/")
    for minute in range(19):
        open_job(alice, moderator=marc, at=at + timedelta(minutes=minute))
    assert statements(client, "/jobs/") == one
    assert one <= MOST_STATEMENTS
    assert statements(client, "/jobs/?q=checkout+figma&level=intermediate") <= MOST_STATEMENTS
    assert statements(client, "/jobs/?q=checkout&sort=best") <= MOST_STATEMENTS


def test_a_visitor_costs_no_session_and_no_user(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    open_job(alice, moderator=marc, at=at)
    with CaptureQueriesContext(connection) as seen:
        response = client.get("/jobs/")
    sql = " ".join(query["sql"] for query in seen.captured_queries)
    assert "django_session" not in sql
    assert "accounts_user" not in sql
    assert "jalon_session" not in response.cookies


def test_a_parameter_said_many_times_counts_once(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    open_job(alice, moderator=marc, at=at)
    page = client.get("/jobs/?" + urlencode([("kind", "fixed")] * 500 + [("level", f"x{n}") for n in range(500)]))
    form = page.context["form"]
    assert [chip.name for chip in form.chips()] == ["kind"]
    assert len(form.kept()) == 1 + MOST_VALUES


def test_own_skills_are_ticked(client: Client, alice: Person, bob: Person, marc: Person, at: datetime) -> None:
    profile = approve(bob, moderator=marc, at=at)
    mine = profile.skills.get()
    open_job(alice, moderator=marc, at=at, skills=(mine.name_en, "Figma"))
    sign_in(client, bob)
    page = client.get("/jobs/").content.decode()
    assert f'{mine.name_en}<span class="sr">, on your profile</span>' in page
    assert "Figma<span" not in page


def test_the_first_use_and_an_empty_search_are_told_apart(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    assert "No open jobs yet" in client.get("/jobs/").content.decode()
    open_job(alice, moderator=marc, at=at)
    page = client.get("/jobs/?q=zeppelin&kind=fixed").content.decode()
    assert "No jobs match" in page
    assert "Without “zeppelin”: 1 job" in page
    assert 'href="/jobs/?kind=fixed"' in page


def test_a_filter_that_is_on_is_a_chip_that_takes_it_off(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at)
    page = client.get("/jobs/?level=expert&level=intermediate&budget_min=1500&skills=figma").content.decode()
    assert 'href="/jobs/?level=intermediate&amp;budget_min=1500&amp;skills=figma">Expert' in page
    assert 'href="/jobs/?level=expert&amp;level=intermediate&amp;skills=figma">Budget from €1,500' in page
    assert 'href="/jobs/?level=expert&amp;level=intermediate&amp;budget_min=1500">Figma' in page


def test_a_filter_that_nobody_has_a_value_for_is_hidden(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at, duration="")
    page = client.get("/jobs/").content.decode()
    assert 'name="duration"' not in page
    assert 'name="rate_min"' not in page
    assert 'name="verified"' not in page
    assert 'name="budget_min"' in page


HOSTILE = [
    ({"q": "x" * 10_000}, "Only the first 200 characters were searched for."),
    ({"q": "+ - | & !"}, "“+ - | &amp; !” has no word to search for."),
    ({"q": '"'}, "has no word to search for."),
    ({"q": "\x00"}, "Find work"),
    ({"q": "boat\x00s"}, "No jobs match"),
    ({"q": "'); DROP TABLE jobs_job; --"}, "No jobs match"),
    ({"q": "-" * 100 + "a"}, "Find work"),
    ({"q": "- " * 90 + "a"}, "Find work"),
    ({"q": '-"" ' * 40 + "a"}, "Find work"),
    ({"q": '-"' * 90 + "a"}, "Find work"),
    ({"q": "or " * 60 + "a"}, "Find work"),
    ({"q": "- - - - - - - -a"}, "Find work"),
    ({"q": "(" * 90 + "a"}, "Find work"),
    ({"q": "%s %(x)s %"}, "Find work"),
    ({"q": "a & !b | (c <-> d):*"}, "No jobs match"),
    ({"budget_min": "abc"}, "“Lowest budget” was left out"),
    ({"budget_max": "-5"}, "“Highest budget” was left out"),
    ({"rate_min": "99999999999999999999999"}, "“Lowest hourly rate” was left out"),
    ({"connects": "many"}, "“Connects at most” was left out: Enter a whole number."),
    ({"connects": "9" * 400}, "“Connects at most” was left out"),
    ({"level": "wizard"}, "“Level” was left out"),
    ({"category": "\x00"}, "“Category” was left out"),
    ({"skills": "flying, \x00"}, "“flying” is not a known skill, so it was left out."),
    ({"sort": "price"}, "“Sort” was left out"),
    ({"after": "nonsense"}, "1 job"),
    ({"after": "9" * 30 + "-1"}, "1 job"),
    ({"before": "1-" + "9" * 20}, "1 job"),
    ({"page": "-1", "sort": "best", "q": "checkout"}, "1 job"),
    ({"page": "٣", "sort": "best", "q": "checkout"}, "1 job"),
]


@pytest.mark.filterwarnings("ignore:.*IntegerField.*")
def test_hostile_input_gets_a_clear_answer(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    open_job(alice, moderator=marc, at=at)
    for query, words in HOSTILE:
        response = client.get(f"/jobs/?{urlencode(query)}")
        assert response.status_code == 200, query
        assert words in response.content.decode(), query


def test_the_list_speaks_french_under_its_own_address(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at, language="en")
    page = client.get("/fr/jobs/?level=intermediate").content.decode()
    assert "Trouver une mission" in page
    assert "4\u202f200\u00a0€" in page
    assert 'lang="en">Redesign the checkout' in page


def test_words_bring_the_best_match_first_with_its_reasons_unless_the_newest_are_asked_for(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at, title="A lighthouse to draw")
    open_job(alice, at=at + timedelta(days=1), title="A poster", description="It shows a lighthouse at night. " * 5)
    best = client.get("/jobs/?q=lighthouse").content.decode()
    assert best.index("A lighthouse to draw") < best.index("A poster")
    assert "In the title: lighthouse" in best
    newest = client.get("/jobs/?q=lighthouse&sort=newest").content.decode()
    assert newest.index("A poster") < newest.index("A lighthouse to draw")


def test_did_you_mean_leads_to_the_word_as_it_is_spelt(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    open_job(alice, moderator=marc, at=at, skills=("WordPress",))
    text = client.get("/jobs/?q=worpdress&level=intermediate").content.decode()
    assert 'href="/jobs/?q=wordpress&amp;level=intermediate"' in text
    assert "Close matches" in text
