"""The filters of the job list, read from the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import MoneyField
from jobs.models import Job
from jobs.queries import BUCKETS, Filters
from profiles.models import Level
from taxonomy.forms import Chip, FilterForm, read_place

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_PLACE = 36
#: Days since a job was posted that one may ask for.
AGES = (1, 3, 7, 14, 30)


class SearchForm(FilterForm):
    """The filters of jobs."""

    LISTS: ClassVar[tuple[str, ...]] = ("category", "kind", "level", "duration", "load", "language")
    OPEN: ClassVar[frozenset[str]] = frozenset({"kind", "level"})
    ALL_SHOWN: ClassVar[frozenset[str]] = frozenset({"kind", "level"})
    MONEY: ClassVar[Mapping[str, str | Promise]] = {
        "budget_min": _("Budget from %(amount)s"),
        "budget_max": _("Budget up to %(amount)s"),
        "rate_min": _("From %(amount)s an hour"),
        "rate_max": _("Up to %(amount)s an hour"),
    }
    CONDITION_OF: ClassVar[Mapping[str, str]] = dict.fromkeys(MONEY, "money")

    q = forms.CharField(label=_("Search jobs"), required=False)
    kind = forms.MultipleChoiceField(label=_("Contract type"), choices=Job.Kind.choices, required=False)
    level = forms.MultipleChoiceField(label=_("Level"), choices=Level.choices, required=False)
    duration = forms.MultipleChoiceField(label=_("Duration"), choices=Job.Duration.choices, required=False)
    load = forms.MultipleChoiceField(
        label=_("Load"), choices=[(str(hours), words) for hours, words in Job.Load.choices], required=False
    )
    language = forms.MultipleChoiceField(label=_("Language"), choices=User.Language.choices, required=False)
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
    proposals = forms.TypedChoiceField(
        label=_("Proposals"), choices=[("", ""), *((str(most), most) for most in BUCKETS)], coerce=int, required=False
    )
    posted = forms.TypedChoiceField(
        label=_("Posted"), choices=[("", ""), *((str(days), days) for days in AGES)], coerce=int, required=False
    )
    verified = forms.BooleanField(label=_("Payment verified"), required=False)
    hired = forms.BooleanField(label=_("Has hired before"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort"), choices=[("best", _("Best match")), ("newest", _("Newest"))], required=False
    )

    def filters(self) -> Filters:
        """Return what could be read."""
        value = self.cleaned_data.get
        return Filters(
            words=value("q", ""),
            categories=self.category_ids,
            skills=tuple(skill.pk for skill in self.known_skills),
            kinds=tuple(value("kind", [])),
            levels=tuple(value("level", [])),
            durations=tuple(value("duration", [])),
            loads=tuple(int(each) for each in value("load", [])),
            languages=tuple(value("language", [])),
            budget_min=value("budget_min"),
            budget_max=value("budget_max"),
            rate_min=value("rate_min"),
            rate_max=value("rate_max"),
            connects_max=value("connects"),
            proposals_below=value("proposals") or None,
            posted_days=value("posted") or None,
            is_payment_verified=value("verified", False),
            has_hired=value("hired", False),
            is_best_first=self.order == "best",
            after=read_cursor(self.data.get("after", "")),
            before=read_cursor(self.data.get("before", "")),
            page=self.page,
        )

    def _chips(self) -> Iterator[Chip]:
        yield from super()._chips()
        number = self.cleaned_data.get("connects")
        if number is not None:
            words = ngettext("%(number)s connect at most", "%(number)s connects at most", number) % {"number": number}
            yield Chip("connects", words, self.query("connects"))
        if most := self.cleaned_data.get("proposals"):
            words = gettext("Fewer than %(number)s proposals") % {"number": most}
            yield Chip("proposals", words, self.query("proposals"))
        if days := self.cleaned_data.get("posted"):
            words = ngettext("Posted in the last day", "Posted in the last %(number)s days", days) % {"number": days}
            yield Chip("posted", words, self.query("posted"))
        if self.cleaned_data.get("hired"):
            yield Chip("hired", gettext("Client has hired before"), self.query("hired"))
        if self.cleaned_data.get("verified"):
            yield Chip("verified", gettext("Payment verified"), self.query("verified"))

    @property
    def order(self) -> str:
        """The order asked for; without a wish, the best matches of words come first, and else the newest."""
        if not self.cleaned_data.get("q"):
            return "newest"
        return self.cleaned_data.get("sort") or "best"


def write_cursor(place: tuple[datetime, int]) -> str:
    """Return where a page begins as the address writes it: microseconds and the id of a job."""
    posted_at, pk = place
    return f"{(posted_at - EPOCH) // timedelta(microseconds=1)}-{pk}"


def read_cursor(text: str) -> tuple[datetime, int] | None:
    """Return where a page begins; None for the first page, and for what is not a place."""
    found = read_place(text, LONGEST_PLACE)
    try:
        return (EPOCH + timedelta(microseconds=found[0]), found[1]) if found else None
    except OverflowError:
        return None
