"""What a milestone is proposed for, and the rules that hold for every one, in a proposal and in a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.money import LARGEST, format_money
from core.product import rules

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


def check_plan(milestones: Sequence[MilestoneTerms], at: datetime, *, most: int) -> None:
    """Refuse a plan of no milestones, of more than `most`, with an impossible one, or worth more than can be paid."""
    if not milestones:
        raise TermsNotPossible(_("Add at least one milestone: its name and its amount."))
    if len(milestones) > most:
        raise TermsNotPossible(_("Use at most %(count)d milestones.") % {"count": most})
    for terms in milestones:
        check_milestone_terms(terms, at)
    if sum(terms.amount for terms in milestones) > LARGEST:
        raise TermsNotPossible(
            _("The milestones together are worth more than %(limit)s.")
            % {"limit": format_money(LARGEST, rules().currency)}
        )
