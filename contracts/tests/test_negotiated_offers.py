"""Offers negotiated both ways: which terms stand, what is charged or goes back, and what a failed payment leaves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.tests.cast import make_member, make_staff
from contracts import actions
from contracts.models import Contract, Offer, OfferVersion
from contracts.models.offers import PURPOSE
from contracts.queries import history_of, offer_for, versions_for
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotAllowed
from events.models import Event
from jobs.actions import remove_job
from messaging.guard import LeadsAway
from payments.actions import give_up_waiting_charges
from payments.models import Charge, Credit, Holding, Refund
from payments.queries import latest_charge
from payments.tests import cards
from proposals.models import Proposal

Status, State = Offer.Status, OfferVersion.State
LATER = cast.AT + timedelta(days=2)
WEEK = timedelta(days=7)


def states(offer: Offer) -> list[str]:
    return list(offer.versions.order_by("number").values_list("state", flat=True))


def on(offer: Offer) -> tuple[int, int]:
    return cast.money(f"held:{offer.holder}"), cast.money(f"held_fee:{offer.holder}")


def test_what_was_sent_is_the_first_version(offer: Offer) -> None:
    version = offer.versions.get()

    assert (version.number, version.state, version.title) == (1, State.CURRENT, offer.title)
    assert [each["amount"] for each in version.milestones] == [100_000, 40_000]


def test_a_counter_moves_no_money_and_leaves_the_offer_as_it_stands(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer, note="Two more screens.")

    again = cast.fresh(offer)
    assert (again.status, again.version, again.expires_at) == (Status.PENDING, offer.version, offer.expires_at)
    assert [each.amount for each in again.milestones.all()] == [100_000, 40_000]
    assert (version.number, version.state, version.note, version.party) == (
        2,
        State.OPEN,
        "Two more screens.",
        deal.freelancer,
    )
    assert on(offer) == (100_000, 5_000)
    assert Event.objects.filter(kind="contracts.offer_countered", subject=offer.holder).count() == 1
    cast.assert_books_clean()


def test_another_counter_takes_the_place_of_the_one_that_waits(deal: Deal, offer: Offer) -> None:
    cast.counter(deal, offer)
    cast.counter(deal, offer, *cast.CHEAPER, at=LATER)

    assert states(offer) == [State.CURRENT, State.WITHDRAWN, State.OPEN]


def test_the_terms_that_stand_are_no_counter(deal: Deal, offer: Offer) -> None:
    with cast.nothing_happens(actions.TermsUnchanged):
        cast.counter(deal, offer, *cast.PLAN)


def test_contact_data_is_refused_in_a_counter_and_in_its_answer(deal: Deal, offer: Offer) -> None:
    with cast.nothing_happens(LeadsAway):
        cast.counter(deal, offer, note="Write to bob@rivage.fr instead.")
    version = cast.counter(deal, offer)
    with cast.nothing_happens(LeadsAway):
        actions.refuse_counter(
            offer_id=offer.pk, version_id=version.pk, note="Call +33 6 12 34 56 78.", by=deal.alice.actor, at=cast.AT
        )


def test_a_refused_counter_keeps_its_answer_and_the_clock(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer)
    actions.refuse_counter(
        offer_id=offer.pk, version_id=version.pk, note="Our budget is fixed.", by=deal.alice.actor, at=LATER
    )

    again = cast.fresh(version)
    assert (again.state, again.answer, again.decided_at) == (State.REFUSED, "Our budget is fixed.", LATER)
    assert cast.fresh(offer).expires_at == offer.expires_at
    with cast.nothing_happens(actions.CounterNotOpen):
        cast.agree(deal, version)


def test_a_withdrawn_counter_cannot_be_agreed_to(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer)
    actions.withdraw_counter(offer_id=offer.pk, by=deal.bob.actor, at=cast.AT)

    assert states(offer) == [State.CURRENT, State.WITHDRAWN]
    with cast.nothing_happens(actions.CounterNotOpen):
        cast.agree(deal, version)
    with cast.nothing_happens(actions.CounterNotOpen):
        actions.withdraw_counter(offer_id=offer.pk, by=deal.bob.actor, at=cast.AT)


def test_agreeing_to_a_counter_of_the_same_first_milestone_moves_nothing(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer, *cast.EQUAL)
    agreed = cast.agree(deal, version, at=LATER)

    assert (agreed.status, agreed.version, agreed.expires_at) == (Status.PENDING, offer.version + 1, LATER + WEEK)
    assert [each.title for each in agreed.milestones.all()] == ["First screens", "Handover and training"]
    assert states(offer) == [State.REPLACED, State.CURRENT]
    assert (on(offer), Charge.objects.filter(purpose=PURPOSE).count(), Refund.objects.count()) == (
        (100_000, 5_000),
        1,
        0,
    )
    with cast.nothing_happens(actions.OfferChanged):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=LATER)
    actions.accept_offer(offer_id=offer.pk, seen_version=agreed.version, by=deal.bob.actor, at=LATER)
    cast.settle(LATER)
    cast.assert_books_clean()


def test_agreeing_to_a_cheaper_counter_returns_the_difference(deal: Deal, offer: Offer) -> None:
    agreed = cast.agree(deal, cast.counter(deal, offer, *cast.CHEAPER))

    assert agreed.status == Status.PENDING
    refund = Refund.objects.get(source=offer.holder)
    assert (refund.gross, refund.client_fee, refund.amount) == (30_000, 1_500, 31_500)
    assert on(offer) == (70_000, 3_500)
    cast.settle()
    assert cast.fresh(refund).status == Refund.Status.CONFIRMED
    cast.assert_books_clean()


def test_agreeing_to_a_dearer_counter_charges_the_difference_and_the_old_version_stands_till_then(
    deal: Deal, offer: Offer
) -> None:
    version = cast.counter(deal, offer)
    raised = cast.agree(deal, version, seen_total=31_500)

    assert (raised.status, raised.version, states(offer)) == (
        Status.RAISING,
        offer.version,
        [State.CURRENT, State.RAISING],
    )
    assert [each.amount for each in raised.milestones.all()] == [100_000, 40_000]
    with cast.nothing_happens(actions.OfferNotPending):
        actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)
    with cast.nothing_happens(actions.OfferNotPending):
        cast.counter(deal, offer, *cast.CHEAPER)
    cast.assert_books_clean()
    charge = latest_charge(PURPOSE, offer.pk)
    assert charge is not None
    assert (charge.gross, charge.client_fee, charge.amount) == (30_000, 1_500, 31_500)

    cast.settle()

    done = cast.fresh(offer)
    assert (done.status, done.version, states(offer)) == (
        Status.PENDING,
        offer.version + 1,
        [State.REPLACED, State.CURRENT],
    )
    assert done.expires_at == cast.AT + cards.SANDBOX_TIME + WEEK
    assert on(offer) == (130_000, 6_500)
    assert Event.objects.filter(kind="contracts.offer_counter_agreed", subject=offer.holder).count() == 1
    cast.assert_books_clean()


def test_a_total_that_the_page_did_not_show_is_not_charged(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer)
    with cast.nothing_happens(actions.OfferChanged):
        cast.agree(deal, version, seen_total=31_499)


def test_a_declined_card_leaves_the_old_version_and_the_counter_and_another_card_pays(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer)
    cast.agree(deal, version, card=cards.make_card(deal.alice, cards.DECLINED, at=cast.AT))
    cast.settle()

    again = cast.fresh(offer)
    assert (again.status, again.version, again.payment_failure) == (Status.PENDING, offer.version, "card_declined")
    assert (states(offer), on(offer)) == ([State.CURRENT, State.OPEN], (100_000, 5_000))
    assert (again.expires_at, again.remind_at) == (offer.expires_at, offer.remind_at)
    assert Event.objects.filter(kind="contracts.offer_raise_failed", subject=offer.holder).count() == 1
    cast.assert_books_clean()

    cast.agree(deal, version)
    cast.settle()
    assert (cast.fresh(offer).payment_failure, on(offer)) == ("", (130_000, 6_500))
    cast.assert_books_clean()


def test_a_payer_who_does_not_come_within_a_day_leaves_the_old_version(deal: Deal, offer: Offer) -> None:
    cast.agree(deal, cast.counter(deal, offer), card=cards.make_card(deal.alice, cards.SECOND_STEP, at=cast.AT))
    cast.settle()
    assert cast.fresh(offer).status == Status.RAISING

    over = cast.AT + timedelta(hours=25)
    assert give_up_waiting_charges(at=over) == 1
    cast.settle(over)

    assert (cast.fresh(offer).status, states(offer), on(offer)) == (
        Status.PENDING,
        [State.CURRENT, State.OPEN],
        (100_000, 5_000),
    )
    cast.assert_books_clean()


def test_credit_pays_the_difference_at_once(deal: Deal, offer: Offer) -> None:
    cards.make_credit(deal.alice, deal.bob, 40_000, at=cast.AT)
    version = cast.counter(deal, offer)
    before = sum(Credit.objects.values_list("left", flat=True))

    done = actions.agree_to_counter_from_credit(
        offer_id=offer.pk, version_id=version.pk, seen_total=31_500, by=deal.alice.actor, at=cast.AT
    )

    assert (done.status, done.version, on(offer)) == (Status.PENDING, offer.version + 1, (130_000, 6_500))
    assert sum(Credit.objects.values_list("left", flat=True)) == before - 31_500
    cast.assert_books_clean()
    cheaper = cast.counter(deal, done, *cast.CHEAPER)
    with cast.nothing_happens(actions.NothingToPay):
        actions.agree_to_counter_from_credit(offer_id=offer.pk, version_id=cheaper.pk, by=deal.alice.actor, at=cast.AT)


def test_the_clients_new_terms_are_hers_alone_until_they_are_in_force(deal: Deal, offer: Offer) -> None:
    counter = cast.counter(deal, offer)
    draft = cast.revision(deal, offer, *cast.DEARER[:1])
    assert list(versions_for(deal.bob.actor, [offer.pk])) == [offer.versions.get(number=1), counter]
    assert draft in versions_for(deal.alice.actor, [offer.pk])

    actions.revise_offer(
        offer_id=offer.pk, version_id=draft.pk, method_id=deal.card.pk, by=deal.alice.actor, at=cast.AT
    )
    assert draft not in versions_for(deal.bob.actor, [offer.pk])
    cast.settle()

    assert states(offer) == [State.REPLACED, State.LAPSED, State.CURRENT]
    assert cast.fresh(draft) in versions_for(deal.bob.actor, [offer.pk])
    assert Event.objects.filter(kind="contracts.offer_revised", subject=offer.holder).count() == 1
    cast.assert_books_clean()


def test_cheaper_new_terms_of_the_client_return_the_difference_at_once(deal: Deal, offer: Offer) -> None:
    draft = cast.revision(deal, offer, *cast.CHEAPER)
    done = actions.revise_offer(offer_id=offer.pk, version_id=draft.pk, by=deal.alice.actor, at=cast.AT)

    assert (done.status, on(offer)) == (Status.PENDING, (70_000, 3_500))
    cast.settle()
    cast.assert_books_clean()


def test_new_terms_that_were_not_paid_stay_written_and_can_be_dropped(deal: Deal, offer: Offer) -> None:
    draft = cast.revision(deal, offer)
    declined = cards.make_card(deal.alice, cards.DECLINED, at=cast.AT)
    actions.revise_offer(offer_id=offer.pk, version_id=draft.pk, method_id=declined.pk, by=deal.alice.actor, at=cast.AT)
    cast.settle()
    assert states(offer) == [State.CURRENT, State.DRAFT]

    actions.drop_revision(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    assert states(offer) == [State.CURRENT]


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired"])
@pytest.mark.parametrize("is_paid", [True, False], ids=["paid all the same", "stopped"])
def test_an_offer_ended_while_it_is_raised_ends_when_the_bank_has_answered(
    deal: Deal, offer: Offer, end: str, is_paid: bool
) -> None:
    cast.agree(deal, cast.counter(deal, offer), card=cards.make_card(deal.alice, cards.SECOND_STEP, at=cast.AT))
    cast.settle()
    at = cast.AT
    if end == "declined":
        actions.decline_offer(offer_id=offer.pk, note="Too late.", by=deal.bob.actor, at=at)
    elif end == "withdrawn":
        actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=at)
    else:
        at += WEEK + timedelta(hours=1)
        assert actions.expire_offers(at=at) == 1
        assert actions.expire_offers(at=at) == 0
    waits = cast.fresh(offer)
    assert (waits.status, waits.end_requested_as, on(offer)) == (Status.RAISING, end, (100_000, 5_000))
    with cast.nothing_happens(actions.OfferNotLive):
        actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=at)

    charge = latest_charge(PURPOSE, offer.pk)
    assert charge is not None
    if is_paid:
        cards.sandbox().decide(charge.provider_id or "", is_approved=True, at=at)
    cast.settle(at + timedelta(minutes=5))

    assert (cast.fresh(offer).status, on(offer)) == (end, (0, 0))
    returned = Refund.objects.filter(source=offer.holder).values_list("gross", flat=True)
    assert sorted(returned) == ([30_000, 100_000] if is_paid else [100_000])
    assert State.RAISING not in states(offer)
    assert cast.fresh(deal.proposal).status == Proposal.Status.SUBMITTED
    assert Event.objects.filter(kind=f"contracts.offer_{end}", subject=offer.holder).count() == 1
    cast.assert_books_clean()


def test_a_removed_job_takes_an_offer_that_is_being_raised_with_it(deal: Deal) -> None:
    offer = cast.raising(deal)
    remove_job(job_id=deal.job.pk, reason="Against the rules.", by=make_staff("Maud", "moderator").actor, at=cast.AT)
    cast.settle()

    assert (cast.fresh(offer).status, on(offer)) == (Status.WITHDRAWN, (0, 0))
    cast.assert_books_clean()


def test_an_accepted_offer_overtakes_the_counter_that_waits(deal: Deal, offer: Offer) -> None:
    version = cast.counter(deal, offer)
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)

    assert states(offer) == [State.CURRENT, State.LAPSED]
    with cast.nothing_happens(actions.OfferNotPending):
        cast.agree(deal, version)


def test_a_hiring_manager_answers_counters_and_pays_only_within_the_limit(deal: Deal, offer: Offer) -> None:
    manager = make_member("Hugo", deal.client, "hiring_manager", at=cast.AT)
    dearer = cast.counter(deal, offer)
    with cast.nothing_happens(NotAllowed):
        actions.agree_to_counter(
            offer_id=offer.pk, version_id=dearer.pk, method_id=deal.card.pk, by=manager.actor, at=cast.AT
        )
    cheaper = cast.counter(deal, offer, *cast.CHEAPER)

    actions.agree_to_counter(offer_id=offer.pk, version_id=cheaper.pk, by=manager.actor, at=cast.AT)

    assert on(offer) == (70_000, 3_500)


# One milestone behind which stand two payments


def _signed(deal: Deal) -> Contract:
    offer = cast.raising(deal)
    cast.settle()
    offer = cast.fresh(offer)
    contract = actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)
    cast.settle()
    return contract


def test_accepting_carries_both_payments_to_the_first_milestone(deal: Deal) -> None:
    first = cast.milestone(_signed(deal))

    assert (first.amount, cast.money(f"held:{first.holder}"), cast.money(f"held_fee:{first.holder}")) == (
        130_000,
        130_000,
        6_500,
    )
    parts = Holding.objects.filter(holder=first.holder).order_by("pk").values_list("gross_left", "fee_left")
    assert list(parts) == [(100_000, 5_000), (30_000, 1_500)]
    cast.assert_books_clean()


def test_releases_and_returns_of_it_take_the_older_payment_first_and_end_at_nothing(deal: Deal) -> None:
    contract = _signed(deal)
    first = cast.milestone(contract)
    actions.release_milestone_part(
        milestone_id=first.pk, amount=110_000, seen_version=first.version, by=deal.alice.actor, at=cast.AT
    )
    cast.settle()
    cast.assert_books_clean()
    first = cast.milestone(contract)
    actions.give_milestone_back(milestone_id=first.pk, seen_version=first.version, by=deal.bob.actor, at=cast.AT)
    cast.settle()

    refund = Refund.objects.get(source=first.holder)
    assert (refund.gross, refund.client_fee, refund.status) == (20_000, 1_000, Refund.Status.CONFIRMED)
    assert (cast.money(f"held:{first.holder}"), cast.money(f"held_fee:{first.holder}")) == (0, 0)
    assert cast.money(f"pending:party:{deal.freelancer.pk}") == 99_000
    cast.assert_books_clean()


@pytest.mark.parametrize(("which", "rest"), [(0, 30_000), (1, 100_000)], ids=["the first", "the raise"])
@pytest.mark.parametrize("is_won", [True, False], ids=["won", "lost"])
def test_a_chargeback_of_either_payment_freezes_just_that_part(deal: Deal, which: int, rest: int, is_won: bool) -> None:
    contract = _signed(deal)
    first = cast.milestone(contract)
    charge = Charge.objects.filter(purpose=PURPOSE, reference=contract.offer_id).order_by("pk")[which]
    contested = cards.sandbox().contest(charge.provider_id or "", charge.amount, at=cast.AT)
    cast.settle()

    frozen = cast.milestone(contract)
    assert (frozen.status, frozen.frozen, cast.money(f"held:{first.holder}")) == ("charged_back", 130_000 - rest, rest)
    cast.assert_books_clean()
    cards.sandbox().decide_dispute(contested, is_won=is_won, at=cast.AT)
    cast.settle()
    after = cast.milestone(contract)
    assert (after.status, after.frozen, after.lost) == ("funded", 0, 0 if is_won else 130_000 - rest)
    assert cast.money(f"held:{first.holder}") == (130_000 if is_won else rest)
    cast.assert_books_clean()


@pytest.mark.parametrize("which", [0, 1], ids=["the first", "the raise"])
def test_a_chargeback_of_a_raised_offer_takes_it_back_and_returns_the_other_payment(deal: Deal, which: int) -> None:
    offer = cast.raising(deal)
    cast.settle()
    charge = Charge.objects.filter(purpose=PURPOSE, reference=offer.pk).order_by("pk")[which]
    cards.sandbox().contest(charge.provider_id or "", charge.amount, at=cast.AT)
    cast.settle()

    assert (cast.fresh(offer).status, on(offer)) == (Status.WITHDRAWN, (0, 0))
    assert [each.gross for each in Refund.objects.filter(source=offer.holder)] == [[30_000, 100_000][which]]
    cast.assert_books_clean()


def test_a_chargeback_while_it_is_raised_ends_it_and_what_comes_of_the_raise_goes_back(
    deal: Deal, offer: Offer
) -> None:
    cast.agree(deal, cast.counter(deal, offer), card=cards.make_card(deal.alice, cards.SECOND_STEP, at=cast.AT))
    cast.settle()
    first, second = Charge.objects.filter(purpose=PURPOSE, reference=offer.pk).order_by("pk")
    cards.sandbox().contest(first.provider_id or "", first.amount, at=cast.AT)
    cards.sandbox().decide(second.provider_id or "", is_approved=True, at=cast.AT)
    cast.settle()

    assert (cast.fresh(offer).status, on(offer)) == (Status.WITHDRAWN, (0, 0))
    assert cast.fresh(first).status == cast.fresh(second).status == Charge.Status.CONFIRMED
    assert [each.gross for each in Refund.objects.filter(source=offer.holder)] == [30_000]
    cast.assert_books_clean()


# What changed


def test_the_history_tells_what_each_version_changes(deal: Deal, offer: Offer) -> None:
    plan = (
        actions.MilestoneTerms("First screens", 120_000, due_on=date(2027, 1, 8)),
        actions.MilestoneTerms("Training", 30_000),
    )
    actions.counter_offer(
        offer_id=offer.pk,
        terms=cast.terms(*plan, deliverables="Screens, tested, documented and handed over.", ends_on=date(2027, 2, 1)),
        note="",
        seen_version=offer.version,
        by=deal.bob.actor,
        at=cast.AT,
    )

    counter, first = history_of(offer_for(deal.alice.actor, offer.pk), deal.alice.actor)

    assert (first.is_first, first.is_mine, counter.is_mine) == (True, True, False)
    words, end, duration = counter.changes
    assert [(each.kind, each.text) for each in words.pieces] == [
        ("same", "Screens, tested"),
        ("ins", ", documented"),
        ("same", " and handed over."),
    ]
    assert (end.kind, end.old, end.new) == ("day", None, date(2027, 2, 1))
    assert (duration.old, duration.new) == ("less than a month", "")
    changed, other = counter.milestones
    assert [(each.kind, each.old, each.new) for each in changed.changes] == [
        ("amount", 100_000, 120_000),
        ("day", None, date(2027, 1, 8)),
    ]
    assert (other.kind, other.title, other.amount) == ("changed", "Training", 30_000)


def test_the_history_tells_of_added_removed_and_turned_milestones(deal: Deal, offer: Offer) -> None:
    third = actions.MilestoneTerms("Kiosk", 20_000)
    cast.counter(deal, offer, *cast.PLAN, third)
    added = history_of(offer, deal.bob.actor)[0].milestones
    cast.counter(deal, offer, cast.PLAN[0], at=LATER)
    removed = history_of(offer, deal.bob.actor)[0].milestones
    cast.counter(deal, offer, *cast.PLAN[::-1], at=LATER)
    turned = history_of(offer, deal.bob.actor)[0].milestones

    assert [(each.kind, each.title, each.amount) for each in added] == [("added", "Kiosk", 20_000)]
    assert [(each.kind, each.title, each.amount) for each in removed] == [("removed", "Handover", 40_000)]
    assert [each.kind for each in turned] == ["order"]
