"""Which jobs a search finds, in which order, and what it says about the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.tests.cast import Person
from core.actor import Actor
from jobs.actions import note_payment_verified
from jobs.models import Job
from jobs.queries import Filters, Page, search_jobs, without_each
from jobs.tests.posts import open_job
from payments.tests.cards import make_card
from taxonomy import matching
from taxonomy.models import Category
from taxonomy.queries import find_skill, lexicon

Post = Callable[..., Job]
LONG = " and we would like to start soon, with somebody who answers within a day or two, wherever they may live."


@pytest.fixture
def post(alice: Person, marc: Person, at: datetime) -> Post:
    """Return a function that opens a job of Alice with these words, each a minute after the one before."""
    clock = iter(range(1000))

    def make(title: str, description: str = "Plain work", **changes: Any) -> Job:
        moment = at + timedelta(minutes=next(clock))
        words = {"title": title, "description": description + LONG, **changes}
        return open_job(alice, moderator=marc, at=moment, **words)

    return make


def find(words: str = "", *, by: Actor | None = None, at: datetime | None = None, **filters: Any) -> list[str]:
    return [row.title for row in look(words, by=by, at=at, **filters).rows]


def look(words: str = "", *, by: Actor | None = None, at: datetime | None = None, **filters: Any) -> Page:
    moment = at or datetime.fromisoformat("2026-11-02T12:00:00+00:00")
    asked = Filters(words=words, **filters)
    return search_jobs(asked, by or Actor.anonymous(), lexicon=lexicon(), at=moment)


def test_words_are_found_by_their_stem_in_the_language_of_the_post(post: Post) -> None:
    post("Paint two boats")
    post("Concevoir des maquettes", language="fr")
    assert find("painting boat") == ["Paint two boats"]
    assert find("maquette") == ["Concevoir des maquettes"]
    assert find("nothing like it") == []


def test_accents_are_not_needed_and_do_not_hinder(post: Post) -> None:
    post("Développeur expérimenté", language="fr")
    post("Menu for a cafe")
    assert find("developpeurs experimente") == ["Développeur expérimenté"]
    assert find("café") == ["Menu for a cafe"]


def test_a_skill_is_found_by_its_name_in_the_other_language(post: Post) -> None:
    post("Posts for our ferries", skills=("Social media",))
    post("A social evening")
    assert find("réseaux sociaux") == ["Posts for our ferries"]
    assert find("besoin réseaux sociaux") == []
    assert find("ferries réseaux sociaux") == ["Posts for our ferries"]


def test_a_skill_that_only_the_words_mention_is_found_under_its_other_name(post: Post) -> None:
    post("Somebody for our social media")
    assert find("réseaux sociaux") == ["Somebody for our social media"]


def test_operators_are_understood(post: Post) -> None:
    post("Paint two boats")
    post("Paint the quay")
    assert find("paint -quay") == ["Paint two boats"]
    assert find('"two boats"') == ["Paint two boats"]
    assert find("boats OR quay") == ["Paint the quay", "Paint two boats"]


def test_a_stop_word_does_not_hide_what_is_asked_for(post: Post) -> None:
    post("Paint the quay")
    assert find("the quay") == ["Paint the quay"]
    assert find("le quay") == ["Paint the quay"]


def test_newest_come_first_and_best_match_puts_titles_before_descriptions(post: Post) -> None:
    post("A lighthouse to draw")
    post("A poster", description="It shows a lighthouse at night")
    assert find("lighthouse") == ["A poster", "A lighthouse to draw"]
    assert find("lighthouse", is_best_first=True) == ["A lighthouse to draw", "A poster"]


def test_only_the_newest_candidates_are_ranked(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "RANKED", 1)
    post("A lighthouse to draw")
    post("A poster", description="It shows a lighthouse at night")
    assert find("lighthouse", is_best_first=True) == ["A poster"]


def test_each_filter_keeps_what_fits(post: Post, alice: Person) -> None:
    post("Cheap", budget=10_000, level="entry", duration="weeks")
    post("Dear", budget=900_000, category="web-development", skills=("Django",), language="fr")
    post("Hourly", kind="hourly", budget=None, rate_low=3_000, rate_high=5_000, duration="months", weekly_load=20)
    django = find_skill("Django")
    assert django is not None
    assert find(kinds=("hourly",)) == ["Hourly"]
    assert find(levels=("entry",)) == ["Cheap"]
    assert find(durations=("weeks",)) == ["Cheap"]
    assert find(languages=("fr",)) == ["Dear"]
    assert find(categories=(Category.objects.get(slug="web-development").pk,)) == ["Dear"]
    assert find(skills=(django.pk,)) == ["Dear"]
    assert find(budget_min=10_001) == ["Dear"]
    assert find(budget_max=10_000) == ["Cheap"]
    assert find(rate_min=5_001) == []
    assert find(rate_min=5_000, rate_max=9_000) == ["Hourly"]
    assert find(budget_max=10_000, rate_max=3_000) == ["Hourly", "Cheap"]
    assert find(connects_max=2) == ["Cheap"]
    assert find(is_payment_verified=True) == []
    assert alice.party is not None
    make_card(alice)
    note_payment_verified(client_id=alice.party.pk)
    assert find(is_payment_verified=True) == ["Hourly", "Dear", "Cheap"]


def test_visitors_see_public_jobs_only(post: Post, bob: Person) -> None:
    post("For everyone")
    post("For members", visibility="signed_in")
    assert find() == ["For everyone"]
    assert find(by=bob.actor) == ["For members", "For everyone"]
    assert look().count == 1


def test_a_choice_is_counted_among_what_the_other_filters_leave(post: Post) -> None:
    post("One", level="entry")
    post("Two", level="expert")
    post("Three", level="expert", kind="hourly", budget=None, rate_low=1_000, rate_high=2_000)
    page = look(levels=("entry",))
    assert page.count == 1
    assert page.facets["level"] == {"entry": 1, "expert": 2}
    assert page.facets["kind"] == {"fixed": 1}
    assert page.facets["language"] == {"en": 1}


def test_the_count_stops_where_it_is_told_to(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "COUNTED", 1)
    post("One")
    assert not look().is_more_than_counted
    post("Two")
    post("Three")
    page = look()
    assert (page.count, page.is_more_than_counted, len(page.rows)) == (2, True, 3)


def test_pages_walk_forth_and_back_without_gap_or_repeat(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PER_PAGE", 2)
    for number in range(5):
        post(f"Job {number}")
    first = look()
    second = look(after=first.older)
    third = look(after=second.older)
    titles = [[row.title for row in page.rows] for page in (first, second, third)]
    assert titles == [["Job 4", "Job 3"], ["Job 2", "Job 1"], ["Job 0"]]
    assert (first.newer, third.older) == (None, None)
    back = look(before=third.newer)
    assert [row.title for row in back.rows] == ["Job 2", "Job 1"]
    start = look(before=back.newer)
    assert [row.title for row in start.rows] == ["Job 4", "Job 3"]
    assert start.newer is None


def test_without_results_each_filter_is_counted_away(post: Post) -> None:
    post("Paint two boats", level="entry")
    filters = Filters(words="boats", levels=("expert",), kinds=("fixed",))
    moment = datetime.fromisoformat("2026-11-02T12:00:00+00:00")
    assert without_each(filters, Actor.anonymous(), lexicon=lexicon(), at=moment) == {"words": 0, "level": 1, "kind": 0}


def test_posts_with_some_of_the_words_follow_and_say_what_is_missing(post: Post) -> None:
    post("Paint two boats")
    post("Paint the quay")
    page = look("paint boats", is_best_first=True)
    assert [(row.title, row.missing) for row in page.rows] == [("Paint two boats", ()), ("Paint the quay", ("boats",))]
    assert page.count == 1
    assert find("paint boats") == ["Paint two boats"]


def test_a_misspelt_skill_is_found_all_the_same(post: Post) -> None:
    post("Pages for a bakery", skills=("WordPress",))
    page = look("worpdress", is_best_first=True)
    assert [row.title for row in page.rows] == ["Pages for a bakery"]
    assert page.question.suggestion() == "wordpress"
