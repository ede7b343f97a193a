"""Writing to each other before a contract: who writes first, and what that does to a proposal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Party
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from jobs.actions import touch_job
from jobs.models import Invitation, Job
from jobs.permissions import can_answer_invitation
from messaging.actions import lift_guard, open_room, post_message
from messaging.models import Message, Room
from proposals.actions.boosts import ProposalNotLive
from proposals.actions.proposals import note_answer
from proposals.models import Conversation, Proposal
from proposals.permissions import can_sort_proposal
from proposals.queries import can_begin, is_guarded


class InvitationOver(DomainError):
    """Who was invited writes first while the invitation stands and the job takes proposals."""


@transaction.atomic
def message_proposal(*, proposal_id: int, text: str, token: str, by: Actor, at: datetime) -> Message:
    """Write to somebody who made a proposal; the first message opens the room of the two and is an act on the post.

    Later messages go the same way, or through the room. From: submitted, viewed, interviewing. To: interviewing.
    From: offered. To: offered, which leads back to interviewing if the offer ends. Event:
    proposals.proposal_interviewing with the first, messaging.message_posted with each.

    Raises NotAllowed if `by` does not hire for the client, ProposalNotLive in any other state, and what `post_message`
    raises.
    """
    party_id, job_id = Proposal.objects.values_list("party_id", "job_id").get(pk=proposal_id)
    Party.objects.locked(party_id)
    job = Job.objects.locked(job_id)
    proposal = Proposal.objects.locked(proposal_id)
    proposal.job = job
    if not can_sort_proposal(by, proposal):
        raise NotAllowed(_("Only the client's hiring team writes to people who sent a proposal."))
    if proposal.status not in Proposal.BOUND:
        raise ProposalNotLive(
            _("This proposal has ended: you can only go on with a conversation that has begun before.")
        )
    room = _room_about(job, party_id, at)
    message = post_message(room_id=room.pk, text=text, token=token, by=by, at=at)
    if proposal.interviewing_at is None:
        _begin_interviewing(proposal, by, at)
    touch_job(job_id=job_id, at=at)
    return message


@transaction.atomic
def message_client(*, invitation_id: int, text: str, token: str, by: Actor, at: datetime) -> Message:
    """Write to the client who invited one's party, before or after answering with a proposal.

    Nobody else who works writes first. From, to: as the invitation and the proposal are. Event:
    messaging.message_posted.

    Raises NotAllowed if `by` does not work for the invited party, InvitationOver once the invitation was declined or
    withdrawn, has expired, or the job takes no proposals, and what `post_message` raises.
    """
    job_id, party_id = Invitation.objects.values_list("job_id", "party_id").get(pk=invitation_id)
    Party.objects.locked(party_id)
    job = Job.objects.locked(job_id)
    invitation = Invitation.objects.locked(invitation_id)
    if not can_answer_invitation(by, invitation):
        raise NotAllowed(_("Only who was invited can write to this client."))
    invitation.job = job
    if not can_begin(invitation, at):
        raise InvitationOver(_("This invitation is over: you cannot begin a conversation from it any more."))
    room = _room_about(job, party_id, at)
    return post_message(room_id=room.pk, text=text, token=token, by=by, at=at)


def lift_guards(*, client_id: int, party_id: int, at: datetime) -> int:
    """Let two sides who have a contract write freely in all their conversations (inner). Returns how many there are."""
    theirs = Conversation.objects.filter(job__client_id=client_id, party_id=party_id).order_by("pk")
    for conversation in theirs:
        lift_guard(owner=conversation.scope, at=at)
    return len(theirs)


def _room_about(job: Job, party_id: int, at: datetime) -> Room:
    """Return the room of a job's client and a party, opened where there is none; the caller holds job and party.

    It is guarded until the two have a contract: where they have one already, it never is.
    """
    conversation, _is_new = Conversation.objects.get_or_create(job=job, party_id=party_id, defaults={"created_at": at})
    return open_room(
        kind=Room.Kind.INTERVIEW,
        owner=conversation.scope,
        title=job.title,
        party_ids=[job.client_id, party_id],
        guarded=is_guarded(job.client_id, party_id),
        at=at,
    )


def _begin_interviewing(proposal: Proposal, by: Actor, at: datetime) -> None:
    proposal.interviewing_at = at
    proposal.viewed_at = proposal.viewed_at or at
    if proposal.status == Proposal.Status.OFFERED:
        proposal.before_offer = Proposal.Status.INTERVIEWING
    else:
        proposal.status = Proposal.Status.INTERVIEWING
    note_answer(proposal, at)
    proposal.save(update_fields=["status", "before_offer", "viewed_at", "interviewing_at", "answered_at"])
    record(
        kind="proposals.proposal_interviewing",
        actor=by,
        subject=f"proposal:{proposal.pk}",
        scope=f"job:{proposal.job_id}",
        at=at,
    )
