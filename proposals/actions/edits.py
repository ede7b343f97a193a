"""What freelancers change of a proposal that they have sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from files.actions import replace_files
from files.queries import files_of
from proposals.actions.boosts import ProposalNotLive
from proposals.actions.parts import (
    Highlight,
    check_highlights,
    check_milestones,
    highlights_of,
    plan_as_data,
    plan_of,
    set_highlights,
    set_milestones,
)
from proposals.actions.plans import MilestoneTerms
from proposals.actions.proposals import (
    check_letter,
    check_price,
    check_words,
    demand_live,
    locked_proposal,
    tell,
)
from proposals.models import PROPOSAL_FILES, Proposal, ProposalRevision
from proposals.permissions import can_edit_proposal


class LetterFixed(DomainError):
    """A letter is changed within some hours, and never once the client has opened it."""


class ProposalChanged(DomainError):
    """Somebody of the same party changed it after this page was opened."""


class NothingChanged(DomainError):
    """A revision says what changed, so something must have."""


def letter_fixed_at(proposal: Proposal) -> datetime:
    """Return the moment from which the letter of a proposal stays as it is, opened or not."""
    return proposal.created_at + timedelta(hours=rules().letter_edit_hours)


@transaction.atomic
def edit_letter(
    *,
    proposal_id: int,
    letter: str,
    answers: Sequence[str],
    language: str,
    highlights: Sequence[Highlight] = (),
    file_ids: Sequence[uuid.UUID] = (),
    seen_version: int,
    by: Actor,
    at: datetime,
) -> Proposal:
    """Change the words of a proposal that nobody has read yet, with its answers, highlights and files.

    From: submitted, unopened, for some hours. To: the same, with a revision that keeps none of the old words.
    Event: proposals.letter_edited.

    Raises NotAllowed if it is not the actor's, ProposalNotLive, LetterFixed, ProposalChanged, LetterMissing,
    AnswersMissing, HighlightsNotPossible, LeadsAway, FileGone, NothingChanged.
    """
    proposal = _own(proposal_id, by)
    demand_live(proposal)
    if proposal.status != Proposal.Status.SUBMITTED or proposal.viewed_at is not None:
        raise LetterFixed(_("The client has opened your proposal, so its letter stays as it is."))
    if at >= letter_fixed_at(proposal):
        raise LetterFixed(
            _("A letter can be changed for %(hours)s hours after it was sent.") % {"hours": rules().letter_edit_hours}
        )
    _demand_version(proposal, seen_version)
    given = check_letter(proposal.job, letter, answers)
    check_highlights(proposal.party_id, highlights)
    check_words(letter, given)
    kept = [file.pk for file in files_of(PROPOSAL_FILES, proposal.pk)]
    was = (proposal.letter, proposal.answers, proposal.language, highlights_of(proposal), set(kept))
    if was == (letter.strip(), given, language, list(highlights), set(file_ids)):
        raise NothingChanged(_("Nothing has changed."))
    proposal.letter, proposal.answers, proposal.language = letter.strip(), given, language
    set_highlights(proposal, highlights)
    replace_files(file_ids=file_ids, kind=PROPOSAL_FILES, ref=proposal.pk, by=by, at=at)
    _revise(proposal, ProposalRevision.Part.LETTER, {}, by, at, "letter", "answers", "language")
    tell("proposals.letter_edited", proposal, by, at, version=proposal.version)
    return proposal


@transaction.atomic
def edit_terms(
    *,
    proposal_id: int,
    amount: int,
    duration: str,
    milestones: Sequence[MilestoneTerms] = (),
    seen_version: int,
    by: Actor,
    at: datetime,
) -> Proposal:
    """Change the price, its milestones or the duration of a proposal before an offer is made on it.

    From: any live state. To: the same, with a revision that keeps the terms as they were; the client reads both.
    Event: proposals.terms_edited, or proposals.terms_edited_in_interview, of which the client is told.

    Raises NotAllowed if it is not the actor's, ProposalNotLive once an offer is out or it has ended, ProposalChanged,
    PriceTooLow, MilestonesNotPossible, TermsNotPossible, LeadsAway, NothingChanged.
    """
    proposal = _own(proposal_id, by)
    if proposal.status == Proposal.Status.OFFERED:
        raise ProposalNotLive(_("An offer has been made on this proposal: answer the offer instead."))
    demand_live(proposal)
    _demand_version(proposal, seen_version)
    check_price(proposal.job, amount)
    check_milestones(proposal.job, amount, milestones, at)
    check_words("", (), milestones)
    old, new = plan_as_data(plan_of(proposal)), plan_as_data(milestones)
    now_and_then: dict[str, tuple[Any, Any]] = {
        "amount": (proposal.amount, amount),
        "duration": (proposal.duration, duration),
        "milestones": (old, new),
    }
    before = {name: was for name, (was, is_now) in now_and_then.items() if was != is_now}
    if not before:
        raise NothingChanged(_("Nothing has changed."))
    proposal.amount, proposal.duration = amount, duration
    if "milestones" in before:
        set_milestones(proposal, milestones)
    _revise(proposal, ProposalRevision.Part.TERMS, before, by, at, "amount", "duration")
    is_interviewing = proposal.status == Proposal.Status.INTERVIEWING
    kind = "proposals.terms_edited_in_interview" if is_interviewing else "proposals.terms_edited"
    tell(kind, proposal, by, at, version=proposal.version)
    return proposal


def _own(proposal_id: int, by: Actor) -> Proposal:
    proposal = locked_proposal(proposal_id)
    if not can_edit_proposal(by, proposal):
        raise NotAllowed(_("You may not change this proposal."))
    return proposal


def _demand_version(proposal: Proposal, seen_version: int) -> None:
    if proposal.version != seen_version:
        raise ProposalChanged(_("This proposal was changed after you opened this page. Look at it again."))


def _revise(  # noqa: PLR0917  (what changed, by whom, when, and the fields that hold it)
    proposal: Proposal, part: ProposalRevision.Part, before: dict[str, Any], by: Actor, at: datetime, *fields: str
) -> None:
    proposal.version += 1
    proposal.save(update_fields=["version", *fields])
    ProposalRevision.objects.create(
        proposal=proposal, number=proposal.version, part=part, before=before, author_id=by.person_id, created_at=at
    )
