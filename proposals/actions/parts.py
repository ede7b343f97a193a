"""What a proposal is made of beside its letter: milestones that sum to its price, things of the profile, files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.money import format_money
from core.product import rules
from jobs.models import Job
from profiles.models import Certification, PortfolioItem, WorkHistory
from proposals.actions.plans import MilestoneTerms, check_plan
from proposals.models import Proposal, ProposalHighlight, ProposalMilestone

#: The kinds of things that a highlight may be.
PORTFOLIO, CERTIFICATION, WORK = "portfolio", "certification", "work"


class MilestonesNotPossible(DomainError):
    """An hourly proposal has no milestones, and those of another sum to its price."""


class HighlightsNotPossible(DomainError):
    """A proposal points at a few things of its own profile, each once."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """One thing of a profile: a portfolio work, a certification, or a contract that ended here."""

    kind: str
    id: int


def check_milestones(job: Job, amount: int, milestones: Sequence[MilestoneTerms], at: datetime) -> None:
    """Refuse milestones that are not possible on this job or do not sum to the price; none are always possible.

    Raises MilestonesNotPossible, TermsNotPossible.
    """
    if not milestones:
        return
    if job.kind != Job.Kind.FIXED:
        raise MilestonesNotPossible(_("A proposal by the hour has no milestones."))
    check_plan(milestones, at, most=rules().proposal_milestones_maximum)
    total = sum(each.amount for each in milestones)
    if total != amount:
        raise MilestonesNotPossible(
            _("The milestones add up to %(total)s, and the price is %(amount)s.")
            % {"total": format_money(total, job.currency), "amount": format_money(amount, job.currency)}
        )


def check_highlights(party_id: int, highlights: Sequence[Highlight]) -> None:
    """Refuse more highlights than one proposal may have, one that is named twice, and what is not the party's own.

    Raises HighlightsNotPossible.
    """
    if not highlights:
        return
    most = rules().proposal_highlights_maximum
    if len(set(highlights)) != len(highlights) or len(highlights) > most:
        raise HighlightsNotPossible(
            ngettext("Choose %(count)s highlight at most.", "Choose %(count)s highlights at most.", most)
            % {"count": most}
        )
    wanted: dict[str, set[int]] = defaultdict(set)
    for each in highlights:
        wanted[each.kind].add(each.id)
    own = {
        PORTFOLIO: PortfolioItem.objects.filter(profile__party_id=party_id),
        CERTIFICATION: Certification.objects.filter(profile__party_id=party_id).exclude(
            status=Certification.Status.REFUSED
        ),
        WORK: WorkHistory.objects.filter(party_id=party_id, ended_at__isnull=False),
    }
    for kind, ids in wanted.items():
        if kind not in own or own[kind].filter(pk__in=ids).count() != len(ids):
            raise HighlightsNotPossible(_("A highlight is no longer on your profile. Choose again."))


def set_milestones(proposal: Proposal, milestones: Sequence[MilestoneTerms]) -> None:
    """Write the milestones of a proposal whose row the caller holds, in place of those it has (inner)."""
    proposal.milestones.all().delete()
    ProposalMilestone.objects.bulk_create(
        ProposalMilestone(
            proposal=proposal, position=position, title=each.title.strip(), amount=each.amount, due_on=each.due_on
        )
        for position, each in enumerate(milestones)
    )


def set_highlights(proposal: Proposal, highlights: Sequence[Highlight]) -> None:
    """Write what a proposal points at, in place of what it did (inner; checked before)."""
    proposal.highlights.all().delete()
    ProposalHighlight.objects.bulk_create(
        ProposalHighlight(
            proposal=proposal,
            position=position,
            portfolio_item_id=each.id if each.kind == PORTFOLIO else None,
            certification_id=each.id if each.kind == CERTIFICATION else None,
            work_id=each.id if each.kind == WORK else None,
        )
        for position, each in enumerate(highlights)
    )


def plan_of(proposal: Proposal) -> list[MilestoneTerms]:
    """Return the milestones of a proposal as terms, in their order."""
    return [MilestoneTerms(each.title, each.amount, due_on=each.due_on) for each in proposal.milestones.all()]


def highlights_of(proposal: Proposal) -> list[Highlight]:
    """Return what a proposal points at, in its order."""
    found = []
    for row in proposal.highlights.all():
        if row.portfolio_item_id is not None:
            found.append(Highlight(PORTFOLIO, row.portfolio_item_id))
        elif row.certification_id is not None:
            found.append(Highlight(CERTIFICATION, row.certification_id))
        elif row.work_id is not None:
            found.append(Highlight(WORK, row.work_id))
    return found


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def plan_as_data(milestones: Sequence[MilestoneTerms]) -> list[list[object]]:
    """Return milestones as a revision keeps them: title, amount and day of each."""
    return [[each.title.strip(), each.amount, _day(each.due_on)] for each in milestones]
