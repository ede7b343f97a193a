"""The rows of the list of freelancers in words, put together once here: templates take several times as long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_countries import countries

from core.money import format_money
from profiles.models import Level
from profiles.queries import TalentPage, TalentRow
from taxonomy.phrases import reasons
from taxonomy.queries import Lexicon

#: Skills of a row; the profile has all.
SKILLS_OF_A_ROW = 6


@dataclass(frozen=True, slots=True)
class ChosenSkill:
    """A skill of a freelancer, and whether the search asks for it."""

    name: str
    is_matched: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list."""

    who: TalentRow
    photo: str
    meta: list[str]
    pay: str
    skills: list[ChosenSkill]
    more_skills: int
    reasons: list[str]
    is_available: bool
    vacation_until: date | None


def talent_rows(page: TalentPage, words: Lexicon, *, asked: frozenset[int], at: datetime) -> list[Row]:
    """Return the rows of a page; `asked` are the skills of the filter, `at` tells who is available now."""
    levels = {value: capfirst(str(label)) for value, label in Level.choices}
    rows = []
    for who in page.rows:
        found, said = reasons(page.question, title=who.title, skill_ids=who.skill_ids)
        skills = [
            ChosenSkill(words.skills[pk].name, pk in asked or pk in found) for pk in who.skill_ids if pk in words.skills
        ]
        skills.sort(key=lambda skill: (not skill.is_matched, skill.name.casefold()))
        rows.append(
            Row(
                who,
                photo=reverse("files:image", kwargs={"file_id": who.photo_id, "size": "small"}) if who.photo_id else "",
                meta=list(_meta(who, levels)),
                pay=format_money(who.rate, who.currency),
                skills=skills[:SKILLS_OF_A_ROW],
                more_skills=max(len(skills) - SKILLS_OF_A_ROW, 0),
                reasons=list(_reasons(who, found, said, words)),
                is_available=who.available_until is not None and who.available_until > at,
                vacation_until=who.vacation_until
                if who.vacation_until is not None and who.vacation_until >= at.date()
                else None,
            )
        )
    return rows


def _meta(who: TalentRow, levels: dict[str, str]) -> Iterator[str]:
    country = str(countries.name(who.country))
    yield f"{who.place}, {country}" if who.place else country
    if who.level in levels:
        yield levels[who.level]
    if who.earned > 0:
        yield _("%(amount)s earned") % {"amount": format_money(who.earned, who.currency, is_whole=True)}
    else:
        yield _("New here")


def _reasons(who: TalentRow, found: list[int], said: list[str], words: Lexicon) -> Iterator[str]:
    """Yield why a search found the freelancer, and which of its words are not there."""
    if said:
        yield _("In the title: %(words)s") % {"words": ", ".join(said)}
    if found:
        yield _("Offers: %(skills)s") % {"skills": ", ".join(words.skills[pk].name for pk in found)}
    if who.missing:
        yield _("Without: %(words)s") % {"words": ", ".join(who.missing)}
