"""Reads of what changed of a proposal since it was sent, for either side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jobs.models import Job
from proposals.models import Proposal, ProposalRevision


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One milestone as a revision kept it."""

    title: str
    amount: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class TermsBefore:
    """What the terms of a proposal were before a change; None for what the change left alone."""

    amount: int | None
    duration: str | None
    milestones: tuple[PlanRow, ...] | None


@dataclass(frozen=True, slots=True)
class RevisionShown:
    """One change of a sent proposal, for either side; of the letter nothing but that it changed."""

    number: int
    is_terms: bool
    at: datetime
    before: TermsBefore | None


def revisions_of(proposal: Proposal) -> list[RevisionShown]:
    """Return what changed of a proposal since it was sent, the latest first. No statement where nothing did."""
    if proposal.version == 1:
        return []
    rows = ProposalRevision.objects.filter(proposal=proposal).order_by("-number")
    return [
        RevisionShown(
            row.number,
            row.part == ProposalRevision.Part.TERMS,
            row.created_at,
            _terms_in(row.before) if row.before else None,
        )
        for row in rows
    ]


def _terms_in(before: dict[str, Any]) -> TermsBefore:
    duration, plan = before.get("duration"), before.get("milestones")
    return TermsBefore(
        before.get("amount"),
        None if duration is None else str(dict(Job.Duration.choices).get(duration, "")),
        None
        if plan is None
        else tuple(PlanRow(title, amount, date.fromisoformat(day) if day else None) for title, amount, day in plan),
    )
