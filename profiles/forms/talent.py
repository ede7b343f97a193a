"""The filters of the list of freelancers, read from the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import User
from core.forms import MoneyField
from core.money import format_money
from core.product import rules
from profiles.models import Level
from profiles.queries.talent import TalentFilters
from taxonomy.models import Skill, normalise
from taxonomy.queries import Lexicon

LONGEST_SEARCH = 200
#: Values of one parameter that are read: more than any filter has.
MOST_VALUES = 100
#: The last page of ranked profiles: only so many are ranked.
LAST_PAGE = 10
#: Steps of quality in an address: quality has two decimals.
QUALITY_STEPS = 100
MONEY: dict[str, Any] = {
    "rate_min": _("From %(amount)s an hour"),
    "rate_max": _("Up to %(amount)s an hour"),
    "earned_min": _("%(amount)s or more earned"),
}
LISTS = ("category", "level", "language", "country")
#: The condition of the search that a field belongs to, where it has another name.
CONDITION_OF = {"q": "words", "rate_min": "rate", "rate_max": "rate", "earned_min": "earned"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the query string of the page without it."""

    name: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter: its value in the address, its words, how many it would leave, whether it is on."""

    value: str
    label: str
    count: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A filter of the rail with its choices."""

    name: str
    label: str
    choices: list[Choice]
    is_open: bool


