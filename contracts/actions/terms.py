"""What a milestone is agreed for, and the rules that hold for every one: those of a proposal's milestones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from jobs.models import Job
from proposals.actions import plans
from proposals.actions.plans import MilestoneTerms, TermsNotPossible, check_day, check_milestone_terms

#: More than this makes a plan that nobody reads; it also bounds the contract's page.
MILESTONES_MAXIMUM = 30

__all__ = [
    "MILESTONES_MAXIMUM",
    "MilestoneTerms",
    "OfferTerms",
    "TermsNotPossible",
    "check_day",
    "check_milestone_terms",
    "check_offer_terms",
    "check_plan",
]


def check_plan(milestones: Sequence[MilestoneTerms], at: datetime) -> None:
    """Refuse a plan that cannot be agreed: see `proposals.actions.plans.check_plan`."""
    plans.check_plan(milestones, at, most=MILESTONES_MAXIMUM)


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Everything that one version of an offer says; an end or a duration, and not both."""

    title: str
    deliverables: str
    language: str
    milestones: tuple[MilestoneTerms, ...]
    starts_on: date | None = None
    ends_on: date | None = None
    duration: str = ""

    def stripped(self) -> OfferTerms:
        """Return the same terms without blanks around their texts."""
        plan = tuple(
            replace(each, title=each.title.strip(), description=each.description.strip()) for each in self.milestones
        )
        return replace(self, title=self.title.strip(), deliverables=self.deliverables.strip(), milestones=plan)


def check_offer_terms(terms: OfferTerms, at: datetime) -> None:
    """Refuse terms that cannot be agreed. Raises TermsNotPossible."""
    if not terms.title.strip():
        raise TermsNotPossible(_("Give the offer a title."))
    if not terms.deliverables.strip():
        raise TermsNotPossible(_("Say what will be delivered."))
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        raise TermsNotPossible(_("The end cannot be before the start."))
    check_day(terms.starts_on, at)
    check_day(terms.ends_on, at)
    if bool(terms.ends_on) == bool(terms.duration):
        raise TermsNotPossible(_("Say when the work ends, or how long it takes: one of the two."))
    if terms.duration and terms.duration not in Job.Duration.values:
        raise TermsNotPossible(_("Choose a duration of the list."))
    check_plan(terms.milestones, at)
