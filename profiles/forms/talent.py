"""The filters of the list of freelancers, read from the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import Party, User
from core.clock import now
from core.forms import MoneyField
from profiles.models import Level, Profile
from profiles.queries.talent import TalentFilters
from taxonomy.forms import Chip, FilterForm, read_place
from taxonomy.forms.filters import Group
from taxonomy.matching import Facets

#: Steps of quality in an address: quality has two decimals.
QUALITY_STEPS = 100
LONGEST_PLACE = 24


class TalentForm(FilterForm):
    """The filters of freelancers."""

    LISTS: ClassVar[tuple[str, ...]] = ("category", "availability", "level", "language", "country", "kind")
    OPEN: ClassVar[frozenset[str]] = frozenset({"category", "availability", "level"})
    MONEY: ClassVar[Mapping[str, str | Promise]] = {
        "rate_min": _("From %(amount)s an hour"),
        "rate_max": _("Up to %(amount)s an hour"),
        "earned_min": _("%(amount)s or more earned"),
    }
    CONDITION_OF: ClassVar[Mapping[str, str]] = {"rate_min": "rate", "rate_max": "rate", "earned_min": "earned"}

    q = forms.CharField(label=_("Search freelancers"), required=False)
    now = forms.BooleanField(label=_("Available now"), required=False)
    availability = forms.MultipleChoiceField(
        label=_("Availability"), choices=Profile.Availability.choices, required=False
    )
    level = forms.MultipleChoiceField(label=_("Level"), choices=Level.choices, required=False)
    language = forms.MultipleChoiceField(
        label=_("Language of the profile"), choices=User.Language.choices, required=False
    )
    country = forms.MultipleChoiceField(label=_("Country"), required=False)
    kind = forms.MultipleChoiceField(
        label=_("Freelancer or agency"),
        choices=[(Party.Kind.FREELANCER, _("freelancer")), (Party.Kind.AGENCY, _("agency"))],
        required=False,
    )
    rate_min = MoneyField(label=_("Lowest hourly rate"), required=False)
    rate_max = MoneyField(label=_("Highest hourly rate"), required=False)
    earned_min = MoneyField(label=_("Earned at least"), required=False)

    def fill_choices(self) -> None:
        """Give the countries their names in the reader's language, too."""
        super().fill_choices()
        self.list_of("country").choices = list(countries)

    def groups(self, facets: Facets) -> list[Group]:
        """Leave out the choice between freelancers and agencies where there is only one of the two."""
        found = super().groups(facets)
        return [each for each in found if each.name != "kind" or len(each.choices) > 1 or each.choices[0].is_on]

    def _chips(self) -> Iterator[Chip]:
        if self.cleaned_data.get("now"):
            yield Chip("now", gettext("Available now"), self.query("now"))
        yield from super()._chips()

    def filters(self) -> TalentFilters:
        """Return what could be read."""
        value = self.cleaned_data.get
        return TalentFilters(
            words=value("q", ""),
            categories=self.category_ids,
            skills=tuple(skill.pk for skill in self.known_skills),
            levels=tuple(value("level", [])),
            availabilities=tuple(value("availability", [])),
            available_at=now() if value("now") else None,
            languages=tuple(value("language", [])),
            countries=tuple(value("country", [])),
            kinds=tuple(value("kind", [])),
            rate_min=value("rate_min"),
            rate_max=value("rate_max"),
            earned_min=value("earned_min"),
            after=read_quality(self.data.get("after", "")),
            page=self.page,
        )


def write_quality(place: tuple[float, int]) -> str:
    """Return where a page begins as the address writes it: quality in hundredths and the id of a profile."""
    quality, pk = place
    return f"{round(quality * QUALITY_STEPS)}-{pk}"


def read_quality(text: str) -> tuple[float, int] | None:
    """Return where a page begins; None for the first page, and for what is not a place."""
    found = read_place(text, LONGEST_PLACE)
    return (found[0] / QUALITY_STEPS, found[1]) if found else None
