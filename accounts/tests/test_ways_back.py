"""What somebody who lost a right had begun with it ends with it; nobody sells to their own people."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.actions import (
    AccountNotDeletable,
    ExclusiveElsewhere,
    accept_invitation,
    change_role,
    deactivate_user,
    erase_account,
    invite_member,
    link_token,
    remove_member,
)
from accounts.models import Membership, Party, PartyInvitation
from accounts.queries import acting
from accounts.tests.cast import Person, join_agency, make_agency, make_client, make_freelancer, make_member, make_staff
from contracts.actions import OwnPeople, write_offer
from contracts.tests.cast import nothing_happens
from core.clock import now
from core.errors import NotAllowed
from jobs.actions import NotInvitable, invite_to_job
from profiles.tests.cast import make_approved, make_studio
from proposals.actions import OwnJob
from proposals.tests.cast import bid, make_job, party_of, stock_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def marc(at: datetime) -> Person:
    return make_staff("Marc", "moderator", at=at)


def invited(by: Person, email: str, role: str, at: datetime, **more: bool) -> PartyInvitation:
    return invite_member(party_id=party_of(by).pk, email=email, role=role, language="en", by=by.actor, at=at, **more)


def seat(person: Person, party: Party) -> Membership:
    return Membership.objects.get(user=person.user, party=party, ended_at=None)


def test_who_is_removed_or_demoted_takes_their_invitations_along(at: datetime) -> None:
    alice = make_client("Alice", at=at)
    party = party_of(alice)
    olga = make_member("Olga", party, "owner", at=at)
    waiting = [invited(olga, "second@example.com", "owner", at), invited(olga, "third@example.com", "member", at)]

    change_role(membership_id=seat(olga, party).pk, role="admin", by=alice.actor, at=at)
    assert [PartyInvitation.objects.get(pk=each.pk).status for each in waiting] == ["withdrawn", "open"]

    remove_member(membership_id=seat(olga, party).pk, successor_id=None, by=alice.actor, at=at)
    assert [PartyInvitation.objects.get(pk=each.pk).status for each in waiting] == ["withdrawn", "withdrawn"]


def test_one_agency_alone_has_somebody_to_itself(marc: Person, at: datetime) -> None:
    studio = make_studio(moderator=marc, at=at)
    other = make_agency(make_freelancer("Otto", at=at), "Atelier Sud", at=at)
    emil = studio.own["emil"]
    asked = invited(other, emil.user.email, "named_worker", at, is_exclusive=True)

    with nothing_happens(ExclusiveElsewhere):
        accept_invitation(token=link_token(asked.seal), by=emil.actor, at=at)


def test_a_closed_account_joins_nothing(at: datetime) -> None:
    alice, zoe = make_client("Alice", at=at), make_freelancer("Zoe", at=at)
    samir = make_staff("Samir", "support", at=at)
    asked = invited(alice, zoe.user.email, "finance", at)
    deactivate_user(user_id=zoe.user.pk, reason="Asked for it.", by=samir.actor, at=at)

    with nothing_happens(NotAllowed):
        accept_invitation(token=link_token(asked.seal), by=zoe.actor, at=at)


def test_a_suspended_owner_is_no_owner_to_leave_to(at: datetime) -> None:
    alice = make_client("Alice", at=at)
    olga = make_member("Olga", party_of(alice), "owner", at=at)
    samir = make_staff("Samir", "support", at=at)
    deactivate_user(user_id=olga.user.pk, reason="Asked for it.", by=samir.actor, at=at)

    with nothing_happens(AccountNotDeletable):
        erase_account(user_id=alice.user.pk, typed_email=alice.user.email, by=alice.actor, at=at)


def test_an_exclusive_freelancer_is_invited_through_the_agency(marc: Person, at: datetime) -> None:
    studio = make_studio(moderator=marc, at=at)
    alice = make_client("Alice", at=at)
    job = make_job(alice, at=at)

    with nothing_happens(NotInvitable):
        invite_to_job(job_id=job.pk, party_id=party_of(studio.own["emil"]).pk, by=alice.actor, at=at)
    assert invite_to_job(job_id=job.pk, party_id=studio.party.pk, by=alice.actor, at=at).status == "invited"


def test_an_agency_does_not_bid_where_one_of_its_people_hires(marc: Person, at: datetime) -> None:
    studio = make_studio(moderator=marc, at=at)
    alice = make_client("Alice", at=at)
    job = make_job(alice, at=at)
    anna = join_agency(make_freelancer("Anna", at=at), studio.party, "admin", at=at)
    Membership.objects.create(user=studio.olga.user, party=party_of(alice), role="hiring_manager", created_at=at)

    with nothing_happens(OwnJob):
        bid(anna, job, at=at, worker_id=studio.nina.user.pk)


def test_who_joins_the_client_after_a_bid_gets_no_offer(marc: Person, at: datetime) -> None:
    alice, bob = make_client("Alice", at=at), make_approved("Bob", moderator=marc, at=at)
    stock_up(bob, 10, at=at)
    proposal = bid(bob, make_job(alice, at=at), at=at)
    Membership.objects.create(user=bob.user, party=party_of(alice), role="hiring_manager", created_at=at)

    with nothing_happens(OwnPeople):
        write_offer(
            proposal_id=proposal.pk,
            title="Checkout",
            deliverables="A page.",
            starts_on=None,
            ends_on=None,
            duration="weeks",
            milestones=(),
            language="en",
            by=acting(bob.user, party_of(alice).pk).actor,
            at=at + timedelta(hours=1),
        )
