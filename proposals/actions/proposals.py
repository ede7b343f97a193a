"""What freelancers and clients do with a proposal."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Membership, Party
from accounts.permissions import can_hire
from accounts.queries import belongs_to, exclusive_agency_of, share_people
from core.actor import Actor
from core.errors import DomainError, NotAllowed, NotFound
from core.money import format_money
from core.product import rules
from events.actions import record
from jobs.actions import accept_invitation, mark_viewed_by_client, touch_job, touch_locked_job
from jobs.models import Job
from jobs.queries import is_guest_of
from messaging.guard import check_texts
from payments.queries import current_fees
from profiles.queries import is_approved, workers_of
from proposals.actions.boosts import ProposalNotLive, bid_for_place, lock_bidder
from proposals.actions.connects import check_none_owed, spend_connects
from proposals.actions.handing_over import hand_over_draft
from proposals.actions.parts import Highlight, check_highlights, check_milestones, set_highlights, set_milestones
from proposals.actions.plans import MilestoneTerms
from proposals.models import Proposal
from proposals.permissions import can_sort_proposal, can_submit_proposal, can_withdraw_proposal

#: Characters of the word on why a proposal was withdrawn.
NOTE_LONGEST = 300


class JobNotOpen(DomainError):
    """Only an open job takes proposals."""


class OwnJob(DomainError):
    """Nobody bids on a job of their own."""


class ProfileNotApproved(DomainError):
    """Only an approved profile may propose."""


class AlreadyProposed(DomainError):
    """One live proposal for each party and job."""


class WorkerMissing(DomainError):
    """An agency names who of its people does the work, and proposes only those whose profile is approved."""


class WorkerAlreadyProposed(DomainError):
    """Nobody is proposed twice for one job, in their own name and by an agency."""


class ExclusiveToAgency(DomainError):
    """Who is exclusive to an agency proposes only through it; `agency` is the one."""

    def __init__(self, message: str, agency: Party) -> None:
        super().__init__(message)
        self.agency = agency


class PriceTooLow(DomainError):
    """The price is below what a contract can pay."""


class LetterMissing(DomainError):
    """A proposal needs a cover letter."""


class AnswersMissing(DomainError):
    """The client's questions want answers."""


@transaction.atomic
def submit_proposal(  # noqa: PLR0913  (one argument for each part of a proposal)
    *,
    job_id: int,
    amount: int,
    duration: str,
    letter: str,
    answers: Sequence[str],
    language: str,
    worker_id: int | None = None,
    boost: int = 0,
    milestones: Sequence[MilestoneTerms] = (),
    highlights: Sequence[Highlight] = (),
    file_ids: Sequence[uuid.UUID] = (),
    by: Actor,
    at: datetime,
) -> Proposal:
    """Bid on an open job, for oneself or for one of an agency's people; the party's draft for it is used up.

    `amount` is in minor units: the whole price, or the rate an hour; `milestones`, where there are any, sum to it.
    `worker_id` is the user who does the work where an agency bids, and none for a freelancer. `highlights` are of the
    party's own profile. `boost` is a bid in connects for a marked place, 0 for none. From: nothing. To: submitted.
    Money: none; the job's price in connects is spent by the party, nothing where it was invited: its invitation is
    accepted by it; the boost comes on top. Event: proposals.proposal_submitted, proposals.proposal_outbid for each
    proposal that the boost puts out.

    Raises NotAllowed if `by` does not act for a freelancer or an agency, NotFound for a job that only those invited
    see, OwnJob, ProfileNotApproved, WorkerMissing, ExclusiveToAgency, JobNotOpen, AlreadyProposed,
    WorkerAlreadyProposed, ConnectsOwed, PriceTooLow, MilestonesNotPossible, TermsNotPossible, HighlightsNotPossible,
    LetterMissing, AnswersMissing, LeadsAway for contact data in letter, answers or milestones, CannotAffordConnects,
    FileGone; with a boost BoostingEnded, BoostTooLow, PlacesMoved.
    """
    if not can_submit_proposal(by) or by.party_id is None:
        raise NotAllowed(_("Switch to your freelancer account to send a proposal."))
    party, job = lock_bidder(party_id=by.party_id, job_id=job_id, boost=boost)
    _demand_seen(job, party.pk)
    if share_people(party.pk, job.client_id):
        raise OwnJob(_("This is a job of your own: you cannot send a proposal for it."))
    if not is_approved(party.pk):
        raise ProfileNotApproved(
            _("Your profile must be approved before you can send proposals. Complete it and submit it.")
        )
    worker_id = _check_worker(party, worker_id, job)
    if job.status != Job.Status.OPEN or job.expires_at is None or job.expires_at <= at:
        raise JobNotOpen(_("This job does not take proposals any more. Nothing was spent."))
    if Proposal.objects.filter(job=job, party=party, status__in=Proposal.BOUND).exists():
        raise AlreadyProposed(_("You have already sent a proposal for this job."))
    _check_proposed_once(job, party, worker_id)
    check_none_owed(party.pk)
    check_price(job, amount)
    check_milestones(job, amount, milestones, at)
    check_highlights(party.pk, highlights)
    given = check_letter(job, letter, answers)
    check_words(letter, given, milestones)

    proposal = Proposal.objects.create(
        job=job,
        party=party,
        worker_id=worker_id,
        author_id=by.person_id,
        amount=amount,
        currency=job.currency,
        fee_version=current_fees().version,
        duration=duration,
        letter=letter.strip(),
        language=language,
        answers=given,
        created_at=at,
    )
    if milestones:
        set_milestones(proposal, milestones)
    if highlights:
        set_highlights(proposal, highlights)
    hand_over_draft(party_id=party.pk, proposal=proposal, file_ids=file_ids, by=by, at=at)
    invitation = accept_invitation(job_id=job.pk, party_id=party.pk, by=by, at=at)
    cost = 0 if invitation else job.connects_cost or 0
    spent = _pay(proposal, cost, boost, at)
    tell("proposals.proposal_submitted", proposal, by, at, amount=amount, currency=job.currency, connects=spent)
    return proposal


