"""Deleting an account at the very moment at which something happens to it: one of both comes first, and is whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.actions import AccountNotDeletable, erase_account
from accounts.models import Party
from accounts.tests.cast import Person
from contracts import actions
from contracts.actions import MilestoneTerms
from contracts.models import Contract, Offer
from contracts.tests import cast
from core.errors import DomainError
from core.tests.threads import race
from payments.models import Holding, Release
from payments.queries import purse
from payments.tests import cards
from proposals.models import Proposal

pytestmark = pytest.mark.django_db(transaction=True)


def leaving(person: Person, at: object) -> Callable[[], None]:
    return lambda: erase_account(
        user_id=person.user.pk,
        typed_email=person.user.email,
        by=person.actor,
        at=at,  # type: ignore[arg-type]
    )


def is_gone(person: Person) -> bool:
    assert person.party is not None
    return Party.objects.get(pk=person.party.pk).closed_at is not None


def test_an_account_that_is_deleted_while_money_is_released_stays_and_has_the_money(
    transactional_db: None, trials: int
) -> None:
    deal = cast.make_deal(budget=4_000)
    paid = 0
    while paid < trials:
        plan = [MilestoneTerms(f"Part {number}", 10_000) for number in range(min(trials - paid, 30))]
        offer = _sent(cast.another_bid_on_new_job(deal, budget=4_000), plan)
        contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)
        for milestone in contract.milestones.filter(status="agreed"):
            actions.fund_milestone(
                milestone_id=milestone.pk,
                method_id=deal.card.pk,
                seen_version=milestone.version,
                by=deal.alice.actor,
                at=cast.AT,
            )
        cast.settle_payments()
        for milestone in contract.milestones.order_by("position"):
            answers = race(
                leaving(deal.bob, cast.AT),
                lambda milestone=milestone: actions.release_milestone(  # type: ignore[misc]
                    milestone_id=milestone.pk, seen_version=milestone.version, by=deal.alice.actor, at=cast.AT
                ),
            )
            assert isinstance(answers[0], AccountNotDeletable)
            assert not isinstance(answers[1], DomainError)
            assert Release.objects.filter(source=milestone.holder).count() == 1
            paid += 1
    assert not is_gone(deal.bob)
    assert purse(deal.freelancer.pk).pending == 9_000 * paid
    cast.settle_payments()
    cast.assert_books_clean()


def _sent(deal: cast.Deal, plan: list[MilestoneTerms]) -> Offer:
    offer = cast.start_sending(deal, *plan)
    cast.settle_payments()
    return cast.fresh(offer)


def test_an_offer_accepted_while_the_account_is_deleted_makes_its_contract(transactional_db: None, fewer: int) -> None:
    deal = cast.make_deal(budget=4_000)
    for _trial in range(fewer):
        mine = cast.another_bid_on_new_job(deal, budget=4_000)
        offer = _sent(mine, [MilestoneTerms("Screens", 10_000)])
        answers = race(
            leaving(deal.bob, cast.AT),
            lambda offer=offer: actions.accept_offer(  # type: ignore[misc]
                offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT
            ),
        )
        assert isinstance(answers[0], AccountNotDeletable)  # an open offer keeps an account, and so does a contract
        assert isinstance(answers[1], Contract)
    assert not is_gone(deal.bob)
    cast.settle_payments()
    cast.assert_books_clean()


def test_an_offer_that_is_sent_while_its_freelancer_leaves_costs_its_client_nothing(
    transactional_db: None, fewer: int
) -> None:
    deal = cast.make_deal()
    for trial in range(fewer):
        mine = cast.another_bid(deal, f"Chloe {trial}")
        draft = cast.write(mine)
        answers = race(
            leaving(mine.bob, cast.AT),
            lambda draft=draft, mine=mine: actions.send_offer(  # type: ignore[misc]
                offer_id=draft.pk,
                method_id=mine.card.pk,
                seen_version=draft.version,
                by=mine.alice.actor,
                at=cast.AT,
            ),
        )
        assert answers[0] is None
        assert is_gone(mine.bob)
        assert Proposal.objects.get(pk=mine.proposal.pk).status == "withdrawn"
    for step in range(3):  # the payments, the word of them, the way back
        cast.settle(cast.AT + step * cards.SANDBOX_TIME)
    assert set(Offer.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert not Holding.objects.filter(gross_left__gt=0).exists()
    cast.assert_books_clean()
