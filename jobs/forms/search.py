"""The filters of the job list, read from the address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import MoneyField
from core.money import format_money
from core.product import rules
from jobs.models import Job
from jobs.queries import Facets, Filters
from profiles.models import Level
from taxonomy.models import Skill, normalise
from taxonomy.queries import Lexicon

LONGEST_SEARCH = 200
#: Values of one parameter that are read: more than any filter has.
MOST_VALUES = 100
#: The last page of best matches: only so many are ranked.
LAST_PAGE = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONEY = ("budget_min", "budget_max", "rate_min", "rate_max")
#: The condition of the search that a field belongs to, where it has another name.
CONDITION_OF = {"q": "words", **dict.fromkeys(MONEY, "money")}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the query string of the page without it."""

    name: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter: its value in the address, its words, how many jobs it would leave, whether it is on."""

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


class SearchForm(forms.Form):
    """Reads every filter on its own: one that cannot be read is left out and said so, the others still count."""

    q = forms.CharField(label=_("Search jobs"), required=False)
    category = forms.MultipleChoiceField(label=_("Category"), required=False)
    kind = forms.MultipleChoiceField(label=_("Contract type"), choices=Job.Kind.choices, required=False)
    level = forms.MultipleChoiceField(label=_("Level"), choices=Level.choices, required=False)
    duration = forms.MultipleChoiceField(label=_("Duration"), choices=Job.Duration.choices, required=False)
    language = forms.MultipleChoiceField(label=_("Language"), choices=User.Language.choices, required=False)
    skills = forms.CharField(label=_("Skills"), required=False, max_length=400)
    budget_min = MoneyField(label=_("Lowest budget"), required=False)
    budget_max = MoneyField(label=_("Highest budget"), required=False)
    rate_min = MoneyField(label=_("Lowest hourly rate"), required=False)
    rate_max = MoneyField(label=_("Highest hourly rate"), required=False)
    connects = forms.IntegerField(
        label=_("Connects at most"),
        required=False,
        min_value=1,
        max_value=100,
        error_messages={
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter 1 or more."),
            "max_value": _("Enter 100 or less."),
        },
    )
    verified = forms.BooleanField(label=_("Payment verified"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort"), choices=[("best", _("Best match")), ("newest", _("Newest"))], required=False
    )

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
        self.fields["category"].choices = [(each.slug, each.name) for each in lexicon.categories]  # type: ignore[attr-defined]
        self.unread = {
            str(self.fields[name].label): str(errors[0]) for name, errors in self.errors.items() if name in self.fields
        }
        self.known_skills = self._skills()

    def _skills(self) -> list[Skill]:
        """Return the skills asked for, by slug, name or synonym; note those that nobody knows."""
        typed = [part.strip() for text in self.data.getlist("skills") for part in text.split(",") if part.strip()]  # type: ignore[attr-defined]
        found: dict[int, Skill] = {}
        for part in typed[: rules().skills_maximum]:
            skill = self.lexicon.skill(normalise(part)) if "\x00" not in part and len(part) <= LONGEST_SEARCH else None
            if skill:
                found[skill.pk] = skill
            else:
                shown = part.replace("\x00", " ")[:40]
                self.notes.append(gettext("“%(skill)s” is not a known skill, so it was left out.") % {"skill": shown})
        return list(found.values())

    def filters(self) -> Filters:
        """Return what could be read."""
        value = self.cleaned_data.get
        by_slug = {each.slug: each.pk for each in self.lexicon.categories}
        return Filters(
            words=value("q", ""),
            categories=tuple(by_slug[slug] for slug in value("category", [])),
            skills=tuple(skill.pk for skill in self.known_skills),
            kinds=tuple(value("kind", [])),
            levels=tuple(value("level", [])),
            durations=tuple(value("duration", [])),
            languages=tuple(value("language", [])),
            budget_min=value("budget_min"),
            budget_max=value("budget_max"),
            rate_min=value("rate_min"),
            rate_max=value("rate_max"),
            connects_max=value("connects"),
            is_payment_verified=value("verified", False),
            is_best_first=self.order == "best",
            after=read_cursor(self.data.get("after", "")),
            before=read_cursor(self.data.get("before", "")),
            page=_page(self.data.get("page", "")),
        )

    def chips(self) -> list[Chip]:
        """Return the filters that are on, each with the way to take it off; the words are not one."""
        return list(self._chips())

    def _chips(self) -> Iterator[Chip]:
        value: Callable[..., Any] = self.cleaned_data.get
        for name in ("category", "kind", "level", "duration", "language"):
            labels = dict(self.fields[name].choices)  # type: ignore[attr-defined]
            for each in value(name, []):
                yield Chip(name, _capital(labels[each]), self.query_without(name, each))
        for skill in self.known_skills:
            rest = ", ".join(each.slug for each in self.known_skills if each is not skill)
            yield Chip("skills", skill.name, self.query("skills", changes={"skills": rest} if rest else None))
        for name in MONEY:
            if value(name) is not None:
                amount = format_money(value(name), rules().currency, is_whole=True)
                yield Chip(name, MONEY_WORDS[name] % {"amount": amount}, self.query(name))
        if value("connects") is not None:
            number = value("connects")
            words = ngettext("%(number)s connect at most", "%(number)s connects at most", number) % {"number": number}
            yield Chip("connects", words, self.query("connects"))
        if value("verified"):
            yield Chip("verified", gettext("Payment verified"), self.query("verified"))

    def groups(self, facets: Facets) -> list[Group]:
        """Return the filters with their choices; one that no job has a value for is left out, unless it is on."""
        by_id = {str(each.pk): each.slug for each in self.lexicon.categories}
        groups = []
        for name in ("category", "kind", "level", "duration", "language"):
            counts = facets.of(name)
            if name == "category":
                counts = {by_id[key]: number for key, number in counts.items() if key in by_id}
            chosen = self.cleaned_data.get(name, [])
            choices = [
                Choice(value, _capital(label), counts.get(value, 0), value in chosen)
                for value, label in self.fields[name].choices  # type: ignore[attr-defined]
                if counts.get(value) or value in chosen or name in {"kind", "level"}
            ]
            if any(choice.count or choice.is_on for choice in choices):
                is_open = name in {"kind", "level"} or bool(chosen)
                groups.append(Group(name, str(self.fields[name].label), choices, is_open))
        return groups

    @property
    def order(self) -> str:
        """The order asked for; without a wish, the best matches of words come first, and else the newest."""
        if not self.cleaned_data.get("q"):
            return "newest"
        return self.cleaned_data.get("sort") or "best"

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
        query: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        for name in list(query):
            if name not in self.fields or not any(query.getlist(name)):
                del query[name]
        return query


MONEY_WORDS: dict[str, Any] = {
    "budget_min": _("Budget from %(amount)s"),
    "budget_max": _("Budget up to %(amount)s"),
    "rate_min": _("From %(amount)s an hour"),
    "rate_max": _("Up to %(amount)s an hour"),
}


def _capital(label: Any) -> str:
    text = str(label)
    return text[:1].upper() + text[1:]


def write_cursor(place: tuple[datetime, int]) -> str:
    """Return where a page begins as the address writes it: microseconds and the id of a job."""
    posted_at, pk = place
    return f"{(posted_at - EPOCH) // timedelta(microseconds=1)}-{pk}"


def read_cursor(text: str) -> tuple[datetime, int] | None:
    """Return where a page begins; None for the first page, and for what is not a place."""
    micros, _dash, pk = text.partition("-")
    if not (micros.isascii() and micros.isdecimal() and pk.isascii() and pk.isdecimal()) or len(text) > 36:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(micros)), min(int(pk), 2**63 - 1)
    except OverflowError:
        return None


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdecimal() and len(text) < 4 else 1
