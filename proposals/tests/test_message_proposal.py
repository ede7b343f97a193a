"""The first words of a client to somebody who sent a proposal, and of somebody invited to the client."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_member
from core.errors import DomainError, NotAllowed
from events.models import Event
from jobs.actions import add_job_reader, close_job, decline_invitation, invite_to_job, withdraw_invitation
from jobs.models import Job, JobActivity
from messaging.actions import MessageEmpty, post_message
from messaging.models import Message, Room
from messaging.queries import belongs_to_room, readers_of, room_of
from profiles.tests.cast import make_studio
from proposals.actions import (
    InvitationOver,
    ProposalNotLive,
    decline_proposal,
    lift_guards,
    mark_proposal_offered,
    mark_proposal_unoffered,
    message_client,
    message_proposal,
    withdraw_proposal,
)
from proposals.models import Conversation, Proposal
from proposals.queries import conversations_for, talks_in
from proposals.tests.cast import bid, make_job, party_of, tell
from tests.nothing import nothing_happens

HOUR = timedelta(hours=1)
Status = Proposal.Status


def write(alice: Person, proposal: Proposal, at: datetime, text: str = "Hello", token: str = "one") -> Message:
    return message_proposal(proposal_id=proposal.pk, text=text, token=token, by=alice.actor, at=at)


def test_the_first_message_opens_the_room_of_the_two(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)

    message = write(alice, proposal, at + HOUR)

    after = Proposal.objects.get(pk=proposal.pk)
    assert (after.status, after.interviewing_at, after.viewed_at, after.answered_at) == (
        Status.INTERVIEWING,
        at + HOUR,
        at + HOUR,
        at + HOUR,
    )
    conversation = Conversation.objects.get()
    assert (conversation.job_id, conversation.party_id) == (job.pk, party_of(bob).pk)
    room = message.room
    assert (room.kind, room.owner, room.title, room.guarded) == ("interview", conversation.scope, job.title, True)
    assert {party.pk for party in room.parties.all()} == {party_of(alice).pk, party_of(bob).pk}
    assert Job.objects.get(pk=job.pk).expires_at == at + HOUR + timedelta(days=30)
    assert Event.objects.filter(kind="proposals.proposal_interviewing").count() == 1


def test_later_messages_go_to_the_same_room_and_the_same_form_twice_is_one_message(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    first = write(alice, proposal, at)
    write(alice, proposal, at)
    answer = post_message(room_id=first.room_id, text="The north pier", token="two", by=bob.actor, at=at)
    later = write(alice, proposal, at + HOUR, token="three")

    assert answer.room_id == first.room_id == later.room_id
    assert Message.objects.count() == 3
    assert Proposal.objects.get(pk=proposal.pk).interviewing_at == at
    assert Event.objects.filter(kind="proposals.proposal_interviewing").count() == 1


def test_an_offer_leads_back_to_the_interview(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    write(alice, proposal, at)
    with transaction.atomic():
        mark_proposal_offered(proposal_id=proposal.pk, at=at)
        assert mark_proposal_unoffered(proposal_id=proposal.pk, at=at).status == Status.INTERVIEWING


def test_a_first_message_about_an_offer_leaves_the_offer_as_it_is(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    with transaction.atomic():
        mark_proposal_offered(proposal_id=proposal.pk, at=at)

    write(alice, proposal, at + HOUR)

    after = Proposal.objects.get(pk=proposal.pk)
    assert (after.status, after.before_offer, after.interviewing_at) == (
        Status.OFFERED,
        Status.INTERVIEWING,
        at + HOUR,
    )


@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_a_room_stays_open_after_the_end_but_none_is_opened_then(
    end: str, alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    talked, silent = bid(bob, job, at=at), bid(chloe, job, at=at)
    room_id = write(alice, talked, at).room_id
    for proposal, person in ((talked, bob), (silent, chloe)):
        if end == "declined":
            decline_proposal(proposal_id=proposal.pk, reason="price", by=alice.actor, at=at)
        else:
            withdraw_proposal(proposal_id=proposal.pk, by=person.actor, at=at)

    for proposal in (talked, silent):
        with nothing_happens(), pytest.raises(ProposalNotLive):
            write(alice, proposal, at, token="after")
    post_message(room_id=room_id, text="Thank you all the same", token="bob", by=bob.actor, at=at)
    post_message(room_id=room_id, text="Until the next one", token="alice", by=alice.actor, at=at)
    assert Message.objects.filter(room_id=room_id).count() == 3


def test_a_room_stays_open_when_the_job_is_closed(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    room_id = write(alice, bid(bob, job, at=at), at).room_id
    close_job(job_id=job.pk, by=alice.actor, at=at)
    tell(at)

    post_message(room_id=room_id, text="What a pity", token="bob", by=bob.actor, at=at)

    assert Message.objects.filter(room_id=room_id).count() == 2


def test_nobody_else_writes_first(alice: Person, bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    others = [
        bob,
        chloe,
        make_client("Eve", at=at),
        make_member("Fay", party_of(alice), "finance", at=at),
        make_member("Meg", party_of(alice), "member", at=at),
    ]
    for person in others:
        with nothing_happens(), pytest.raises(NotAllowed):
            write(person, proposal, at)


def test_an_empty_first_message_begins_nothing(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    proposal = bid(bob, job, at=at)
    with nothing_happens(), pytest.raises(MessageEmpty):
        write(alice, proposal, at, text="  ")
    assert Proposal.objects.get(pk=proposal.pk).status == Status.SUBMITTED


def test_the_job_counts_with_whom_its_client_talks(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    proposal = bid(bob, job, at=at)
    write(alice, proposal, at)
    write(alice, bid(chloe, job, at=at), at)
    tell(at)
    assert JobActivity.objects.values_list("proposals", "unanswered", "interviewing").get(job=job) == (2, 0, 2)

    decline_proposal(proposal_id=proposal.pk, reason="price", by=alice.actor, at=at)
    tell(at)
    assert JobActivity.objects.values_list("interviewing", flat=True).get(job=job) == 1


def test_the_guard_is_lifted_by_a_contract_of_the_two_alone(
    alice: Person, bob: Person, chloe: Person, job: Job, at: datetime
) -> None:
    room = write(alice, bid(bob, job, at=at), at).room
    others = write(alice, bid(chloe, job, at=at), at).room

    assert lift_guards(client_id=party_of(alice).pk, party_id=party_of(bob).pk, at=at) == 1

    assert Room.objects.get(pk=room.pk).guarded is False
    assert Room.objects.get(pk=others.pk).guarded is True


def test_members_read_where_they_were_added_and_finance_nowhere(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    owner = write(alice, bid(bob, job, at=at), at).room.owner
    manager = make_member("Henri", party_of(alice), "hiring_manager", at=at)
    added, other = (make_member(name, party_of(alice), "member", at=at) for name in ("Meg", "Max"))
    fay = make_member("Fay", party_of(alice), "finance", at=at)
    add_job_reader(job_id=job.pk, user_id=added.user.pk, by=alice.actor, at=at)

    room = room_of(owner)
    assert room is not None
    assert readers_of(room) == {alice.user.pk, bob.user.pk, manager.user.pk, added.user.pk}
    for person, reads in ((alice, 1), (manager, 1), (added, 1), (other, 0), (fay, 0), (bob, 1)):
        assert conversations_for(person.actor).count() == reads, person.user.first_name
        assert belongs_to_room(person.user.pk, owner) is bool(reads)


def test_of_an_agency_the_proposed_worker_enters(alice: Person, marc: Person, job: Job, at: datetime) -> None:
    studio = make_studio(moderator=marc, at=at)
    tell(at)
    proposal = bid(studio.olga, job, worker_id=studio.nina.user.pk, at=at)
    write(alice, proposal, at)
    conversation = Conversation.objects.get()

    assert talks_in(studio.nina.user.pk, conversation.pk) is True
    assert talks_in(studio.emil.user.pk, conversation.pk) is False
    seen = [conversations_for(person.actor).count() for person in (studio.olga, studio.nina, studio.emil)]
    assert seen == [1, 1, 0]


def test_who_is_invited_writes_first(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    invitation = invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, by=alice.actor, at=at)

    message = message_client(invitation_id=invitation.pk, text="Is it urgent?", token="bob", by=bob.actor, at=at)

    room = message.room
    assert (room.kind, room.guarded, room.owner) == ("interview", True, Conversation.objects.get().scope)
    proposal = bid(bob, job, at=at)
    assert proposal.status == Status.SUBMITTED
    assert write(alice, proposal, at, token="alice").room_id == room.pk
    message_client(invitation_id=invitation.pk, text="Thanks", token="again", by=bob.actor, at=at)
    assert Message.objects.filter(room=room).count() == 3


@pytest.mark.parametrize("how", ["declined", "withdrawn", "expired", "closed"])
def test_an_invitation_that_is_over_begins_nothing(
    how: str, alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    invitation = invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, by=alice.actor, at=at)
    if how == "declined":
        decline_invitation(invitation_id=invitation.pk, reason="busy", by=bob.actor, at=at)
    elif how == "withdrawn":
        withdraw_invitation(invitation_id=invitation.pk, by=alice.actor, at=at)
    elif how == "closed":
        close_job(job_id=job.pk, by=alice.actor, at=at)
    late = at + timedelta(days=7) if how == "expired" else at

    with nothing_happens(), pytest.raises(InvitationOver):
        message_client(invitation_id=invitation.pk, text="Hello", token="bob", by=bob.actor, at=late)


def test_only_who_was_invited_writes_first(alice: Person, bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    invitation = invite_to_job(job_id=job.pk, party_id=party_of(bob).pk, by=alice.actor, at=at)
    for person in (alice, chloe):
        with nothing_happens(), pytest.raises(DomainError):
            message_client(invitation_id=invitation.pk, text="Hello", token="x", by=person.actor, at=at)


def test_one_pair_has_a_room_for_each_job(alice: Person, bob: Person, job: Job, at: datetime) -> None:
    other = make_job(alice, title="Another site", at=at)
    rooms = {write(alice, bid(bob, each, at=at), at).room_id for each in (job, other)}
    assert len(rooms) == 2
