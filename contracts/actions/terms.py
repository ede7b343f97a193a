"""What a milestone is agreed for, and the rules that hold for every one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.money import LARGEST, format_money
from core.product import rules
from jobs.models import Job

#: More than this makes a plan that nobody reads; it also bounds the contract's page.
MILESTONES_MAXIMUM = 30
#: How far back and ahead a day of an agreement may lie: work that has begun, and no further than anybody plans.
EARLIEST, LATEST = timedelta(days=366), timedelta(days=3653)


class TermsNotPossible(DomainError):
    """Terms that cannot be agreed: a sum out of bounds, a title missing, an end before the start."""


@dataclass(frozen=True, slots=True)
class MilestoneTerms:
    """One milestone as it is proposed: `amount` in minor units without fees."""

    title: str
    amount: int
    description: str = ""
    due_on: date | None = None


def check_day(day: date | None, at: datetime) -> None:
    """Refuse a day that nobody can mean; what is reckoned from a day stays within the calendar."""
    if day is not None and not at.date() - EARLIEST <= day <= at.date() + LATEST:
        raise TermsNotPossible(_("Choose a day within the last year or the next ten years."))


def check_milestone_terms(terms: MilestoneTerms, at: datetime) -> None:
    """Refuse a milestone without a title, due on an impossible day, or worth less or more than one may be."""
    currency = rules().currency
    if not terms.title.strip():
        raise TermsNotPossible(_("Give each milestone a title."))
    check_day(terms.due_on, at)
    if terms.amount < rules().milestone_minimum:
        raise TermsNotPossible(
            _("A milestone is worth %(minimum)s or more.")
            % {"minimum": format_money(rules().milestone_minimum, currency)}
        )
    if terms.amount > LARGEST:
        raise TermsNotPossible(
            _("A milestone is worth %(maximum)s or less.") % {"maximum": format_money(LARGEST, currency)}
        )


def check_plan(milestones: Sequence[MilestoneTerms], at: datetime) -> None:
    """Refuse a plan of no milestones, of too many, with one that is not possible, or worth more than can be paid."""
    if not milestones:
        raise TermsNotPossible(_("Add at least one milestone: its name and its amount."))
    if len(milestones) > MILESTONES_MAXIMUM:
        raise TermsNotPossible(_("Use at most %(count)d milestones.") % {"count": MILESTONES_MAXIMUM})
    for terms in milestones:
        check_milestone_terms(terms, at)
    if sum(terms.amount for terms in milestones) > LARGEST:
        raise TermsNotPossible(
            _("The milestones together are worth more than %(limit)s.")
            % {"limit": format_money(LARGEST, rules().currency)}
        )


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
