"""Taking the rows of an offer or a contract in the one lock order, and turning a milestone to its next state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Party
from contracts.models import Contract, Milestone, Offer
from core.errors import DomainError
from jobs.models import Job
from proposals.models import Proposal


class ApprovedBySilence(DomainError):
    """The time to look at submitted work is over: its money belongs to the freelancer, paid out or not yet."""


class MilestoneChanged(DomainError):
    """The milestone is no longer as it was on the page that the actor saw."""


def lock_parties(*party_ids: int) -> dict[int, Party]:
    """Lock parties in the one order; they come by their numbers."""
    return {pk: Party.objects.locked(pk) for pk in sorted(set(party_ids))}


def lock_bid(proposal_id: int) -> Proposal:
    """Lock the parties, the job and the proposal, in that order; the proposal comes with its job and party."""
    ids = Proposal.objects.values("job_id", "job__client_id", "party_id").get(pk=proposal_id)
    parties = lock_parties(ids["job__client_id"], ids["party_id"])
    job = Job.objects.locked(ids["job_id"])
    proposal = Proposal.objects.locked(proposal_id)
    job.client, proposal.job, proposal.party = parties[job.client_id], job, parties[proposal.party_id]
    return proposal


def lock_offer(offer_id: int) -> Offer:
    """Lock the offer after everything that stands before it; it comes with its parties, its job and its proposal.

    A direct offer has no proposal, and a job only where the client named one.
    """
    known = Offer.objects.only("client_id", "freelancer_id", "job_id", "proposal_id").get(pk=offer_id)
    parties = lock_parties(known.client_id, known.freelancer_id)
    job = Job.objects.locked(known.job_id) if known.job_id is not None else None
    proposal = Proposal.objects.locked(known.proposal_id) if known.proposal_id is not None else None
    offer = Offer.objects.locked(offer_id)
    offer.client, offer.freelancer = parties[offer.client_id], parties[offer.freelancer_id]
    if job is not None:
        job.client, offer.job = offer.client, job
    if job is not None and proposal is not None:
        proposal.job, proposal.party, offer.proposal = job, offer.freelancer, proposal
    return offer


def lock_milestones(milestone_ids: Iterable[int]) -> list[Milestone]:
    """Lock the contract of the milestones, then each by id; they come in the order asked for, with the contract."""
    wanted = list(milestone_ids)
    contract = Contract.objects.locked(Milestone.objects.values_list("contract_id", flat=True).get(pk=wanted[0]))
    rows = {pk: Milestone.objects.filter(contract=contract).locked(pk) for pk in sorted(set(wanted))}
    for row in rows.values():
        row.contract = contract
    return [rows[pk] for pk in wanted]


def lock_milestone(milestone_id: int) -> Milestone:
    """Lock the milestone after its contract; it comes with it."""
    return lock_milestones([milestone_id])[0]


def above_limit() -> str:
    """Return the words for a hiring manager whose limit per contract does not allow this."""
    return _("This is above your limit per contract. Ask an owner, an administrator or finance to do it.")


def check_seen(milestone: Milestone, seen_version: int) -> None:
    """Refuse an answer to what is no longer there. Raises MilestoneChanged."""
    if milestone.version != seen_version:
        raise MilestoneChanged(_("This milestone changed after you opened the page. Look at it again, then decide."))


def check_review_open(milestone: Milestone, at: datetime) -> None:
    """Refuse to take back what silence has approved, also before the clock has paid it. Raises ApprovedBySilence."""
    if milestone.review_ends_at is not None and at >= milestone.review_ends_at:
        raise ApprovedBySilence(
            _("The time to review this work is over: it was approved by silence, and its money is being released.")
        )


def turn(milestone: Milestone, status: Milestone.Status, at: datetime, **fields: Any) -> None:
    """Set the state of a locked milestone, with all that hangs on it: version, clocks, the day it was finished."""
    milestone.status = status
    milestone.version += 1
    milestone.remind_at = milestone.given_up_at = None
    if status != Milestone.Status.SUBMITTED:
        milestone.review_ends_at = None
    if status != Milestone.Status.REFUND_REQUESTED:
        milestone.ask_back_ends_at = None
    if status not in {Milestone.Status.REFUND_REQUESTED, Milestone.Status.CHARGED_BACK}:
        milestone.asked_back = milestone.asked_back_at = None
    if status != Milestone.Status.CHARGED_BACK:
        milestone.before, milestone.clock_left = "", None
    if status in Milestone.FINAL:
        milestone.finished_at = at
    for name, value in fields.items():
        setattr(milestone, name, value)
    milestone.save()
