"""Two people at the same moment: real threads behind a barrier, and an end that is that of one serial order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from accounts.actions import save_user
from accounts.models import User
from accounts.tests.cast import Person, make_staff
from contracts import actions
from contracts.actions import Decision, MilestoneTerms
from contracts.models import Contract, Milestone, Offer
from contracts.models.milestones import PURPOSE
from contracts.models.offers import PURPOSE as OFFER
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import DomainError
from core.tests.threads import race, winners
from disputes.actions import decide_case, open_silent_ask_back_case
from disputes.models import Case
from payments.actions import run_charge
from payments.models import Charge, Refund, Release
from payments.tests import cards
from proposals.actions import buy_connects

pytestmark = pytest.mark.django_db(transaction=True)

Status = Milestone.Status
AMOUNT = 10_000
#: Milestones of one contract.
PLAN = 30


@pytest.fixture
def deal(db: None) -> Deal:
    """Return a deal whose freelancer can bid as often as the races need."""
    deal = cast.make_deal(budget=4_000)
    card = cards.make_card(deal.bob, at=cast.AT)
    buy_connects(
        party_id=deal.freelancer.pk, quantity=500, method_id=card.pk, token="races", by=deal.bob.actor, at=cast.AT
    )
    cast.settle()
    return deal


def send(deal: Deal, *plan: MilestoneTerms) -> Offer:
    """Return an offer that waits for its answer, of which nobody was told."""
    offer = cast.start_sending(deal, *plan)
    cast.settle_payments()
    return cast.fresh(offer)


def sign(deal: Deal, *plan: MilestoneTerms) -> Contract:
    """Return a contract of which nobody was told."""
    offer = send(deal, *plan)
    return actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)


def offers(deal: Deal, count: int) -> Iterator[Offer]:
    """Yield offers that wait for their answer, each on a job of its own."""
    for _trial in range(count):
        yield send(cast.another_bid_on_new_job(deal, budget=4_000), MilestoneTerms("Screens", AMOUNT))


def funded(deal: Deal, count: int) -> Iterator[Milestone]:
    """Yield funded milestones, thirty to a contract."""
    while count > 0:
        plan = [MilestoneTerms(f"Part {number}", AMOUNT) for number in range(min(count, PLAN))]
        contract = sign(cast.another_bid_on_new_job(deal, budget=4_000), *plan)
        for milestone in Milestone.objects.filter(contract=contract, status=Status.AGREED):
            pay(deal, milestone)
        cast.settle_payments()
        yield from Milestone.objects.filter(contract=contract).order_by("position")
        count -= PLAN


def pay(deal: Deal, milestone: Milestone) -> Milestone:
    return actions.fund_milestone(
        milestone_id=milestone.pk,
        method_id=deal.card.pk,
        seen_version=milestone.version,
        by=deal.alice.actor,
        at=cast.AT,
    )


def submit(deal: Deal, milestone: Milestone) -> Milestone:
    return actions.submit_milestone(
        milestone_id=milestone.pk,
        note="Done.",
        file_ids=[],
        seen_version=milestone.version,
        by=deal.bob.actor,
        at=cast.AT,
    )


def release(deal: Deal, milestone: Milestone) -> Callable[[], Milestone]:
    verb = actions.approve_milestone if milestone.status == Status.SUBMITTED else actions.release_milestone
    return lambda: verb(milestone_id=milestone.pk, seen_version=milestone.version, by=deal.alice.actor, at=cast.AT)


def accept(deal: Deal, offer: Offer) -> Contract:
    return actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)


def paid(milestone: Milestone) -> int:
    return sum(Release.objects.filter(source=milestone.holder).values_list("gross", flat=True))


def returned(milestone: Milestone | Offer) -> int:
    return sum(Refund.objects.filter(source=milestone.holder).values_list("gross", flat=True))


def test_settings_are_saved_while_an_offer_is_sent(deal: Deal, fewer: int) -> None:
    def save() -> User:
        return save_user(
            user_id=deal.alice.user.pk,
            first_name="Alice",
            last_name="Roy",
            language="fr",
            time_zone="Europe/Paris",
            country="FR",
            by=deal.alice.actor,
            at=cast.AT,
        )

    for _trial in range(fewer):
        bid = cast.another_bid_on_new_job(deal, budget=4_000)

        def write(bid: Deal = bid) -> Offer:
            return cast.start_sending(bid, MilestoneTerms("Screens", AMOUNT))

        assert winners(race(save, write)) == 2


def test_an_offer_accepted_twice_makes_one_contract(deal: Deal, trials: int) -> None:
    for offer in offers(deal, trials):

        def take(offer: Offer = offer) -> Contract:
            return accept(deal, offer)

        assert winners(race(take, take)) == 1
        contract = Contract.objects.get(offer=offer)
        assert cast.money(f"held:{cast.milestone(contract).holder}") == AMOUNT
        assert cast.money(f"held:{offer.holder}") == 0
    cast.settle_payments()
    cast.assert_books_clean()


def test_an_offer_is_accepted_or_withdrawn_and_never_both(deal: Deal, trials: int) -> None:
    for offer in offers(deal, trials):
        answers = race(
            lambda offer=offer: actions.accept_offer(  # type: ignore[misc]
                offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT
            ),
            lambda offer=offer: actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT),  # type: ignore[misc]
        )
        assert winners(answers) == 1
        is_accepted = cast.fresh(offer).status == Offer.Status.ACCEPTED
        assert Contract.objects.filter(offer=offer).count() == int(is_accepted)
        assert Refund.objects.filter(source=offer.holder).count() == int(not is_accepted)
    cast.settle_payments()
    cast.assert_books_clean()


def test_an_offer_is_accepted_as_it_stands_or_countered_first(deal: Deal, fewer: int) -> None:
    for offer in offers(deal, fewer):
        answers = race(
            lambda offer=offer: accept(deal, offer),  # type: ignore[misc]
            lambda offer=offer: cast.counter(deal, offer, MilestoneTerms("Screens", 2 * AMOUNT)),  # type: ignore[misc]
        )
        assert not isinstance(answers[0], DomainError)
        assert Contract.objects.filter(offer=offer).count() == 1
        assert not offer.versions.filter(state="open").exists()
        assert cast.money(f"held:{offer.holder}") == 0
    cast.assert_books_clean()


@pytest.mark.parametrize("amount", [AMOUNT // 2, 2 * AMOUNT], ids=["cheaper", "dearer"])
def test_a_counter_is_agreed_to_or_the_old_version_is_accepted_and_never_both(
    deal: Deal, trials: int, amount: int
) -> None:
    for offer in offers(deal, trials // 2):
        version = cast.counter(deal, offer, MilestoneTerms("Screens", amount))
        answers = race(
            lambda version=version: cast.agree(deal, version),  # type: ignore[misc]
            lambda offer=offer: accept(deal, offer),  # type: ignore[misc]
        )
        assert winners(answers) == 1
        cast.settle_payments()
        is_agreed = isinstance(answers[1], DomainError)
        assert Contract.objects.filter(offer=offer).count() == int(not is_agreed)
        now = cast.fresh(offer)
        assert (now.status, now.version) == (
            (Offer.Status.PENDING, offer.version + 1) if is_agreed else (Offer.Status.ACCEPTED, offer.version)
        )
        assert cast.money(f"held:{offer.holder}") == (amount if is_agreed else 0)
    cast.assert_books_clean()


def test_a_counter_is_agreed_to_or_withdrawn_and_never_both(deal: Deal, trials: int) -> None:
    for offer in offers(deal, trials):
        version = cast.counter(deal, offer, MilestoneTerms("Screens", 2 * AMOUNT))
        answers = race(
            lambda version=version: cast.agree(deal, version),  # type: ignore[misc]
            lambda offer=offer: actions.withdraw_counter(offer_id=offer.pk, by=deal.bob.actor, at=cast.AT),  # type: ignore[misc]
        )
        assert winners(answers) == 1
        cast.settle_payments()
        is_agreed = isinstance(answers[1], DomainError)
        assert cast.fresh(version).state == ("current" if is_agreed else "withdrawn")
        assert cast.money(f"held:{offer.holder}") == (2 if is_agreed else 1) * AMOUNT
    cast.assert_books_clean()


def test_a_raise_that_is_confirmed_while_the_offer_is_withdrawn_leaves_nothing_held(deal: Deal, trials: int) -> None:
    for offer in offers(deal, trials):
        cast.agree(deal, cast.counter(deal, offer, MilestoneTerms("Screens", 2 * AMOUNT)))
        charge = Charge.objects.get(reference=offer.pk, purpose=OFFER, status="planned")
        answers = race(
            lambda charge=charge: run_charge(charge_id=charge.pk, at=cast.AT),  # type: ignore[misc]
            lambda offer=offer: actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT),  # type: ignore[misc]
        )
        assert not isinstance(answers[1], DomainError)
        cast.settle_payments()
        assert cast.fresh(offer).status == Offer.Status.WITHDRAWN
        assert cast.money(f"held:{offer.holder}") == 0
        paid = sum(
            Charge.objects.filter(reference=offer.pk, purpose=OFFER, status="confirmed").values_list("gross", flat=True)
        )
        assert returned(offer) == paid
        assert paid in {AMOUNT, 2 * AMOUNT}
    cast.assert_books_clean()


def test_an_offer_whose_terms_change_while_it_is_accepted_binds_to_what_was_shown(deal: Deal, trials: int) -> None:
    for offer in offers(deal, trials):
        draft = cast.revision(deal, offer, MilestoneTerms("Screens", AMOUNT // 2))
        answers = race(
            lambda offer=offer, draft=draft: actions.revise_offer(  # type: ignore[misc]
                offer_id=offer.pk, version_id=draft.pk, by=deal.alice.actor, at=cast.AT
            ),
            lambda offer=offer: accept(deal, offer),  # type: ignore[misc]
        )
        assert winners(answers) == 1
        contract = Contract.objects.filter(offer=offer).first()
        assert contract is None or cast.milestone(contract).amount == AMOUNT
        assert (contract is None) == isinstance(answers[1], DomainError)
        assert cast.money(f"held:{offer.holder}") == (0 if contract else AMOUNT // 2)
    cast.settle_payments()
    cast.assert_books_clean()


def test_a_milestone_released_twice_is_paid_once(deal: Deal, trials: int) -> None:
    for milestone in funded(deal, trials):
        call = release(deal, milestone)
        assert winners(race(call, call)) == 1
        assert (cast.fresh(milestone).status, paid(milestone)) == (Status.RELEASED, AMOUNT)
    cast.settle_payments()
    cast.assert_books_clean()


def test_money_is_released_or_asked_back_and_never_both(deal: Deal, trials: int) -> None:
    for milestone in funded(deal, trials):
        answers = race(
            release(deal, milestone),
            lambda milestone=milestone: actions.ask_milestone_back(  # type: ignore[misc]
                milestone_id=milestone.pk,
                amount=AMOUNT,
                note="It is late.",
                seen_version=milestone.version,
                by=deal.alice.actor,
                at=cast.AT,
            ),
        )
        assert winners(answers) == 1
        is_released = cast.fresh(milestone).status == Status.RELEASED
        assert paid(milestone) == (AMOUNT if is_released else 0)
        assert cast.money(f"held:{milestone.holder}") == (0 if is_released else AMOUNT)
    cast.assert_books_clean()


def test_money_is_released_or_given_back_and_never_both(deal: Deal, trials: int) -> None:
    for milestone in funded(deal, trials):
        answers = race(
            release(deal, milestone),
            lambda milestone=milestone: actions.give_milestone_back(  # type: ignore[misc]
                milestone_id=milestone.pk, seen_version=milestone.version, by=deal.bob.actor, at=cast.AT
            ),
        )
        assert winners(answers) == 1
        assert sorted([paid(milestone), returned(milestone)]) == [0, AMOUNT]
    cast.settle_payments()
    cast.assert_books_clean()


def test_an_approval_at_the_moment_of_silence_pays_once(deal: Deal, trials: int) -> None:
    over = cast.AT + cast.days(14)
    for milestone in funded(deal, trials):
        work = submit(deal, milestone)
        answers = race(
            release(deal, work),
            lambda work=work: actions.release_silent_milestone(milestone_id=work.pk, by=cast.SYSTEM, at=over),  # type: ignore[misc]
            lambda: actions.release_silent_milestones(at=over),
        )
        refused_or_idle = [answer for answer in answers if isinstance(answer, DomainError) or answer == 0]
        assert len(refused_or_idle) == 2
        assert (cast.fresh(work).status, paid(work)) == (Status.RELEASED, AMOUNT)
    cast.settle_payments(over)
    cast.assert_books_clean()


def test_a_milestone_paid_in_two_tabs_is_charged_once(deal: Deal, trials: int) -> None:
    left = trials
    while left > 0:
        plan = [MilestoneTerms(f"Part {number}", AMOUNT) for number in range(PLAN)]
        contract = sign(cast.another_bid_on_new_job(deal, budget=4_000), *plan)
        for milestone in Milestone.objects.filter(contract=contract, status=Status.AGREED)[:left]:

            def fund(milestone: Milestone = milestone) -> Milestone:
                return pay(deal, milestone)

            assert winners(race(fund, fund)) == 1
            assert Charge.objects.filter(purpose=PURPOSE, reference=milestone.pk).count() == 1
            left -= 1
        cast.settle_payments()
    cast.assert_books_clean()


def test_two_mediators_at_once_move_the_money_once(deal: Deal, trials: int) -> None:
    dora, denis = (make_staff(name, "mediator", at=cast.AT) for name in ("Dora", "Denis"))
    over = cast.AT + cast.days(7)
    for milestone in funded(deal, trials):
        work = submit(deal, milestone)
        asked = actions.ask_milestone_back(
            milestone_id=work.pk,
            amount=AMOUNT,
            note="It is late.",
            seen_version=work.version,
            by=deal.alice.actor,
            at=cast.AT,
        )
        case = open_silent_ask_back_case(milestone_id=asked.pk, by=cast.SYSTEM, at=over)

        def decide(by: Person, share: int, case: Case = case) -> Callable[[], Case]:
            return lambda: decide_case(
                case_id=case.pk,
                seen_version=case.version,
                to_freelancer=share,
                to_client=AMOUNT - share,
                reasons="So it is.",
                by=by.actor,
                at=over,
            )

        assert winners(race(decide(dora, 7_000), decide(denis, 2_000))) == 1
        done = cast.fresh(case)
        assert (done.mediator_id, done.to_freelancer) in {(dora.user.pk, 7_000), (denis.user.pk, 2_000)}
        assert paid(milestone) == done.to_freelancer
        assert sum(Refund.objects.filter(source=case.holder).values_list("gross", flat=True)) == done.to_client
    cast.settle_payments(over)
    cast.assert_books_clean()


def test_a_contract_that_is_ended_while_a_milestone_is_paid_holds_nothing(deal: Deal, trials: int) -> None:
    for _trial in range(trials):
        first_deal = cast.another_bid_on_new_job(deal, budget=4_000)
        contract = sign(first_deal, MilestoneTerms("One", AMOUNT), MilestoneTerms("Two", AMOUNT))
        first, second = cast.milestone(contract), cast.milestone(contract, 2)
        answers = race(
            lambda contract=contract, first=first: actions.end_contract(  # type: ignore[misc]
                contract_id=contract.pk,
                reason="done",
                note="",
                decisions={first.pk: Decision("release", first.version)},
                by=deal.alice.actor,
                at=cast.AT,
            ),
            lambda second=second: pay(deal, second),  # type: ignore[misc]
        )
        assert not isinstance(answers[0], DomainError)
        cast.settle_payments()
        assert cast.fresh(contract).status == Contract.Status.ENDED
        assert (cast.fresh(second).status, cast.money(f"held:{second.holder}")) == (Status.CANCELLED, 0)
        assert paid(first) == AMOUNT
    cast.assert_books_clean()
