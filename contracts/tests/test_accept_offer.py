"""Accepting an offer."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.tests.cast import make_client, make_member
from contracts import actions
from contracts.actions import MilestoneTerms, OfferChanged, OfferNotPending, OfferTooOld
from contracts.models import Contract, Milestone, Offer
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotAllowed
from events.models import Event
from jobs.models import Job
from messaging.queries import room_of
from payments.models import Holding
from profiles.models import PartyFacts
from proposals.models import Proposal


def test_acceptance_makes_one_contract_with_its_first_milestone_funded(deal: Deal, offer: Offer) -> None:
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    assert Contract.objects.count() == 1
    assert (contract.status, contract.client_id, contract.freelancer_id) == (
        Contract.Status.ACTIVE,
        deal.client.pk,
        deal.freelancer.pk,
    )
    assert list(contract.milestones.values_list("position", "status", "amount", "title")) == [
        (1, Milestone.Status.FUNDED, 100_000, "First screens"),
        (2, Milestone.Status.AGREED, 40_000, "Handover"),
    ]
    assert cast.fresh(offer).status == Offer.Status.ACCEPTED


def test_acceptance_moves_the_held_money_to_the_first_milestone(deal: Deal, offer: Offer) -> None:
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    first = cast.milestone(contract)
    assert (cast.money(f"held:{offer.holder}"), cast.money(f"held_fee:{offer.holder}")) == (0, 0)
    assert (cast.money(f"held:{first.holder}"), cast.money(f"held_fee:{first.holder}")) == (100_000, 5_000)
    assert Holding.objects.get(holder=first.holder).scope == contract.scope
    cast.assert_books_clean()


def test_acceptance_fills_the_job_hires_the_proposal_and_opens_the_room(deal: Deal, offer: Offer) -> None:
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    assert cast.fresh(deal.job).status == Job.Status.FILLED
    assert cast.fresh(deal.proposal).status == Proposal.Status.HIRED
    room = room_of(contract.scope)
    assert room is not None
    assert {party.pk for party in room.parties.all()} == {deal.client.pk, deal.freelancer.pk}


def test_acceptance_counts_the_hire_for_both_sides_once(deal: Deal, offer: Offer) -> None:
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)
    cast.settle()
    cast.settle()

    assert PartyFacts.objects.get(party=deal.client).hires == 1
    assert PartyFacts.objects.get(party=deal.client).jobs_hired == 1
    assert PartyFacts.objects.get(party=deal.freelancer).hires == 1


def test_the_fees_of_the_offer_stay_those_of_the_contract(deal: Deal, offer: Offer) -> None:
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    assert contract.fee_version == offer.fee_version


def test_a_due_date_ends_at_midnight_in_the_zone_of_the_client(deal: Deal) -> None:
    due = MilestoneTerms(title="Screens", amount=50_000, due_on=date(2027, 1, 9))
    offer = cast.send(deal, due)

    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    assert cast.milestone(contract).due_at == datetime(2027, 1, 10, tzinfo=ZoneInfo("Europe/Paris"))


def test_both_the_job_and_the_contract_tell_of_it(deal: Deal, offer: Offer) -> None:
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    accepted = Event.objects.get(kind="contracts.offer_accepted")
    assert (accepted.subject, accepted.scope, accepted.actor_user_id) == (
        offer.holder,
        f"job:{deal.job.pk}",
        deal.bob.user.pk,
    )
    started = Event.objects.get(kind="contracts.contract_started")
    assert (started.subject, started.scope) == (contract.scope, contract.scope)


def test_a_second_acceptance_makes_no_second_contract(deal: Deal, offer: Offer) -> None:
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    with cast.nothing_happens(OfferNotPending):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)


def test_only_the_version_that_was_shown_is_accepted(deal: Deal, offer: Offer) -> None:
    with cast.nothing_happens(OfferChanged):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version + 1, by=deal.bob.actor, at=cast.AT)


def test_an_offer_is_accepted_until_the_moment_it_expires_and_not_at_it(deal: Deal, offer: Offer) -> None:
    assert offer.expires_at is not None

    with cast.nothing_happens(OfferTooOld):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=offer.expires_at)

    before = offer.expires_at - cast.days(0.000001)
    assert actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=before).pk


@pytest.mark.parametrize("who", ["alice", "chloe", "worker"])
def test_nobody_but_the_freelancer_accepts(deal: Deal, offer: Offer, who: str) -> None:
    people = {
        "alice": lambda: deal.alice,
        "chloe": lambda: make_client("Chloe", at=cast.AT),
        "worker": lambda: make_member("Walid", deal.freelancer, "named_worker", at=cast.AT),
    }
    person = people[who]()

    with cast.nothing_happens(NotAllowed):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=person.actor, at=cast.AT)


def test_an_offer_stays_good_when_the_client_closes_the_job(deal: Deal, offer: Offer) -> None:
    from jobs.actions import close_job

    close_job(job_id=deal.job.pk, by=deal.alice.actor, at=cast.AT)
    cast.settle()

    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    assert contract.status == Contract.Status.ACTIVE
    assert cast.fresh(deal.job).status == Job.Status.CLOSED
