"""Rows of a file of posts, put into the words of the form."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.product import rules
from core.text import one_line
from jobs.models import Job
from profiles.models import Level
from taxonomy.models import Category, Skill, normalise
from taxonomy.queries import Lexicon, lexicon

LEVELS = {"entry level": Level.ENTRY, "entry": Level.ENTRY, "intermediate": Level.INTERMEDIATE, "expert": Level.EXPERT}
DURATIONS = {
    "< 1 month": Job.Duration.WEEKS,
    "1-3 months": Job.Duration.MONTHS,
    "3-6 months": Job.Duration.HALF_YEAR,
    "6+ months": Job.Duration.LONG,
}
LOADS = {"less than 30": Job.Load.HALF, "more than 30": Job.Load.FULL}
PRICES = ("fixed_price", "min_hourly_rate", "max_hourly_rate")
#: Characters of a title by which a row is named.
NAME_LENGTH = 80
#: Digits before or after the point beyond which nothing is a price; a power of ten can have a billion.
LONGEST_AMOUNT = 15


class RowRefused(DomainError):
    """A row cannot become a post; the message says why."""


@dataclass(slots=True)
class Reading:
    """One row as the form would be sent, what was changed to get there, and whether it names a price."""

    key: str
    data: dict[str, str]
    has_price: bool
    notes: list[str] = field(default_factory=list)


class RowReader:
    """Reads rows one after the other; the words of the taxonomy are looked up once."""

    def __init__(self) -> None:
        self.lexicon: Lexicon = lexicon()
        self.categories = {category.pk: category for category in self.lexicon.categories}
        pairs = Skill.categories.through.objects.values_list("skill_id", "category_id")
        self.categories_of: dict[int, list[int]] = {}
        for skill_id, category_id in pairs:
            self.categories_of.setdefault(skill_id, []).append(category_id)

    def read(self, row: Any) -> Reading:
        """Return the row in the words of the form. Raises RowRefused for what cannot be read at all."""
        if not isinstance(row, Mapping):
            raise RowRefused(_("it is not an object with fields"))
        title = " ".join(_text(row, "title").split())
        prices = {name: _amount(row, name) for name in PRICES}
        reading = Reading(key_of(row), {}, has_price=any(prices.values()))
        skills = self._skills(row, reading)
        reading.data = {
            "title": title,
            "description": _text(row, "description").strip(),
            "language": _choice(row, "language", {"en": "en", "fr": "fr"}) or "en",
            "category": self._category(row, skills),
            "skills": ", ".join(skill.slug for skill in skills),
            "level": _choice(row, "experience_level", LEVELS),
            "duration": _choice(row, "duration", DURATIONS),
            "weekly_load": str(_choice(row, "hours_per_week", LOADS)),
            "place": _text(row, "domestic_label").strip(),
            "visibility": Job.Visibility.PUBLIC,
            "hires_wanted": "1",
            **_money(prices, reading),
        }
        return reading

    def _skills(self, row: Mapping[str, Any], reading: Reading) -> list[Skill]:
        """Return the skills that are known by a name or a synonym; note those that are dropped."""
        typed = row.get("skills") or []
        if not isinstance(typed, list) or not all(isinstance(each, str) for each in typed):
            raise RowRefused(_("“skills” is not a list of texts"))
        found: dict[int, Skill] = {}
        unknown = []
        for text in typed:
            skill = self.lexicon.skill(normalise(text))
            if skill:
                found[skill.pk] = skill
            else:
                unknown.append(text)
        if unknown:
            words = {"skills": ", ".join(map(one_line, unknown))}
            reading.notes.append(
                ngettext("unknown skill dropped: %(skills)s", "unknown skills dropped: %(skills)s", len(unknown))
                % words
            )
        most = rules().skills_maximum
        if len(found) > most:
            reading.notes.append(
                _("only the first %(most)s of %(number)s skills kept") % {"most": most, "number": len(found)}
            )
        return list(found.values())[:most]

    def _category(self, row: Mapping[str, Any], skills: list[Skill]) -> str:
        """Return the category that the row names, or the one that most of its skills belong to; the first of equals."""
        named = normalise(_text(row, "category"))
        for category in self.lexicon.categories:
            if named and named in {normalise(category.slug), normalise(category.name_en), normalise(category.name_fr)}:
                return category.slug
        votes = Counter(pk for skill in skills if not skill.is_soft for pk in self.categories_of.get(skill.pk, ()))
        best = sorted(votes, key=lambda pk: (-votes[pk], self._position(pk)))
        return self.categories[best[0]].slug if best else ""

    def _position(self, category_id: int) -> int:
        category: Category = self.categories[category_id]
        return category.position


def name_of(row: Any) -> str:
    """Return what a row is called in messages: its title, as far as it has one."""
    title = row.get("title") if isinstance(row, Mapping) else None
    return one_line(title)[:NAME_LENGTH] if isinstance(title, str) else ""


def key_of(row: Mapping[str, Any]) -> str:
    """Return the hash of title, description and prices: the same row is never posted twice."""
    told = [
        " ".join(str(row.get("title")).split()),
        str(row.get("description")).strip(),
        *(str(row.get(name)) for name in PRICES),
    ]
    return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowRefused(_("“%(name)s” is not a text") % {"name": name})
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RowRefused(_("“%(name)s” holds half a character") % {"name": name}) from None
    return value


def _choice(row: Mapping[str, Any], name: str, choices: Mapping[str, Any]) -> Any:
    """Return what a text stands for; nothing where it is missing. Raises RowRefused for one that nobody knows."""
    text = " ".join(_text(row, name).casefold().split())
    if not text:
        return ""
    if text not in choices:
        raise RowRefused(_("“%(text)s” is not a known “%(name)s”") % {"text": text[:NAME_LENGTH], "name": name})
    return choices[text]


def _amount(row: Mapping[str, Any], name: str) -> str:
    """Return an amount as one types it; nothing where it is missing."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise RowRefused(_("“%(name)s” is not an amount") % {"name": name})
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount.adjusted()) > LONGEST_AMOUNT:
        raise RowRefused(_("“%(name)s” is not an amount") % {"name": name})
    return f"{amount.normalize():f}"


def _money(prices: Mapping[str, str], reading: Reading) -> dict[str, str]:
    """Return the fields of the money; a half-open range becomes one rate, and the line says so."""
    fixed, low, high = (prices[name] for name in PRICES)
    if fixed:
        if low or high:
            reading.notes.append(_("both a fixed price and a rate: the fixed price was taken"))
        return {"kind": Job.Kind.FIXED, "budget": fixed}
    if not low and not high:
        return {"kind": Job.Kind.HOURLY}
    if not low or not high:
        reading.notes.append(_("only one end of the hourly rate: taken for both"))
        low = high = low or high
    if Decimal(low) > Decimal(high):
        reading.notes.append(_("the ends of the hourly rate were the wrong way round: turned"))
        low, high = high, low
    return {"kind": Job.Kind.HOURLY, "rate_low": low, "rate_high": high}
