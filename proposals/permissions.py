"""Who may do what with proposals and connects."""

from __future__ import annotations

from accounts.models import Membership, Party
from accounts.permissions import WORKING_KINDS, can_hire, can_spend, can_work, is_finance_staff, is_support
from core.actor import Actor
from jobs.models import Job
from jobs.permissions import reads_own_job
from proposals.models import Conversation, Proposal, ProposalNote
from proposals.queries import talks_in


def can_submit_proposal(by: Actor) -> bool:
    """Test whether the actor may bid for the party they act for."""
    return by.party_kind in WORKING_KINDS and can_work(by, by.party_id)


def can_withdraw_proposal(by: Actor, proposal: Proposal) -> bool:
    """Test whether the actor may take the proposal back."""
    return can_work(by, proposal.party_id)


def can_boost_proposal(by: Actor, proposal: Proposal) -> bool:
    """Test whether the actor may bid for a marked place with the proposal."""
    return can_work(by, proposal.party_id)


def can_edit_proposal(by: Actor, proposal: Proposal) -> bool:
    """Test whether the actor may change the letter and the terms of the proposal."""
    return can_work(by, proposal.party_id)


def can_sort_proposal(by: Actor, proposal: Proposal) -> bool:
    """Test whether the actor may open, shortlist or decline the proposal for the client. Needs `proposal.job`."""
    return can_hire(by, proposal.job.client_id)


def can_hire_for(by: Actor, job: Job) -> bool:
    """Test whether the actor may sort and decline the proposals on this job."""
    return can_hire(by, job.client_id)


def can_read_inbox(by: Actor, job: Job) -> bool:
    """Test whether the actor may see the proposals on a job of their client. No query but for members."""
    return reads_own_job(by, job)


def can_buy_connects(by: Actor, party_id: int) -> bool:
    """Test whether the actor may buy connects for the party."""
    return by.party_kind in WORKING_KINDS and can_spend(by, party_id)


def can_note_proposal(by: Actor, proposal: Proposal) -> bool:
    """Test whether the actor may read and write what the client's people note about a proposal among themselves.

    Whoever reads the inbox may, finance and added members too: a note decides nothing. Needs `proposal.job`.
    """
    return can_read_inbox(by, proposal.job)


def can_change_note(by: Actor, note: ProposalNote) -> bool:
    """Test whether the actor may change or delete the note: its author may, while they read the inbox."""
    return note.author_id == by.user_id and can_note_proposal(by, note.proposal)


def can_plan_interview(by: Actor, conversation: Conversation) -> bool:
    """Test whether the actor proposes and answers interviews for their side: whoever writes there. Needs the job.

    No query but for named workers of an agency, who plan where they are proposed.
    """
    if not can_work(by, conversation.party_id):
        return can_hire(by, conversation.job.client_id)
    is_worker = by.role == Membership.Role.NAMED_WORKER and by.party_kind == Party.Kind.AGENCY
    return not is_worker or talks_in(by.person_id, conversation.pk)


def can_see_connects(by: Actor) -> bool:
    """Test whether the actor is of the staff that look into the connects of others: support and finance."""
    return is_support(by) or is_finance_staff(by)
