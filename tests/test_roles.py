"""The table of roles in one place: what each role of an account may do, verb by verb, as the predicates say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from accounts import permissions as accounts
from accounts.actions import open_agency
from accounts.models import Membership, Party
from accounts.queries import acting
from accounts.tests.cast import Person, make_client, make_member
from contracts import actions
from contracts import permissions as contracts
from contracts.models import Contract, Milestone, Offer
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.actor import Actor
from core.clock import now
from jobs import permissions as jobs
from jobs.actions import add_job_reader
from jobs.models import Job
from messaging import permissions as messaging
from messaging.models import Room
from payments import permissions as payments
from proposals import permissions as proposals
from proposals.models import Proposal
from tests.remembered import remembered

pytestmark = pytest.mark.django_db

#: Of a client. `capped` is a hiring manager whose limit is the sum of the contract, `added` a member who was added.
CLIENT_ROLES = ("owner", "admin", "capped", "hiring_manager", "finance", "added", "member")
AGENCY_ROLES = ("owner", "admin", "finance", "member", "named_worker")
ALL, LEADERS = " ".join(CLIENT_ROLES), "owner admin"
HIRES, PAYS = f"{LEADERS} capped hiring_manager", f"{LEADERS} finance"
READS = f"{HIRES} finance added"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the client's verbs are about: a contract with one milestone funded and one agreed, a draft offer, a job."""

    party: Party
    job: Job
    proposal: Proposal
    draft: Offer
    contract: Contract
    funded: Milestone
    agreed: Milestone
    room: Room
    people: dict[str, Person]


#: What a client's people may do: the verb, its predicate, and the roles that PRODUCT.md 2 gives it.
CLIENT_TABLE: dict[str, tuple[Callable[[Actor, Scene], bool], str]] = {
    # jobs, proposals, offers, terms
    "post a job": (lambda by, s: jobs.can_post_job(by, s.party.pk), HIRES),
    "manage a job": (lambda by, s: jobs.can_manage_job(by, s.job), HIRES),
    "sort proposals": (lambda by, s: proposals.can_sort_proposal(by, s.proposal), HIRES),
    "write an offer": (lambda by, s: contracts.can_write_offer(by, s.party.pk), HIRES),
    "withdraw an offer": (lambda by, s: contracts.can_withdraw_offer(by, s.draft), HIRES),
    "propose a milestone": (lambda by, s: contracts.can_propose_milestone(by, s.contract), HIRES),
    "cancel a milestone": (lambda by, s: contracts.can_cancel_milestone(by, s.agreed), HIRES),
    "ask for changes": (lambda by, s: contracts.can_request_milestone_changes(by, s.funded), HIRES),
    "add readers to a job": (lambda by, s: jobs.can_manage_job(by, s.job), HIRES),
    "add readers to a contract": (lambda by, s: contracts.can_choose_readers(by, s.contract), HIRES),
    # messages
    "read the room": (lambda by, s: messaging.can_read_room(by, s.room), READS),
    "write a message": (lambda by, s: messaging.can_post_message(by, s.room), HIRES),
    # money
    "send an offer": (lambda by, s: contracts.can_send_offer(by, s.draft), f"{LEADERS} capped"),
    "fund a milestone": (lambda by, s: contracts.can_fund_milestone(by, s.agreed), f"{PAYS} capped"),
    "approve work": (lambda by, s: contracts.can_release_milestone(by, s.funded), f"{PAYS} capped"),
    "ask money back": (lambda by, s: contracts.can_ask_milestone_back(by, s.funded), PAYS),
    "keep cards": (lambda by, _s: payments.can_pay(by), PAYS),
    "read invoices": (lambda by, s: payments.can_see_invoices(by, s.party.pk), PAYS),
    "have credit paid back": (lambda by, s: payments.can_ask_credit_back(by, s.party.pk), PAYS),
    "see payments": (lambda by, _s: payments.can_see_charges(by), f"{HIRES} finance"),
    "withdraw earnings": (lambda by, s: payments.can_withdraw(by, s.party.pk), ""),
    # reading
    "read the inbox": (lambda by, s: proposals.can_read_inbox(by, s.job), READS),
    "see an unpublished job": (lambda by, s: jobs.can_see_unpublished_job(by, s.job), READS),
    "read the contract": (lambda by, s: contracts.can_read_contract(by, s.contract), READS),
    # the account
    "end the contract": (lambda by, s: contracts.can_end_contract(by, s.contract), LEADERS),
    "change the account": (lambda by, s: accounts.can_edit_party(by, s.party.pk), LEADERS),
    "choose people": (lambda by, s: accounts.can_manage_people(by, s.party.pk), LEADERS),
    "choose owners": (lambda by, s: accounts.can_give_role(by, s.party.pk, "owner"), "owner"),
    # the other side's verbs are nobody's here
    "send a proposal": (lambda by, _s: proposals.can_submit_proposal(by), ""),
    "hand in work": (lambda by, s: contracts.can_submit_milestone(by, s.funded), ""),
    "buy connects": (lambda by, s: proposals.can_buy_connects(by, s.party.pk), ""),
}
#: What an agency's people may do for it.
AGENCY_TABLE: dict[str, tuple[Callable[[Actor, int], bool], str]] = {
    "propose and deliver": (accounts.can_work, f"{LEADERS} named_worker"),
    "send a proposal": (lambda by, _party: proposals.can_submit_proposal(by), f"{LEADERS} named_worker"),
    "buy connects": (proposals.can_buy_connects, PAYS),
    "see the wallet": (payments.can_see_wallet, PAYS),
    "withdraw": (payments.can_withdraw, PAYS),
    "read invoices": (payments.can_see_invoices, PAYS),
    "change the account": (accounts.can_edit_party, LEADERS),
    "choose people": (accounts.can_manage_people, LEADERS),
    "choose owners": (lambda by, party: accounts.can_give_role(by, party, "owner"), "owner"),
    "hire": (accounts.can_hire, ""),
    "post a job": (jobs.can_post_job, ""),
}


