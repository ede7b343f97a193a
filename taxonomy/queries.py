"""Reads of the words: each process remembers all of them and asks the database only whether they still hold."""

from __future__ import annotations

import difflib
import uuid
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch
from django.utils.translation import get_language

from taxonomy.models import Category, Edition, Skill, Speciality, Synonym, normalise

#: Longest text that is looked up as one skill, in characters.
LONGEST = 80
#: How alike a misspelt word must be to a known one to be suggested, from 0 to 1.
LIKENESS = 0.72


@dataclass(frozen=True)
class Lexicon:
    """Every category and skill of one edition, and every word that leads to a skill."""

    categories: tuple[Category, ...]
    skills: dict[int, Skill]
    by_word: dict[str, int]

    @cached_property
    def words(self) -> list[str]:
        """Every word in alphabetical order."""
        return sorted(self.by_word)

    @cached_property
    def most_gaps(self) -> int:
        """The number of single words in the longest one."""
        return max((word.count(" ") + 1 for word in self.by_word), default=0)

    @cached_property
    def single_words(self) -> dict[str, tuple[str, ...]]:
        """The single words of every phrase by their first letter, for words that are misspelt."""
        found: dict[str, set[str]] = {}
        for phrase in self.by_word:
            for word in phrase.split():
                if word.isalpha():
                    found.setdefault(word[0], set()).add(word)
        return {letter: tuple(sorted(words)) for letter, words in found.items()}

    def skill(self, word: str) -> Skill | None:
        """Return the skill that a normalised word leads to."""
        pk = self.by_word.get(word)
        return None if pk is None else self.skills[pk]


#: What this process remembers: at most one edition.
_remembered: dict[uuid.UUID, Lexicon] = {}


def lexicon() -> Lexicon:
    """Return the words as they are now: one small query, and four more after a change."""
    stamp = Edition.objects.filter(pk=1).values_list("stamp", flat=True).first()
    known = _remembered.get(stamp) if stamp else None
    if known is None:
        known = _read()
        _remembered.clear()
        if stamp:
            _remembered[stamp] = known
    return known


def _read() -> Lexicon:
    specialities = Speciality.objects.order_by("position", "slug")
    categories = Category.objects.prefetch_related(Prefetch("specialities", queryset=specialities))
    skills = {skill.pk: skill for skill in Skill.objects.all()}
    by_word = dict(Synonym.objects.values_list("word", "skill_id"))
    for skill in skills.values():  # a name wins over a synonym
        for text in (skill.slug, skill.name_fr, skill.name_en):
            by_word[normalise(text)] = skill.pk
    return Lexicon(tuple(categories), skills, by_word)


def categories() -> tuple[Category, ...]:
    """Return every category in the order of lists, its specialities at hand."""
    return lexicon().categories


def category_of(slug: str) -> Category | None:
    """Return the category with this slug."""
    return next((each for each in categories() if each.slug == slug), None)


def find_skill(text: str) -> Skill | None:
    """Return the skill that `text` names: a name in either language, a slug or a synonym, however it is spelt."""
    return find_skills([text])[text]


def find_skills(texts: Iterable[str]) -> dict[str, Skill | None]:
    """Return each text with the skill it names, or None, in one query for all of them."""
    known = lexicon()
    return {text: known.skill(normalise(text[: LONGEST + 1])) if len(text) <= LONGEST else None for text in texts}


def skills_in(text: str, *, limit: int = 20) -> list[Skill]:
    """Return the skills that words of a sentence name, the longest phrase first: for searches.

    "besoin d'aide en réseaux sociaux" finds Social media.
    """
    known = lexicon()
    parts = normalise(text[:1000].replace("'", " ").replace("\u2019", " ")).replace(",", " ").split()
    found: dict[int, Skill] = {}
    start = 0
    while start < len(parts) and len(found) < limit:
        for end in range(min(len(parts), start + known.most_gaps), start, -1):
            skill = known.skill(" ".join(parts[start:end]))
            if skill is not None:
                found[skill.pk] = skill
                start = end - 1
                break
        start += 1
    return list(found.values())


def suggest_skills(prefix: str, language: str | None = None, limit: int = 10) -> list[Skill]:
    """Return skills for what has been typed so far.

    Names in `language` (the active one by default) that begin with it come first, then names with a word that
    does, then skills with such a synonym.
    """
    start = normalise(prefix[:LONGEST])
    if not start:
        return []
    known = lexicon()
    spoken = language or get_language() or "en"
    ranked: dict[int, tuple[int, str]] = {}
    for pk, skill in known.skills.items():
        name = normalise(skill.name_in(spoken))
        if name.startswith(start):
            ranked[pk] = (0, name)
        elif f" {start}" in name:
            ranked[pk] = (1, name)
    for word in _beginning_with(known.words, start):
        pk = known.by_word[word]
        if pk not in ranked:
            ranked[pk] = (0 if word == start else 2, normalise(known.skills[pk].name_in(spoken)))
    best = sorted(ranked, key=lambda pk: ranked[pk])
    return [known.skills[pk] for pk in best[:limit]]


def closest_skill(text: str) -> Skill | None:
    """Return the skill whose word is most like a misspelt one, if any is like enough."""
    known = lexicon()
    start = normalise(text[:LONGEST])
    near = difflib.get_close_matches(start, known.words, n=1, cutoff=LIKENESS)
    return known.skill(near[0]) if near else next(iter(suggest_skills(start, limit=1)), None)


def _beginning_with(words: list[str], start: str) -> Iterator[str]:
    for at in range(bisect_left(words, start), len(words)):
        if not words[at].startswith(start):
            return
        yield words[at]