class TalentForm(forms.Form):
    """Reads every filter on its own: one that cannot be read is left out and said so, the others still count."""

    q = forms.CharField(label=_("Search freelancers"), required=False)
    category = forms.MultipleChoiceField(label=_("Category"), required=False)
    level = forms.MultipleChoiceField(label=_("Level"), choices=Level.choices, required=False)
    language = forms.MultipleChoiceField(
        label=_("Language of the profile"), choices=User.Language.choices, required=False
    )
    country = forms.MultipleChoiceField(label=_("Country"), required=False)
    skills = forms.CharField(label=_("Skills"), required=False, max_length=400)
    rate_min = MoneyField(label=_("Lowest hourly rate"), required=False)
    rate_max = MoneyField(label=_("Highest hourly rate"), required=False)
    earned_min = MoneyField(label=_("Earned at least"), required=False)

    def __init__(self, data: QueryDict, *, lexicon: Lexicon) -> None:
        """Take the address and the words of the taxonomy; zeros and cut words are taken out of what is shown again."""
        cleaned = data.copy()
        for name, values in data.lists():
            cleaned.setlist(name, list(dict.fromkeys(values))[:MOST_VALUES])
        self.notes: list[str] = []
        words = " ".join(cleaned.get("q", "").replace("\x00", " ").split())
        if len(words) > LONGEST_SEARCH:
            words = words[:LONGEST_SEARCH].strip()
            self.notes.append(
                gettext("Only the first %(most)s characters were searched for.") % {"most": LONGEST_SEARCH}
            )
        elif words and not any(sign.isalnum() for sign in words):
            self.notes.append(gettext("“%(words)s” has no word to search for.") % {"words": words})
        if "q" in cleaned:
            cleaned["q"] = words
        super().__init__(cleaned)
        self.lexicon = lexicon
        self._choices("category").choices = [(each.slug, each.name) for each in lexicon.categories]
        self._choices("country").choices = list(countries)
        self.unread = {
            str(self.fields[name].label): str(errors[0]) for name, errors in self.errors.items() if name in self.fields
        }
        self.known_skills = self._skills()

    def _choices(self, name: str) -> forms.MultipleChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  (narrows the type)
        return field

    def _labels(self, name: str) -> dict[str, Any]:
        """Return the words of each choice of a filter."""
        choices: Any = self._choices(name).choices
        return dict(choices)

    def _skills(self) -> list[Skill]:
        """Return the skills asked for, by slug, name or synonym; note those that nobody knows."""
        typed = [part.strip() for text in self._given("skills") for part in text.split(",") if part.strip()]
        found: dict[int, Skill] = {}
        for part in typed[: rules().skills_maximum]:
            skill = self.lexicon.skill(normalise(part)) if "\x00" not in part and len(part) <= LONGEST_SEARCH else None
            if skill:
                found[skill.pk] = skill
            else:
                shown = part.replace("\x00", " ")[:40]
                self.notes.append(gettext("“%(skill)s” is not a known skill, so it was left out.") % {"skill": shown})
        return list(found.values())

    def _given(self, name: str) -> list[str]:
        return self._copy().getlist(name)

    def _copy(self) -> QueryDict:
        copied: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        return copied

    def filters(self) -> TalentFilters:
        """Return what could be read."""
        value = self.cleaned_data.get
        by_slug = {each.slug: each.pk for each in self.lexicon.categories}
        page = self.data.get("page", "")
        return TalentFilters(
            words=value("q", ""),
            categories=tuple(by_slug[slug] for slug in value("category", [])),
            skills=tuple(skill.pk for skill in self.known_skills),
            levels=tuple(value("level", [])),
            languages=tuple(value("language", [])),
            countries=tuple(value("country", [])),
            rate_min=value("rate_min"),
            rate_max=value("rate_max"),
            earned_min=value("earned_min"),
            after=read_place(self.data.get("after", "")),
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) <= 3 else 1,
        )

    def chips(self) -> list[Chip]:
        """Return the filters that are on, each with the way to take it off; the words are not one."""
        return list(self._chips())

    def _chips(self) -> Iterator[Chip]:
        for name in LISTS:
            labels = self._labels(name)
            for each in self.cleaned_data.get(name, []):
                yield Chip(name, capfirst(str(labels[each])), self.query_without(name, each))
        for skill in self.known_skills:
            rest = ", ".join(each.slug for each in self.known_skills if each is not skill)
            yield Chip("skills", skill.name, self.query("skills", changes={"skills": rest} if rest else None))
        for name, words in MONEY.items():
            if self.cleaned_data.get(name) is not None:
                amount = format_money(self.cleaned_data[name], rules().currency, is_whole=True)
                yield Chip(name, words % {"amount": amount}, self.query(name))

    def groups(self, facets: dict[str, dict[str, int]]) -> list[Group]:
        """Return the filters with their choices; one that nobody has a value for is left out, unless it is on."""
        by_id = {str(each.pk): each.slug for each in self.lexicon.categories}
        groups = []
        for name in LISTS:
            counts = facets.get(name, {})
            if name == "category":
                counts = {by_id[key]: number for key, number in counts.items() if key in by_id}
            chosen = self.cleaned_data.get(name, [])
            choices = [
                Choice(value, capfirst(str(label)), counts.get(value, 0), value in chosen)
                for value, label in self._labels(name).items()
                if counts.get(value) or value in chosen
            ]
            if choices:
                groups.append(
                    Group(name, str(self.fields[name].label), choices, name in {"category", "level"} or bool(chosen))
                )
        return groups

    @property
    def skills_text(self) -> str:
        """The skills asked for as one writes them."""
        return ", ".join(skill.name for skill in self.known_skills)

    def kept(self) -> list[tuple[str, str]]:
        """Return the parameters of this search, for the hidden fields of its other forms."""
        return [(name, value) for name, values in self._address().lists() for value in values]

    def query(self, *names: str, changes: dict[str, str] | None = None) -> str:
        """Return the query string of this search without some filters, and with changes; the page begins anew."""
        query = self._address()
        for name in names:
            query.pop(name, None)
        for key, text in (changes or {}).items():
            query[key] = text
        return f"?{query.urlencode()}"

    def query_without(self, name: str, value: str) -> str:
        """Return the query string of this search without one value of a filter."""
        query = self._address()
        query.setlist(name, [each for each in query.getlist(name) if each != value])
        return f"?{query.urlencode()}"

    def _address(self) -> QueryDict:
        query = self._copy()
        for name in list(query):
            if name not in self.fields or not any(query.getlist(name)):
                del query[name]
        return query


def write_place(place: tuple[float, int]) -> str:
    """Return where a page begins as the address writes it: quality in hundredths and the id of a profile."""
    quality, pk = place
    return f"{round(quality * QUALITY_STEPS)}-{pk}"


def read_place(text: str) -> tuple[float, int] | None:
    """Return where a page begins; None for the first page, and for what is not a place."""
    quality, _dash, pk = text.partition("-")
    if not (quality.isascii() and quality.isdecimal() and pk.isascii() and pk.isdecimal()) or len(text) > 24:
        return None
    return int(quality) / QUALITY_STEPS, min(int(pk), 2**63 - 1)