@transaction.atomic
def read_inbox(*, job_id: int, by: Actor, at: datetime) -> None:
    """Note that the client's hiring team looked at a job's proposals: an act that keeps an open post from expiring.

    Event: none, since nobody is told. Others of the client's people read without leaving a trace.
    """
    job = Job.objects.locked(job_id)
    if not can_hire(by, job.client_id):
        return
    mark_viewed_by_client(job_id=job.pk, at=at)
    touch_locked_job(job=job, at=at)  # which leaves an ended job as it is


@transaction.atomic
def view_proposal(*, proposal_id: int, by: Actor, at: datetime) -> Proposal:
    """Note that the client has opened the proposal, an act that keeps the post open; a second opening changes nothing.

    From: submitted. To: viewed. Event: proposals.proposal_viewed. From: offered. To: offered, which leads back to
    viewed if the offer ends. Event: none, for the freelancer has the offer.
    Raises NotAllowed if `by` does not hire for the client.
    """
    proposal = locked_proposal(proposal_id)
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team opens proposals."))
    if not proposal.is_unopened:
        return proposal
    is_offered = proposal.status == Proposal.Status.OFFERED
    if is_offered:
        proposal.before_offer = Proposal.Status.VIEWED
    else:
        proposal.status = Proposal.Status.VIEWED
    proposal.viewed_at = at
    note_answer(proposal, at)
    proposal.save(update_fields=["status", "before_offer", "viewed_at", "answered_at"])
    touch_job(job_id=proposal.job_id, at=at)
    if not is_offered:
        tell("proposals.proposal_viewed", proposal, by, at)
    return proposal


@transaction.atomic
def withdraw_proposal(*, proposal_id: int, note: str = "", by: Actor, at: datetime) -> Proposal:
    """Take a proposal back; what it cost does not come back. `note` says why, for the author's own party alone.

    From: submitted, viewed, interviewing. To: withdrawn. Event: proposals.proposal_withdrawn.
    Raises NotAllowed if it is not the actor's, ProposalNotLive in any other state.
    """
    proposal = locked_proposal(proposal_id)
    if not can_withdraw_proposal(by, proposal):
        raise NotAllowed(_("You may not withdraw this proposal."))
    demand_live(proposal)
    proposal.status, proposal.ended_at = Proposal.Status.WITHDRAWN, at
    proposal.withdraw_note = note.strip()[:NOTE_LONGEST]
    proposal.save(update_fields=["status", "ended_at", "withdraw_note"])
    tell("proposals.proposal_withdrawn", proposal, by, at)
    return proposal


