"""The head of a large table of search documents: what is found, from where, and when it is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from accounts.tests.cast import make_client
from core.actor import Actor
from core.clock import now
from jobs.models import JobDocument
from jobs.queries import Filters
from jobs.queries.search import DOCUMENTS, search_jobs
from jobs.tests.posts import open_job
from taxonomy import matching
from taxonomy.actions import renew_head
from taxonomy.queries import lexicon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def titles() -> Iterator[list[str]]:
    """Make eight posts an hour apart, the newest first, and take the head away afterwards."""
    alice = make_client("Alice")
    made = [f"Pottery catalogue number {number}" for number in range(8)]
    for age, title in enumerate(made):
        job = open_job(alice, title=title)
        JobDocument.objects.filter(job=job).update(posted_at=now() - timedelta(hours=age))
    run("ANALYZE jobs_jobdocument")
    yield made
    run(
        "CREATE OR REPLACE FUNCTION jobs_jobdocument_head() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        " AS $$SELECT timestamptz '-infinity'$$"
    )
    for name in heads():
        run(f"DROP INDEX {name}")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def heads() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE indrelid = 'jobs_jobdocument'::regclass AND indpred IS NOT NULL"
        )
        return [name for (name,) in cursor.fetchall()]


def find(words: str) -> list[str]:
    filters = Filters(words=words, is_best_first=True)
    return sorted(row.title for row in search_jobs(filters, Actor.anonymous(), lexicon=lexicon(), at=now()).rows)


def test_a_small_table_has_no_head() -> None:
    assert renew_head(DOCUMENTS) == 0
    assert heads() == []


def test_a_word_is_found_in_the_whole_table_where_the_head_has_too_few(titles: list[str]) -> None:
    assert renew_head(DOCUMENTS, large=5, head=3) == 1
    assert heads() == ["jobs_jobdocument_head_1"]
    assert find("pottery") == titles
    assert find("number 7") == titles  # the one that has both, and those with one of the words


def test_the_head_alone_is_searched_where_it_has_enough(titles: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "ENOUGH", 3)
    monkeypatch.setattr(matching, "PER_PAGE", 3)
    assert len(find("pottery")) == 3
    renew_head(DOCUMENTS, large=5, head=3)
    page = search_jobs(Filters(words="pottery", is_best_first=True), Actor.anonymous(), lexicon=lexicon(), at=now())
    assert sorted(row.title for row in page.rows) == titles[:3]
    assert page.count == 8
    assert not page.has_more


def test_facets_count_the_whole_table_below_their_bound(titles: list[str]) -> None:
    before = search_jobs(Filters(words="pottery"), Actor.anonymous(), lexicon=lexicon(), at=now())
    renew_head(DOCUMENTS, large=5, head=3)
    after = search_jobs(Filters(words="pottery"), Actor.anonymous(), lexicon=lexicon(), at=now())
    assert after.facets == before.facets
    assert sum(after.facets["category"].values()) == len(titles)


def test_the_head_is_made_anew_once_it_holds_twice_what_it_should(titles: list[str]) -> None:
    assert renew_head(DOCUMENTS, large=5, head=2) == 1
    assert renew_head(DOCUMENTS, large=5, head=2) == 0
    JobDocument.objects.filter(job__title__in=titles[2:5]).update(posted_at=now())
    assert renew_head(DOCUMENTS, large=5, head=2) == 1
    assert heads() == ["jobs_jobdocument_head_2"]
