"""The rows of milestones in which a price or a plan is put."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from core.clock import now
from core.errors import DomainError
from core.forms import DateInput, MoneyField
from core.product import rules
from proposals.actions.plans import MilestoneTerms, TermsNotPossible, check_day, check_plan

ROWS_AT_START = 3

#: The name that the rows of milestones have in a form, and the fields of each.
ROWS = "milestones"


def _possible(day: date) -> None:
    """Show the verb's refusal of an impossible day beside its field."""
    try:
        check_day(day, now())
    except DomainError as error:
        raise forms.ValidationError(error.message) from error


def day_field(label: Any) -> forms.DateField:
    """Return the field of a day of an agreement, which may be left open."""
    return forms.DateField(label=label, required=False, widget=DateInput(), validators=[_possible])


class MilestoneRow(forms.Form):
    """One milestone as it is proposed."""

    title = forms.CharField(
        label=_("Milestone"), max_length=120, error_messages={"required": _("Give the milestone a name.")}
    )
    amount = MoneyField(label=_("Amount"))
    due_on = day_field(_("Due"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the smallest amount from the product."""
        super().__init__(*args, **kwargs)
        amount = cast("MoneyField", self.fields["amount"])
        amount.minimum = rules().milestone_minimum

    def terms(self) -> MilestoneTerms:
        """Return what a valid form says."""
        return MilestoneTerms(**self.cleaned_data)


class BaseMilestoneRows(BaseFormSet):  # type: ignore[type-arg]  # generic for the type checker only
    """Milestones in rows: those left empty are skipped, and one at least is filled in."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Let every row be empty, also those that were on the page at the start."""
        return {**super().get_form_kwargs(index), "empty_permitted": True}

    def clean(self) -> None:
        """Show what the verb refuses about the plan as a whole."""
        if any(self.errors):
            return
        try:
            check_plan(self.terms(), now(), most=self.max_num)
        except TermsNotPossible as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def filled(self) -> list[Any]:
        """Return the forms of the rows that say something, in their order."""
        return [form for form in self.forms if form.is_valid() and form.has_changed()]

    def terms(self) -> list[MilestoneTerms]:
        """Return the filled rows in their order."""
        return [form.terms() for form in self.filled()]


@cache
def rows_of(row: type[MilestoneRow], most: int) -> type[BaseMilestoneRows]:
    """Return the form of at most so many rows of this kind."""
    made = formset_factory(row, formset=BaseMilestoneRows, extra=0, max_num=most, validate_max=True, absolute_max=most)
    return cast("type[BaseMilestoneRows]", made)


def rows_showing(
    kind: type[BaseMilestoneRows], terms: Iterable[Mapping[str, Any]], *, least: int = ROWS_AT_START
) -> BaseMilestoneRows:
    """Return unbound rows that show these values and are filled up with empty ones."""
    initial = [dict(each) for each in terms][: kind.max_num]
    initial += [{} for _row in range(min(least, kind.max_num) - len(initial))]
    return kind(initial=initial, prefix=ROWS)


def rows_typed(data: Mapping[str, Any], *, names: Iterable[str], most: int) -> list[dict[str, Any]]:
    """Return the rows of a posted form as they were typed, without checking them."""
    try:
        count = min(int(data.get(f"{ROWS}-TOTAL_FORMS", "0")), most)
    except ValueError:
        count = 0
    names = list(names)
    return [{name: data.get(f"{ROWS}-{row}-{name}", "") for name in names} for row in range(count)]


def plan_rows() -> type[BaseMilestoneRows]:
    """Return the rows of milestones of a proposal."""
    return rows_of(MilestoneRow, rules().proposal_milestones_maximum)


def typed_plan(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the milestones of a posted proposal as they were typed."""
    return rows_typed(data, names=("title", "amount", "due_on"), most=rules().proposal_milestones_maximum)