@transaction.atomic
def decline_proposal(*, proposal_id: int, reason: str, message: str = "", by: Actor, at: datetime) -> Proposal:
    """Say no to a proposal; the freelancer learns the category of the reason, and reads the message if there is one.

    From: submitted, viewed, interviewing. To: declined. Event: proposals.proposal_declined.
    Raises NotAllowed if `by` does not hire for the client, ProposalNotLive in any other state, LeadsAway for contact
    data in the message.
    """
    proposal = locked_proposal(proposal_id)
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team declines proposals."))
    demand_live(proposal)
    check_texts({"message": message})
    proposal.status, proposal.ended_at = Proposal.Status.DECLINED, at
    proposal.decline_reason = Proposal.DeclineReason(reason)
    proposal.decline_message = message.strip()
    note_answer(proposal, at)
    proposal.save(update_fields=["status", "ended_at", "decline_reason", "decline_message", "answered_at"])
    touch_job(job_id=proposal.job_id, at=at)
    tell("proposals.proposal_declined", proposal, by, at, reason_code=reason, with_message=bool(message.strip()))
    return proposal


@transaction.atomic
def shortlist_proposal(*, proposal_id: int, by: Actor, at: datetime) -> Proposal:
    """Put the client's own label on a live proposal; nobody else sees it.

    Event: none but proposals.proposal_answered, which tells no one. Raises NotAllowed, ProposalNotLive.
    """
    proposal = locked_proposal(proposal_id)
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team sorts proposals."))
    if proposal.status not in Proposal.BOUND:
        raise ProposalNotLive(_("This proposal has ended."))
    if proposal.shortlisted_at is None:
        proposal.shortlisted_at = at
        note_answer(proposal, at)
        proposal.save(update_fields=["shortlisted_at", "answered_at"])
        touch_job(job_id=proposal.job_id, at=at)
    return proposal


@transaction.atomic
def unshortlist_proposal(*, proposal_id: int, by: Actor, at: datetime) -> Proposal:
    """Take the client's label off a proposal. Event: none. Raises NotAllowed."""
    proposal = locked_proposal(proposal_id)
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team sorts proposals."))
    proposal.shortlisted_at = None
    proposal.save(update_fields=["shortlisted_at"])
    return proposal


@transaction.atomic
def archive_proposal(*, proposal_id: int, by: Actor, at: datetime) -> Proposal:
    """Put a proposal away, out of the client's list; it stays as live as it was, and nobody else sees it.

    It is no answer to the freelancer. Event: none. Raises NotAllowed.
    """
    proposal = locked_proposal(proposal_id)
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team sorts proposals."))
    if proposal.archived_at is None:
        proposal.archived_at = at
        proposal.save(update_fields=["archived_at"])
        touch_job(job_id=proposal.job_id, at=at)
    return proposal


@transaction.atomic
def unarchive_proposal(*, proposal_id: int, by: Actor, at: datetime) -> Proposal:
    """Take a proposal back into the client's list. Event: none. Raises NotAllowed."""
    proposal = locked_proposal(proposal_id)
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team sorts proposals."))
    proposal.archived_at = None
    proposal.save(update_fields=["archived_at"])
    return proposal


def note_answer(proposal: Proposal, at: datetime) -> None:
    """Note the client's first act on a proposal on its row, which the caller holds and saves (inner).

    Event: proposals.proposal_answered, once for each proposal.
    """
    if proposal.answered_at is None:
        proposal.answered_at = at
        tell("proposals.proposal_answered", proposal, Actor.system(), at)


def _pay(proposal: Proposal, cost: int, boost: int, at: datetime) -> int:
    """Spend what a new proposal costs, and its boost on top; return the sum."""
    if cost:
        spend_connects(proposal=proposal, amount=cost, at=at)
    if boost:
        bid_for_place(proposal=proposal, boost=boost, at=at)
    return cost + boost


