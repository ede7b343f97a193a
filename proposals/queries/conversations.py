"""Reads of conversations before a contract: who reads them, under the guard or not, and on which clock."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.models import Membership, Party
from accounts.permissions import reads_all
from accounts.queries import owners_of
from core.actor import Actor
from core.errors import NotFound
from jobs.models import Invitation, Job, JobReader
from jobs.queries import added_to
from messaging.models import Message, Room
from proposals.models import Conversation, Proposal


def have_contract(client_id: int, party_id: int) -> bool:
    """Test whether two sides have, or had, a contract: they have the room of one."""
    rooms = Room.objects.filter(kind=Room.Kind.CONTRACT, parties=client_id)
    return rooms.filter(parties=party_id).exists()


def conversations_for(actor: Actor) -> QuerySet[Conversation]:
    """Return the conversations of the actor's party, on either side, that they read.

    Of a client everybody but finance, and members on the jobs they were added to; of an agency everybody but finance
    and members, and named workers where they are proposed.
    """
    if actor.party_id is None or actor.impersonator_id is not None or actor.role == Membership.Role.FINANCE:
        return Conversation.objects.none()
    asked = Q(job__client_id=actor.party_id) & added_to(actor, "job")
    mine = Q(party_id=actor.party_id) if reads_all(actor) else Q(pk__in=())
    if actor.role == Membership.Role.NAMED_WORKER and actor.party_kind == Party.Kind.AGENCY:
        mine &= Q(pk__in=_worked_on(actor.user_id or 0))
    found = Conversation.objects.filter(asked | mine)
    return found.select_related("job__client", "party__profile").order_by("-pk")


def conversation_for(actor: Actor, conversation_id: int) -> Conversation:
    """Return one conversation the actor reads. Raises NotFound."""
    conversation = conversations_for(actor).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound("")
    return conversation


def reads_conversation(actor: Actor, conversation: Conversation) -> bool:
    """Test whether the actor reads a conversation."""
    return conversations_for(actor).filter(pk=conversation.pk).exists()


def conversation_of(proposal: Proposal) -> Conversation | None:
    """Return the conversation about a proposal, if it has begun."""
    return Conversation.objects.filter(job_id=proposal.job_id, party_id=proposal.party_id).first()


def latest_proposal(conversation: Conversation) -> Proposal | None:
    """Return the proposal that a conversation is about: the party's latest on the job; None before the first."""
    sent = Proposal.objects.filter(job_id=conversation.job_id, party_id=conversation.party_id)
    return sent.select_related("worker").order_by("-created_at", "-pk").first()


def _worked_on(user_id: int) -> QuerySet[Conversation, int]:
    """Return the numbers of the conversations of agencies whose latest proposal names a person."""
    sent = Proposal.objects.filter(job=OuterRef("job"), party=OuterRef("party")).order_by("-created_at", "-pk")
    named = Conversation.objects.annotate(worker_id=Subquery(sent.values("worker_id")[:1]))
    return named.filter(worker_id=user_id).values_list("pk", flat=True)


def talks_in(user_id: int, conversation_id: int) -> bool:
    """Test whether a named worker takes part in a conversation: the agency proposes them, or it is a freelancer's."""
    found = Conversation.objects.filter(pk=conversation_id)
    return found.filter(Q(party__kind=Party.Kind.FREELANCER) | Q(pk__in=_worked_on(user_id))).exists()


def conversations_worked_in(party_id: int, user_id: int) -> list[str]:
    """Return the rooms of conversations in which a named worker of a party takes part, by what they are about."""
    mine = Q(party__kind=Party.Kind.FREELANCER) | Q(pk__in=_worked_on(user_id))
    rows = Conversation.objects.filter(mine, party_id=party_id).values_list("pk", flat=True)
    return [f"conversation:{pk}" for pk in rows]


def conversations_open_to(party_id: int, user_id: int) -> list[str]:
    """Return the rooms of conversations on the jobs that a member of a client was added to, by what they are about."""
    read = JobReader.objects.filter(user_id=user_id, job__client_id=party_id).values("job_id")
    return [f"conversation:{pk}" for pk in Conversation.objects.filter(job__in=read).values_list("pk", flat=True)]


def room_page(conversation: Conversation) -> str:
    """Return the address of the room of a conversation."""
    room = Room.objects.only("pk").get(owner=conversation.scope)
    return reverse("messaging:room", kwargs={"room_id": room.pk})


def is_guarded(client_id: int, party_id: int) -> bool:
    """Test whether two sides write to each other under the guard: they have no contract."""
    return not have_contract(client_id, party_id)


def can_begin(invitation: Invitation, at: datetime) -> bool:
    """Test whether who was invited may write to the client: the invitation stands, and so does the job."""
    if invitation.job.status not in Job.LIVE:
        return False
    is_waiting = invitation.status == Invitation.Status.INVITED and invitation.expires_at > at
    return is_waiting or invitation.status == Invitation.Status.ACCEPTED


def zone_of_side(conversation: Conversation, party_id: int) -> str:
    """Return the zone in which a side of a conversation lives.

    That of whoever last wrote for it in the room; where nobody did, of who is proposed, else of the party's owner.
    """
    wrote = Message.objects.filter(room__owner=conversation.scope, party_id=party_id).order_by("-pk")
    zone = wrote.values_list("author__time_zone", flat=True).first()
    if zone is None and party_id == conversation.party_id:
        proposal = latest_proposal(conversation)
        zone = proposal.worker.time_zone if proposal and proposal.worker else None
    if zone is None:
        owners = owners_of(party_id)
        zone = owners[0].time_zone if owners else None
    return zone or settings.TIME_ZONE
