"""Looking words up: exact, by synonym, by what has been typed so far, and inside a sentence."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from taxonomy.actions import renew_edition
from taxonomy.models import Skill, Synonym, normalise
from taxonomy.queries import (
    categories,
    category_of,
    closest_skill,
    find_skill,
    find_skills,
    skills_in,
    suggest_skills,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("JavaScript", "javascript"),
        ("js", "javascript"),
        ("  JS ", "javascript"),
        ("Réseaux sociaux", "social-media"),
        ("reseaux  sociaux", "social-media"),
        ("social media", "social-media"),
        ("data viz", "data-visualisation"),
        ("data-viz", "data-visualisation"),
        ("excel", "microsoft-excel"),
        ("Recherche V", None),
        ("recherchev", "microsoft-excel"),
        ("C++", "c-plus-plus"),
        ("c#", "c-sharp"),
        (".net", "asp-net"),
        ("node.js", "node-js"),
        ("UX/UI", "ux-design"),
        ("r", "r"),
        ("gestion de projet", "project-management"),
        ("chef de projet", "project-management"),
        ("rgpd", "data-protection"),
        ("référencement", "seo"),
        ("maîtrise d'œuvre", "construction-management"),
        ("maitrise d\u2019oeuvre", "construction-management"),
        ("underwater basket weaving", None),
        ("", None),
        ("j" * 10_000, None),
    ],
)
def test_a_word_leads_to_its_skill(text: str, slug: str | None) -> None:
    skill = find_skill(text)
    assert (skill.slug if skill else None) == slug


def test_many_words_take_one_query_and_an_unknown_one_is_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    find_skill("js")
    with django_assert_num_queries(1):
        found = find_skills(["js", "excel", "nonsense", *(f"word {number}" for number in range(100))])
    assert [found["js"], found["excel"], found["nonsense"]] == [
        Skill.objects.get(slug="javascript"),
        Skill.objects.get(slug="microsoft-excel"),
        None,
    ]


def test_a_change_is_seen_at_once() -> None:
    assert find_skill("vanilla") is None
    Synonym.objects.create(word="vanilla", skill=Skill.objects.get(slug="javascript"))
    renew_edition()
    assert find_skill("Vanilla") == Skill.objects.get(slug="javascript")


def test_suggestions_begin_with_names_then_words_of_names_then_synonyms() -> None:
    names = [skill.name for skill in suggest_skills("java", "en")]
    assert names == ["Java", "JavaScript"]
    assert [skill.name for skill in suggest_skills("test", "en")][:2] == ["Test automation", "A/B testing"]


def test_an_exact_synonym_is_suggested_before_longer_names() -> None:
    assert suggest_skills("js", "en")[0].slug == "javascript"


def test_suggestions_speak_the_readers_language() -> None:
    with override("fr"):
        assert suggest_skills("réseaux soc")[0].name == "Réseaux sociaux"
    assert suggest_skills("social med", "en")[0].name == "Social media"


def test_suggestions_are_limited_and_nothing_suggests_nothing() -> None:
    assert len(suggest_skills("a", "en", limit=10)) == 10
    assert suggest_skills("", "en") == []
    assert suggest_skills(" - ", "en") == []
    assert suggest_skills("zzzzzz", "en") == []


@pytest.mark.parametrize(
    ("typed", "slug"),
    [("Javascritp", "javascript"), ("postgre", "postgresql"), ("Gestion de projets web", "project-management")],
)
def test_a_misspelt_word_has_a_closest_skill(typed: str, slug: str) -> None:
    closest = closest_skill(typed)
    assert closest is not None
    assert closest.slug == slug


def test_nonsense_has_no_closest_skill() -> None:
    assert closest_skill("qqqqqqqqwwww") is None


def test_skills_are_found_in_a_sentence_the_longest_phrase_first() -> None:
    found = skills_in("Besoin d'aide en réseaux sociaux, Google Analytics et Django")
    assert {skill.slug for skill in found} == {"social-media", "google-analytics", "django"}


def test_a_sentence_of_any_length_is_searched_in_bounded_time() -> None:
    assert len(skills_in("django python css html " * 10_000)) == 4


def test_categories_come_in_order_with_their_specialities(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    categories()
    with django_assert_num_queries(1):
        found = categories()
        assert [category.slug for category in found][:2] == ["web-development", "mobile-apps"]
        assert next(each.slug for each in found[0].specialities.all()) == "front-end-development"
    assert category_of("data") == found[5]
    assert category_of("nonsense") is None


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("  Œuvre   D’Art ", "oeuvre d'art"),
        ("CI/CD", "ci cd"),
        ("ÉTÉ", "ete"),
        ("snake_case", "snake case"),
        ("C++", "c++"),
        ("\u2014", ""),
    ],
)
def test_normalising_joins_spellings(text: str, normalised: str) -> None:
    assert normalise(text) == normalised