def locked_proposal(proposal_id: int) -> Proposal:
    """Lock party, job and proposal, in that order (inner)."""
    party_id, job_id = Proposal.objects.values_list("party_id", "job_id").get(pk=proposal_id)
    Party.objects.locked(party_id)
    job = Job.objects.locked(job_id)
    proposal = Proposal.objects.locked(proposal_id)
    proposal.job = job
    return proposal


def _check_worker(party: Party, worker_id: int | None, job: Job) -> int | None:
    """Return who does the work where an agency bids; a freelancer names nobody and must be free to bid."""
    if party.kind != Party.Kind.AGENCY:
        demand_not_exclusive(party)
        return None
    if worker_id not in {each.user_id for each in workers_of(party.pk)}:
        raise WorkerMissing(_("Choose who does the work: somebody of the agency whose own profile is approved."))
    if belongs_to(worker_id, job.client_id):
        raise OwnJob(_("This job belongs to a party of the person you chose: choose somebody else."))
    return worker_id


def demand_not_exclusive(party: Party) -> None:
    """Refuse what a freelancer would agree in their own name while an agency has them to itself (inner).

    Raises ExclusiveToAgency.
    """
    agency = exclusive_agency_of(party.pk)
    if agency is not None:
        raise ExclusiveToAgency(
            _("%(name)s works only through the agency %(agency)s. Contracts that run already go on.")
            % {"name": party.public_name, "agency": agency.public_name},
            agency,
        )


def _check_proposed_once(job: Job, party: Party, worker_id: int | None) -> None:
    """Refuse a person for whom another live proposal stands on the locked job: their own, or that of an agency."""
    owners = Membership.objects.live().filter(role=Membership.Role.OWNER, party__kind=Party.Kind.FREELANCER)
    if worker_id is None:
        same = Q(worker__memberships__in=owners.filter(party=party))
    else:
        same = Q(worker_id=worker_id) | Q(party__memberships__in=owners.filter(user_id=worker_id))
    if Proposal.objects.filter(same, job=job, status__in=Proposal.BOUND).exclude(party=party).exists():
        raise WorkerAlreadyProposed(
            _("This person is proposed for this job already: in their own name or by an agency.")
        )


def _demand_seen(job: Job, party_id: int) -> None:
    if job.visibility == Job.Visibility.INVITED and not is_guest_of(job, party_id):
        raise NotFound(_("There is no such job."))


def check_price(job: Job, amount: int) -> None:
    """Refuse a price that no contract can pay (inner). Raises PriceTooLow."""
    least = rules().milestone_minimum if job.kind == Job.Kind.FIXED else 1
    if amount < least:
        raise PriceTooLow(_("Enter a price of %(least)s or more.") % {"least": format_money(least, job.currency)})


def check_letter(job: Job, letter: str, answers: Sequence[str]) -> list[str]:
    """Return the answers as they are kept; refuse an empty letter and unanswered questions (inner).

    Raises LetterMissing, AnswersMissing.
    """
    if not letter.strip():
        raise LetterMissing(_("Write a cover letter: say how you would do the work."))
    given = [answer.strip() for answer in answers]
    if len(given) != len(job.questions) or not all(given):
        raise AnswersMissing(_("Answer each of the client's questions."))
    return given


def check_words(letter: str, answers: Sequence[str], milestones: Sequence[MilestoneTerms] = ()) -> None:
    """Refuse contact data in what is written for the client (inner). Raises LeadsAway, by the names of the form."""
    check_texts(
        {
            "letter": letter,
            **{f"answer_{number}": answer for number, answer in enumerate(answers)},
            **{f"milestone_{number}": each.title for number, each in enumerate(milestones)},
        }
    )


def demand_live(proposal: Proposal) -> None:
    """Refuse what needs a proposal that waits for its client (inner). Raises ProposalNotLive."""
    if proposal.status == Proposal.Status.OFFERED:
        raise ProposalNotLive(_("An offer has been made on this proposal: answer the offer instead."))
    if proposal.status not in Proposal.LIVE:
        raise ProposalNotLive(_("This proposal has already been answered, withdrawn or closed."))


def tell(kind: str, proposal: Proposal, by: Actor, at: datetime, **data: Any) -> None:
    """Record what happened to a proposal, within its job (inner)."""
    record(kind=kind, actor=by, subject=f"proposal:{proposal.pk}", scope=f"job:{proposal.job_id}", at=at, **data)
