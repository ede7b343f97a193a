"""What stands in the columns of a comparison, and what a client's people noted about a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from jobs.models import Job
from jobs.queries import SkillShown, job_skills
from profiles.models import Entry, Profile
from proposals.inbox import listed_on, rows_of
from proposals.matching import best_first, reasons_for, wanted_of
from proposals.models import Proposal, ProposalNote, Scorecard

#: Proposals that stand side by side at most.
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A criterion, the mean of the team's marks and one's own."""

    name: str
    label: str
    mean: float | None
    own: int | None


@dataclass(frozen=True, slots=True)
class Team:
    """What a client's people think of a proposal: notes in their order, marks by criterion, and their mean."""

    notes: Sequence[ProposalNote]
    marks: Sequence[Mark]
    mean: float | None
    card_count: int
    own: Scorecard | None


@dataclass(frozen=True, slots=True)
class Column:
    """One proposal of a comparison."""

    proposal: Proposal
    reasons: Sequence[str]
    skills: Sequence[SkillShown]
    languages: Sequence[str]
    answers: Sequence[tuple[str, str]]
    team: Team


def columns_of(job: Job, ids: Sequence[int], actor: Actor, at: datetime) -> list[Column]:
    """Return the proposals of a job that are compared, in the order in which they were chosen; others are left out.

    The same number of statements for one as for four.
    """
    chosen = listed_on(job.pk).filter(pk__in=ids)
    found = rows_of(chosen).in_bulk()
    if not found:
        return []
    wanted = wanted_of(job, at)
    matches = {match.pk: match for match in best_first(chosen, wanted, at=at, length=len(ids))}
    parties = [proposal.party_id for proposal in found.values()]
    asked = job_skills(job, actor)
    has = Profile.skills.through.objects.filter(profile__party_id__in=parties, skill__jobs=job)
    had = set(has.values_list("profile__party_id", "skill__slug"))
    spoken = Entry.objects.filter(profile__party_id__in=parties, section="languages").select_related("profile")
    said: dict[int, list[str]] = {}
    for entry in spoken.order_by("position", "pk"):
        words = f"{entry.get_language_display()} ({entry.get_fluency_display()})"
        said.setdefault(entry.profile.party_id, []).append(words)
    cards = _by_proposal(Scorecard.objects.filter(proposal__in=found).order_by("pk"))
    return [
        Column(
            proposal,
            reasons_for(matches[pk], proposal, wanted),
            [SkillShown(each.slug, each.name, (proposal.party_id, each.slug) in had) for each in asked],
            said.get(proposal.party_id, []),
            list(zip(job.questions, proposal.answers, strict=False)),
            _team([], cards.get(pk, []), actor),
        )
        for pk in ids
        if (proposal := found.get(pk)) is not None
    ]


def team_of(proposal: Proposal, actor: Actor) -> Team:
    """Return what the client's people think of a proposal, for one of them. Two statements."""
    notes = list(proposal.notes.select_related("author").order_by("created_at", "pk"))
    return _team(notes, list(proposal.scorecards.order_by("pk")), actor)


def _team(notes: Sequence[ProposalNote], cards: Sequence[Scorecard], actor: Actor) -> Team:
    own = next((card for card in cards if card.author_id == actor.user_id), None)
    marks, every = [], []
    for name, label in Scorecard.CRITERIA.items():
        given = [mark for card in cards if (mark := getattr(card, name)) is not None]
        marks.append(Mark(name, str(label), _mean(given), getattr(own, name) if own else None))
        every += given
    return Team(notes, marks, _mean(every), len(cards), own)


def _mean(marks: Sequence[int]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def _by_proposal(cards: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for card in cards:
        found.setdefault(card.proposal_id, []).append(card)
    return found
