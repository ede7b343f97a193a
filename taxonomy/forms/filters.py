"""Filters of a list that is searched, read from the address: what every such list has, whatever it lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.money import format_money
from core.product import rules
from taxonomy.matching import LAST_PAGE, Facets
from taxonomy.models import Skill, normalise
from taxonomy.phrases import Question
from taxonomy.queries import Lexicon

LONGEST_SEARCH = 200
#: Values of one parameter that are read: more than any filter has.
MOST_VALUES = 100
#: Fewer results than these ask whether something else was meant.
FEW = 5


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


@dataclass(frozen=True, slots=True)
class Removal:
    """A filter that stands in the way: its words, how many there are without it, and the page without it."""

    label: str
    count: int
    query: str


class FilterForm(forms.Form):
    """Reads every filter on its own: one that cannot be read is left out and said so, the others still count."""

    #: Filters with a list of choices, in the order of the rail; those that are open at first; those whose choices are
    #: shown even where there are none.
    LISTS: ClassVar[tuple[str, ...]] = ()
    OPEN: ClassVar[frozenset[str]] = frozenset()
    ALL_SHOWN: ClassVar[frozenset[str]] = frozenset()
    #: Filters of money, and what their chips say.
    MONEY: ClassVar[Mapping[str, str | Promise]] = {}
    #: The condition of the search that a field belongs to, where it has another name.
    CONDITION_OF: ClassVar[Mapping[str, str]] = {}

    q = forms.CharField(required=False)
    category = forms.MultipleChoiceField(label=_("Category"), required=False)
    skills = forms.CharField(label=_("Skills"), required=False, max_length=400)

    def __init__(self, data: QueryDict, *, lexicon: Lexicon) -> None:
        """Take the address and the words of the taxonomy; zeros and cut words are taken out of what is shown again."""
        cleaned = data.copy()
        for name, values in data.lists():  # each value once, and no more of them than a filter can have
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
        self.fill_choices()
        self.unread = {
            str(self.fields[name].label): str(errors[0]) for name, errors in self.errors.items() if name in self.fields
        }
        self.known_skills = self._skills()

    def fill_choices(self) -> None:
        """Give the lists whose choices are not known beforehand theirs, before anything is read."""
        self.list_of("category").choices = [(each.slug, each.name) for each in self.lexicon.categories]

    def list_of(self, name: str) -> forms.MultipleChoiceField:
        """Return the field of a filter with a list of choices."""
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  (narrows the type)
        return field

    def _labels(self, name: str) -> dict[str, Any]:
        """Return the words of each choice of a filter."""
        choices: Any = self.list_of(name).choices
        return dict(choices)

    def _skills(self) -> list[Skill]:
        """Return the skills asked for, by slug, name or synonym; note those that nobody knows."""
        typed = [part.strip() for text in self._copy().getlist("skills") for part in text.split(",") if part.strip()]
        found: dict[int, Skill] = {}
        for part in typed[: rules().skills_maximum]:
            skill = self.lexicon.skill(normalise(part)) if "\x00" not in part and len(part) <= LONGEST_SEARCH else None
            if skill:
                found[skill.pk] = skill
            else:
                shown = part.replace("\x00", " ")[:40]
                self.notes.append(gettext("“%(skill)s” is not a known skill, so it was left out.") % {"skill": shown})
        return list(found.values())

    def _copy(self) -> QueryDict:
        copied: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        return copied

    @property
    def category_ids(self) -> tuple[int, ...]:
        """The categories asked for."""
        by_slug = {each.slug: each.pk for each in self.lexicon.categories}
        return tuple(by_slug[slug] for slug in self.cleaned_data.get("category", []))

    @property
    def page(self) -> int:
        """The page asked for, of those that a ranked search has."""
        text = self.data.get("page", "")
        return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdecimal() and len(text) < 4 else 1

    def chips(self) -> list[Chip]:
        """Return the filters that are on, each with the way to take it off; the words are not one."""
        return list(self._chips())

    def _chips(self) -> Iterator[Chip]:
        for name in self.LISTS:
            labels = self._labels(name)
            for each in self.cleaned_data.get(name, []):
                yield Chip(name, capfirst(str(labels[each])), self.query_without(name, each))
        for skill in self.known_skills:
            rest = ", ".join(each.slug for each in self.known_skills if each is not skill)
            yield Chip("skills", skill.name, self.query("skills", changes={"skills": rest} if rest else None))
        for name, words in self.MONEY.items():
            if self.cleaned_data.get(name) is not None:
                amount = format_money(self.cleaned_data[name], rules().currency, is_whole=True)
                yield Chip(name, str(words) % {"amount": amount}, self.query(name))

    def groups(self, facets: Facets) -> list[Group]:
        """Return the filters with their choices; one that nothing has a value for is left out, unless it is on."""
        by_id = {str(each.pk): each.slug for each in self.lexicon.categories}
        groups = []
        for name in self.LISTS:
            counts = facets.get(name, {})
            if name == "category":
                counts = {by_id[key]: number for key, number in counts.items() if key in by_id}
            chosen = self.cleaned_data.get(name, [])
            choices = [
                Choice(value, capfirst(str(label)), counts.get(value, 0), value in chosen)
                for value, label in self._labels(name).items()
                if counts.get(value) or value in chosen or name in self.ALL_SHOWN
            ]
            if any(choice.count or choice.is_on for choice in choices):
                is_open = name in self.OPEN or bool(chosen)
                groups.append(Group(name, str(self.fields[name].label), choices, is_open))
        return groups

    def removals(self, counts: Mapping[str, int]) -> list[Removal]:
        """Return the filters whose removal would bring something, the one that brings most first.

        `counts` says how many there would be without each condition of the search.
        """
        labels: dict[str, tuple[str, list[str]]] = {}
        if words := self.cleaned_data.get("q", ""):
            labels["words"] = (gettext("“%(words)s”") % {"words": words}, ["q"])
        for chip in self.chips():
            condition = self.CONDITION_OF.get(chip.name, chip.name)
            label, names = labels.get(condition, ("", []))
            labels[condition] = (f"{label}, {chip.label}" if label else chip.label, [*names, chip.name])
        removals = [
            Removal(label, counts[condition], self.query(*names))
            for condition, (label, names) in labels.items()
            if counts.get(condition)
        ]
        return sorted(removals, key=lambda removal: -removal.count)

    def suggestion(self, asked: Question, found: int) -> dict[str, str]:
        """Return the words as they may have been meant, and where that search is; nothing where enough was found."""
        meant = asked.suggestion() if found < FEW else ""
        return {"words": meant, "query": self.query(changes={"q": meant})} if meant else {}

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


def read_place(text: str, longest: int) -> tuple[int, int] | None:
    """Return two numbers with a dash between them, the second an id; None for what is not that.

    The address writes so where a page begins: the place in its order, and what stands there.
    """
    place, _dash, pk = text.partition("-")
    if not (place.isascii() and place.isdecimal() and pk.isascii() and pk.isdecimal()) or len(text) > longest:
        return None
    return int(place), min(int(pk), 2**63 - 1)
