"""A hiring manager pays and approves up to the limit of each contract, and not a cent more."""

from __future__ import annotations

import pytest

from accounts.actions import set_approval_limit
from accounts.models import Membership
from accounts.queries import acting
from accounts.tests.cast import Person, make_member
from contracts import actions
from contracts.models import Contract, Milestone, Offer
from contracts.permissions import open_verbs
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotAllowed
from tests.nothing import nothing_happens

Status = Milestone.Status


def _manager(deal: Deal, limit: int) -> Person:
    helene = make_member("Helene", deal.client, "hiring_manager", at=deal.at)
    membership = Membership.objects.get(user=helene.user)
    set_approval_limit(membership_id=membership.pk, amount=limit, by=deal.alice.actor, at=deal.at)
    return Person(helene.user, deal.client, acting(helene.user).actor)


def _fund(deal: Deal, milestone: Milestone, by: Person) -> Milestone:
    return actions.fund_milestone(
        milestone_id=milestone.pk,
        method_id=deal.card.pk,
        seen_version=milestone.version,
        by=by.actor,
        at=deal.at,
    )


def _release(deal: Deal, milestone: Milestone, by: Person) -> Milestone:
    return actions.release_milestone(milestone_id=milestone.pk, seen_version=milestone.version, by=by.actor, at=deal.at)


def _send(deal: Deal, draft: Offer, by: Person) -> Offer:
    return actions.send_offer(
        offer_id=draft.pk, method_id=deal.card.pk, seen_version=draft.version, by=by.actor, at=deal.at
    )


def test_without_a_limit_nothing_is_paid(deal: Deal, contract: Contract) -> None:
    helene = make_member("Helene", deal.client, "hiring_manager", at=deal.at)
    with nothing_happens(), pytest.raises(NotAllowed, match="above your limit per contract"):
        _fund(deal, cast.milestone(contract, 2), helene)
    with nothing_happens(), pytest.raises(NotAllowed):
        _release(deal, cast.milestone(contract), helene)
    assert open_verbs(helene.actor, cast.milestone(contract)) == frozenset()


def test_the_limit_counts_all_that_was_funded_in_the_contract(deal: Deal, contract: Contract) -> None:
    # 1,000.00 is funded, 400.00 agreed
    helene = _manager(deal, 139_999)
    with nothing_happens(), pytest.raises(NotAllowed):
        _fund(deal, cast.milestone(contract, 2), helene)
    Membership.objects.filter(user=helene.user).update(approval_limit=140_000)
    raised = Person(helene.user, deal.client, acting(helene.user).actor)
    assert _fund(deal, cast.milestone(contract, 2), raised).status == Status.FUNDING
    cast.settle(deal.at)
    assert cast.milestone(contract, 2).status == Status.FUNDED


def test_what_runs_counts_and_can_be_given_up(deal: Deal, contract: Contract) -> None:
    helene = _manager(deal, 140_000)
    _fund(deal, cast.milestone(contract, 2), helene)
    assert Contract.objects.get(pk=contract.pk).committed == 140_000
    given_up = actions.give_up_milestone_payment(
        milestone_id=cast.milestone(contract, 2).pk, by=helene.actor, at=deal.at
    )
    assert given_up.given_up_at == deal.at


def test_approving_needs_a_limit_that_covers_the_contract(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)
    helene = _manager(deal, 99_999)
    with nothing_happens(), pytest.raises(NotAllowed):
        _release(deal, first, helene)
    Membership.objects.filter(user=helene.user).update(approval_limit=100_000)
    raised = Person(helene.user, deal.client, acting(helene.user).actor)
    assert _release(deal, first, raised).status == Status.RELEASED
    assert Contract.objects.get(pk=contract.pk).committed == 100_000


def test_money_is_not_asked_back_by_a_hiring_manager(deal: Deal, contract: Contract) -> None:
    first, helene = cast.milestone(contract), _manager(deal, 10**9)
    with nothing_happens(), pytest.raises(NotAllowed):
        actions.ask_milestone_back(
            milestone_id=first.pk,
            amount=first.amount,
            note="Late.",
            seen_version=first.version,
            by=helene.actor,
            at=deal.at,
        )


def test_an_offer_is_sent_within_the_limit(deal: Deal) -> None:
    draft = cast.write(deal)
    helene = _manager(deal, 99_999)
    with nothing_happens(), pytest.raises(NotAllowed, match="above your limit per contract"):
        _send(deal, draft, helene)
    Membership.objects.filter(user=helene.user).update(approval_limit=100_000)
    raised = Person(helene.user, deal.client, acting(helene.user).actor)
    assert _send(deal, draft, raised).status == Offer.Status.PAYING


def test_a_role_that_was_taken_pays_nothing(deal: Deal, contract: Contract) -> None:
    helene = _manager(deal, 10**9)
    Membership.objects.filter(user=helene.user).update(role="member")
    now_member = Person(helene.user, deal.client, acting(helene.user).actor)
    assert now_member.actor.pay_limit == 0
    with nothing_happens(), pytest.raises(NotAllowed):
        _fund(deal, cast.milestone(contract, 2), now_member)