@remembered
def make_scene() -> Scene:
    """Return the scene with one person for each role."""
    deal: Deal = cast.make_deal(hires_wanted=3)
    contract = cast.sign(deal)
    other = cast.another_bid(deal)
    draft = cast.write(other)
    party = deal.client
    people = {
        "owner": deal.alice,
        **{role: make_member(f"P{role}", party, role, at=deal.at) for role in ("admin", "finance", "member")},
        **{role: make_member(f"P{role}", party, "hiring_manager", at=deal.at) for role in ("capped", "hiring_manager")},
        "added": make_member("Padded", party, "member", at=deal.at),
    }
    Membership.objects.filter(user=people["capped"].user).update(approval_limit=140_000)
    for role, person in people.items():
        people[role] = Person(person.user, party, acting(person.user, party.pk).actor)
    reads: dict[str, Any] = {"user_id": people["added"].user.pk, "by": deal.alice.actor, "at": deal.at}
    add_job_reader(job_id=deal.job.pk, **reads)
    actions.add_contract_reader(contract_id=contract.pk, **reads)
    return Scene(
        party=party,
        job=deal.job,
        proposal=Proposal.objects.select_related("job").get(pk=other.proposal.pk),
        draft=draft,
        contract=contract,
        funded=cast.milestone(contract, 1),
        agreed=cast.milestone(contract, 2),
        room=Room.objects.get(owner=contract.scope),
        people=people,
    )


def test_a_clients_people_may_do_what_the_table_gives_their_role_and_no_more() -> None:
    scene = make_scene()
    found = {
        verb: [role for role in CLIENT_ROLES if may(scene.people[role].actor, scene)]
        for verb, (may, _roles) in CLIENT_TABLE.items()
    }
    assert found == {
        verb: [role for role in CLIENT_ROLES if role in roles.split()] for verb, (_may, roles) in CLIENT_TABLE.items()
    }


def test_an_agencys_people_may_do_what_the_table_gives_their_role_and_no_more() -> None:
    olga = make_client("Olga")
    agency = open_agency(name="Atelier", by=olga.actor, at=now())
    actors = {role: make_member(f"P{role}", agency, role).actor for role in AGENCY_ROLES if role != "owner"}
    actors["owner"] = acting(olga.user, agency.pk).actor
    found = {
        verb: [role for role in AGENCY_ROLES if may(actors[role], agency.pk)]
        for verb, (may, _roles) in AGENCY_TABLE.items()
    }
    assert found == {
        verb: [role for role in AGENCY_ROLES if role in roles.split()] for verb, (_may, roles) in AGENCY_TABLE.items()
    }


def test_nobody_may_do_any_of_it_for_an_account_they_do_not_act_for() -> None:
    scene, eve = make_scene(), make_client("Eve").actor
    of_oneself = {"keep cards", "see payments"}
    for verb, (may, _roles) in CLIENT_TABLE.items():
        assert may(eve, scene) is (verb in of_oneself), verb
        assert may(Actor.anonymous(), scene) is False, verb
        for person in scene.people.values():
            left = Actor(user_id=person.user.pk)
            assert may(left, scene) is False, verb
