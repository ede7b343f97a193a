"""What the words of a search are taken for."""

from __future__ import annotations

import pytest

from taxonomy.phrases import FAINT_WEIGHT, SKILL_WEIGHT, WORD_WEIGHT, question, reasons
from taxonomy.queries import find_skill, lexicon

pytestmark = pytest.mark.django_db


def test_the_longest_phrase_that_names_a_skill_is_one_piece() -> None:
    social = find_skill("Social media")
    assert social is not None
    pieces = question("ferries réseaux sociaux", lexicon()).pieces
    assert [(piece.text, piece.skill_id, piece.weight) for piece in pieces] == [
        ("ferries", None, WORD_WEIGHT),
        ("réseaux sociaux", social.pk, SKILL_WEIGHT),
    ]


def test_a_word_that_says_little_counts_little() -> None:
    (piece,) = question("freelance", lexicon()).pieces
    assert piece.weight == FAINT_WEIGHT


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("worpdress", "wordpress"), ("djnago site", "django site"), ("wordpress", ""), ("plugins", ""), ("qzxv", "")],
)
def test_a_misspelt_word_is_put_right(typed: str, meant: str) -> None:
    assert question(typed, lexicon()).suggestion() == meant


@pytest.mark.parametrize("typed", ["", "- | &", '""', "—"])
def test_signs_alone_ask_for_nothing(typed: str) -> None:
    asked = question(typed, lexicon())
    assert not asked
    assert asked.all() == ("", [])


def test_operators_are_taken_as_they_are_written() -> None:
    asked = question("paint -quay", lexicon())
    assert asked.is_written
    assert asked.ranked() == []


def test_stop_words_are_not_ranked() -> None:
    assert [piece.text for piece in question("the quay le port", lexicon()).ranked()] == ["quay", "port"]


def test_reasons_are_skills_and_words_of_the_title() -> None:
    django = find_skill("Django")
    assert django is not None
    asked = question("django bookings", lexicon())
    assert reasons(asked, title="Booking pages", skill_ids=[django.pk]) == ([django.pk], ["bookings"])
    assert reasons(asked, title="Something else", skill_ids=[]) == ([], [])
