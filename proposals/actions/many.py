"""What a client does with many proposals of a job at once: each in a transaction of its own, one answer for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from messaging.guard import check_texts
from proposals.actions.boosts import ProposalNotLive
from proposals.actions.proposals import (
    archive_proposal,
    decline_proposal,
    shortlist_proposal,
    unarchive_proposal,
    unshortlist_proposal,
)
from proposals.models import Proposal
from proposals.permissions import can_sort_proposal
from proposals.replies import filled

#: Proposals that one act takes.
MOST_AT_ONCE = 100


class TooManyAtOnce(DomainError):
    """One act takes so many proposals and no more, and one at least."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the chosen proposals: done, withdrawn meanwhile, or ended or bound to an offer in another way."""

    done: int = 0
    withdrawn: int = 0
    others: int = 0


def decline_proposals(
    *, job_id: int, proposal_ids: Sequence[int], reason: str, messages: Mapping[str, str], by: Actor, at: datetime
) -> Outcome:
    """Say no to several proposals of a job, each with the message in its freelancer's language.

    `messages` is by language, with {name} and {job} for what differs. Each proposal as `decline_proposal`.
    Raises TooManyAtOnce, NotAllowed if `by` does not hire for the client, LeadsAway for contact data in a message:
    then none is declined.
    """
    chosen = _chosen(job_id, proposal_ids, by)
    check_texts({f"message_{language}": text for language, text in messages.items()})

    def decline(proposal: Proposal) -> object:
        text = filled(
            messages.get(proposal.author.language, ""), name=proposal.party.public_name, job=proposal.job.title
        )
        return decline_proposal(proposal_id=proposal.pk, reason=reason, message=text, by=by, at=at)

    return _each(chosen, decline)


def shortlist_proposals(*, job_id: int, proposal_ids: Sequence[int], by: Actor, at: datetime) -> Outcome:
    """Put the client's label on several proposals of a job. Raises TooManyAtOnce, NotAllowed."""
    return _each(
        _chosen(job_id, proposal_ids, by), lambda proposal: shortlist_proposal(proposal_id=proposal.pk, by=by, at=at)
    )


def unshortlist_proposals(*, job_id: int, proposal_ids: Sequence[int], by: Actor, at: datetime) -> Outcome:
    """Take the client's label off several proposals of a job. Raises TooManyAtOnce, NotAllowed."""
    return _each(
        _chosen(job_id, proposal_ids, by), lambda proposal: unshortlist_proposal(proposal_id=proposal.pk, by=by, at=at)
    )


def archive_proposals(*, job_id: int, proposal_ids: Sequence[int], by: Actor, at: datetime) -> Outcome:
    """Put several proposals of a job away. Raises TooManyAtOnce, NotAllowed."""
    return _each(
        _chosen(job_id, proposal_ids, by), lambda proposal: archive_proposal(proposal_id=proposal.pk, by=by, at=at)
    )


def unarchive_proposals(*, job_id: int, proposal_ids: Sequence[int], by: Actor, at: datetime) -> Outcome:
    """Take several proposals of a job back into the list. Raises TooManyAtOnce, NotAllowed."""
    return _each(
        _chosen(job_id, proposal_ids, by), lambda proposal: unarchive_proposal(proposal_id=proposal.pk, by=by, at=at)
    )


def _chosen(job_id: int, proposal_ids: Sequence[int], by: Actor) -> list[Proposal]:
    """Return the proposals of the job among those chosen, by number; any other is left out."""
    if not proposal_ids:
        raise TooManyAtOnce(_("Choose at least one proposal."))
    if len(set(proposal_ids)) > MOST_AT_ONCE:
        raise TooManyAtOnce(_("Choose at most %(number)s proposals at once.") % {"number": MOST_AT_ONCE})
    found = Proposal.objects.filter(job_id=job_id, pk__in=proposal_ids).select_related("job", "party", "author")
    chosen = list(found.order_by("pk"))
    if not all(can_sort_proposal(by, proposal) for proposal in chosen[:1]):
        raise NotAllowed(_("Only the client's hiring team sorts proposals."))
    return chosen


def _each(chosen: Sequence[Proposal], act: Callable[[Proposal], object]) -> Outcome:
    done = withdrawn = others = 0
    for proposal in chosen:
        try:
            act(proposal)
        except ProposalNotLive:
            proposal.refresh_from_db(fields=["status"])
            is_withdrawn = proposal.status == Proposal.Status.WITHDRAWN
            withdrawn, others = withdrawn + is_withdrawn, others + (not is_withdrawn)
        else:
            done += 1
    return Outcome(done, withdrawn, others)
