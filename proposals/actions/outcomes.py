"""What happens to proposals because of their job or an offer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from jobs.models import Job
from proposals.actions.connects import return_connects
from proposals.actions.proposals import ProposalNotLive, note_answer
from proposals.models import ConnectSpend, Proposal


def mark_proposal_offered(*, proposal_id: int, at: datetime) -> Proposal:
    """Bind a live proposal to an offer (inner; party and job are locked). From: any live state. To: offered.

    Raises ProposalNotLive in any other state.
    """
    proposal = Proposal.objects.locked(proposal_id)
    if proposal.status not in Proposal.LIVE:
        raise ProposalNotLive(_("This proposal has already been answered, withdrawn or closed."))
    proposal.before_offer, proposal.status = proposal.status, Proposal.Status.OFFERED
    note_answer(proposal, at)
    proposal.save(update_fields=["before_offer", "status", "answered_at"])
    return proposal


def mark_proposal_unoffered(*, proposal_id: int, at: datetime) -> Proposal:
    """Lead a proposal back to the state before its ended offer (inner; party and job are locked).

    From: offered. To: submitted, viewed or interviewing; closed where its job has ended meanwhile, with what the others
    got back then. CONNECT and Event: as `close_proposal`. Raises ProposalNotLive in any other state.
    """
    proposal = Proposal.objects.locked(proposal_id)
    if proposal.status != Proposal.Status.OFFERED:
        raise ProposalNotLive(_("This proposal has no offer that could end."))
    job = Job.objects.get(pk=proposal.job_id)
    if job.status in Job.LIVE:
        proposal.status = Proposal.Status(proposal.before_offer)
        proposal.save(update_fields=["status"])
    else:
        _end(proposal, return_reason(job), at)
    return proposal


def mark_proposal_hired(*, proposal_id: int, at: datetime) -> Proposal:
    """Note that the offer on a proposal was accepted (inner). From: offered. To: hired."""
    proposal = Proposal.objects.locked(proposal_id)
    if proposal.status != Proposal.Status.OFFERED:
        raise ProposalNotLive(_("This proposal has no offer that could be accepted."))
    proposal.status, proposal.ended_at = Proposal.Status.HIRED, at
    proposal.save(update_fields=["status", "ended_at"])
    return proposal


def return_reason(job: Job) -> ConnectSpend.Reason | None:
    """Return why an ended job gives its bidders their connects back; None where somebody was hired, and for a draft."""
    if job.status == Job.Status.CLOSED:
        return None if job.hires_made else ConnectSpend.Reason.CLOSED
    return {
        Job.Status.EXPIRED: ConnectSpend.Reason.EXPIRED,
        Job.Status.REMOVED: ConnectSpend.Reason.REMOVED,
    }.get(Job.Status(job.status))


def tell_proposals_of_end(*, job_id: int, reason: ConnectSpend.Reason | None, at: datetime) -> int:
    """Record of each live proposal of a job that the job has ended (inner), so that each is closed on its own.

    Closing them all in one transaction would hold the rows of every bidder until the last. Proposals with an offer
    stay bound to it. Event: proposals.job_ended for each. Returns how many.
    """
    live = Proposal.objects.filter(job_id=job_id, status__in=Proposal.LIVE).order_by("pk").values_list("pk", flat=True)
    for pk in live:
        record(
            kind="proposals.job_ended",
            actor=Actor.system(),
            subject=f"proposal:{pk}",
            scope=f"job:{job_id}",
            at=at,
            reason_code=str(reason or ""),
        )
    return len(live)


@transaction.atomic
def close_proposal(*, proposal_id: int, reason: ConnectSpend.Reason | None, at: datetime) -> int:
    """Close a live proposal whose job has ended; with a reason, give back what it cost.

    From: submitted, viewed, interviewing. To: closed. CONNECT: returned with `reason`.
    Event: proposals.proposal_closed.
    Returns 0 where it was answered, withdrawn or closed meanwhile, else 1.
    """
    Party.objects.locked(Proposal.objects.values_list("party_id", flat=True).get(pk=proposal_id))
    proposal = Proposal.objects.locked(proposal_id)
    if proposal.status not in Proposal.LIVE:
        return 0
    _end(proposal, reason, at)
    return 1


def _end(proposal: Proposal, reason: ConnectSpend.Reason | None, at: datetime) -> None:
    proposal.status, proposal.ended_at = Proposal.Status.CLOSED, at
    proposal.save(update_fields=["status", "ended_at"])
    if reason:
        return_connects(proposal=proposal, reason=reason, at=at)
    record(
        kind="proposals.proposal_closed",
        actor=Actor.system(),
        subject=f"proposal:{proposal.pk}",
        scope=f"job:{proposal.job_id}",
        at=at,
        reason_code=str(reason or ""),
    )


def return_unopened(*, at: datetime) -> int:
    """Give back the connects of proposals that the client has not opened in time; they stay live.

    Returns how many proposals.
    """
    before = at - timedelta(days=rules().proposal_unopened_days)
    due = Proposal.objects.filter(
        status=Proposal.Status.SUBMITTED, created_at__lte=before, spends__returned_at=None, spends__isnull=False
    )
    return for_each(due.order_by("pk").distinct(), lambda pk: _return_one(proposal_id=pk, at=at))


@transaction.atomic
def _return_one(*, proposal_id: int, at: datetime) -> int:
    Party.objects.locked(Proposal.objects.values_list("party_id", flat=True).get(pk=proposal_id))
    proposal = Proposal.objects.locked(proposal_id)
    if proposal.status != Proposal.Status.SUBMITTED:
        return 0
    return 1 if return_connects(proposal=proposal, reason=ConnectSpend.Reason.UNOPENED, at=at) else 0
