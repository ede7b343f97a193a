"""What a milestone is agreed for, and the rules that hold for every one: those of a proposal's milestones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from proposals.actions import plans
from proposals.actions.plans import MilestoneTerms, TermsNotPossible, check_day, check_milestone_terms

#: More than this makes a plan that nobody reads; it also bounds the contract's page.
MILESTONES_MAXIMUM = 30

__all__ = [
    "MILESTONES_MAXIMUM",
    "MilestoneTerms",
    "TermsNotPossible",
    "check_day",
    "check_milestone_terms",
    "check_plan",
]


def check_plan(milestones: Sequence[MilestoneTerms], at: datetime) -> None:
    """Refuse a plan that cannot be agreed: see `proposals.actions.plans.check_plan`."""
    plans.check_plan(milestones, at, most=MILESTONES_MAXIMUM)
