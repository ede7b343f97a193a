"""The machine of an offer, cell by cell: every state, every verb, every actor; and money that comes too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import make_client, make_staff
from contracts import actions
from contracts.models import Offer
from contracts.models.offers import PURPOSE
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.actor import Actor
from core.errors import DomainError
from events.actions import deliver_due
from events.models import Event
from jobs.actions import close_job, remove_job
from payments.models import Charge, Refund
from payments.queries import latest_charge
from payments.tests import cards
from proposals.actions import withdraw_proposal
from proposals.models import Proposal
from tests.nothing import fingerprint

Status = Offer.Status
LATE = cast.AT + timedelta(days=8)


def _answered(verb: Callable[..., Any], **more: Any) -> Callable[[Deal], Offer]:
    def arrange(deal: Deal) -> Offer:
        offer = cast.send(deal)
        verb(offer_id=offer.pk, by=deal.bob.actor, at=cast.AT, **more)
        return offer

    return arrange


def _accepted(deal: Deal) -> Offer:
    offer = cast.send(deal)
    actions.accept_offer(offer_id=offer.pk, seen_version=offer.version, by=deal.bob.actor, at=cast.AT)
    return offer


def _withdrawn(deal: Deal) -> Offer:
    offer = cast.send(deal)
    return actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)


def _expired(deal: Deal) -> Offer:
    offer = cast.send(deal)
    return actions.expire_offer(offer_id=offer.pk, by=cast.SYSTEM, at=LATE)


def _negotiated(deal: Deal) -> Offer:
    """Return a pending offer with a counter-offer and new terms of the client's, both dearer: all is possible."""
    offer = cast.send(deal)
    cast.counter(deal, offer)
    cast.revision(deal, offer)
    return offer


def _open(offer: Offer, state: str) -> int:
    """Return the number of the version in this state; 0, which none has."""
    return offer.versions.filter(state=state).values_list("pk", flat=True).first() or 0


def _on_version(verb: Callable[..., Any], state: str, **more: Any) -> Callable[[Offer, Deal, Actor, datetime], Any]:
    return lambda offer, deal, by, at: verb(offer_id=offer.pk, version_id=_open(offer, state), by=by, at=at, **more)


def _other_terms(verb: Callable[..., Any]) -> Callable[[Offer, Deal, Actor, datetime], Any]:
    return lambda offer, deal, by, at: verb(
        offer_id=offer.pk, terms=cast.terms(*cast.CHEAPER), note="", seen_version=offer.version, by=by, at=at
    )


STATES: dict[Status, Callable[[Deal], Offer]] = {
    Status.DRAFT: cast.write,
    Status.PAYING: cast.start_sending,
    Status.PENDING: _negotiated,
    Status.RAISING: cast.raising,
    Status.ACCEPTED: _accepted,
    Status.DECLINED: _answered(actions.decline_offer, note=""),
    Status.WITHDRAWN: _withdrawn,
    Status.EXPIRED: _expired,
}
VERBS: dict[str, Callable[[Offer, Deal, Actor, datetime], Any]] = {
    "write_offer": lambda offer, deal, by, at: actions.write_offer(
        proposal_id=deal.proposal.pk,
        title="Again",
        deliverables="Again.",
        starts_on=None,
        ends_on=None,
        duration="weeks",
        milestones=list(cast.PLAN),
        language="en",
        by=by,
        at=at,
    ),
    "send_offer": lambda offer, deal, by, at: actions.send_offer(
        offer_id=offer.pk, method_id=deal.card.pk, seen_version=offer.version, by=by, at=at
    ),
    "send_offer_from_credit": lambda offer, deal, by, at: actions.send_offer_from_credit(
        offer_id=offer.pk, seen_version=offer.version, by=by, at=at
    ),
    "withdraw_offer": lambda offer, deal, by, at: actions.withdraw_offer(offer_id=offer.pk, by=by, at=at),
    "accept_offer": lambda offer, deal, by, at: actions.accept_offer(
        offer_id=offer.pk, seen_version=offer.version, by=by, at=at
    ),
    "decline_offer": lambda offer, deal, by, at: actions.decline_offer(offer_id=offer.pk, note="", by=by, at=at),
    "expire_offer": lambda offer, deal, by, at: actions.expire_offer(offer_id=offer.pk, by=by, at=LATE),
}
VERBS |= {
    "counter_offer": _other_terms(actions.counter_offer),
    "withdraw_counter": lambda offer, deal, by, at: actions.withdraw_counter(offer_id=offer.pk, by=by, at=at),
    "refuse_counter": _on_version(actions.refuse_counter, "open", note=""),
    "agree_to_counter": lambda offer, deal, by, at: actions.agree_to_counter(
        offer_id=offer.pk, version_id=_open(offer, "open"), method_id=deal.card.pk, by=by, at=at
    ),
    "agree_to_counter_from_credit": _on_version(actions.agree_to_counter_from_credit, "open"),
    "write_revision": _other_terms(actions.write_revision),
    "drop_revision": lambda offer, deal, by, at: actions.drop_revision(offer_id=offer.pk, by=by, at=at),
    "revise_offer": lambda offer, deal, by, at: actions.revise_offer(
        offer_id=offer.pk, version_id=_open(offer, "draft"), method_id=deal.card.pk, by=by, at=at
    ),
    "revise_offer_from_credit": _on_version(actions.revise_offer_from_credit, "draft"),
}
#: Walked by `test_direct_offers`: on a proposal that was made it is refused.
ELSEWHERE = {"write_direct_offer"}
CALLBACKS = {"receive_offer_payment", "fail_offer_payment", "freeze_charged_back_offer"}
#: States in which the offer is over: a new one may be written on the proposal, and that is no move of this machine.
OVER = {Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED}


def test_every_verb_and_every_state_is_walked() -> None:
    assert {row.verb for row in Offer.TRANSITIONS} == VERBS.keys() | CALLBACKS | ELSEWHERE
    assert set(STATES) == set(Status)


@pytest.mark.parametrize("state", list(STATES), ids=str)
def test_each_verb_does_what_the_table_says_and_nothing_else(state: Status, deal: Deal) -> None:
    cards.make_credit(deal.alice, deal.bob, 200_000, at=cast.AT)
    offer = cast.fresh(STATES[state](deal))
    assert offer.status == state
    actors = {
        "client": deal.alice.actor,
        "freelancer": deal.bob.actor,
        "staff": make_staff("Dora", "mediator", at=cast.AT).actor,
        "system": cast.SYSTEM,
        "stranger": make_client("Chloe", at=cast.AT).actor,
    }
    before = fingerprint()

    for verb, call in VERBS.items():
        for name, actor in actors.items():
            cell = f"{state} x {verb} x {name}"
            if (verb, name) == ("write_offer", "client") and state in OVER:
                continue
            rows = [row for row in Offer.TRANSITIONS if (row.frm, row.verb) == (state, verb) and name in row.actors]
            spot = transaction.savepoint()
            try:
                call(offer, deal, actor, cast.AT)
            except DomainError:
                assert not rows, f"{cell} was refused"
                transaction.savepoint_commit(spot)
                assert cast.changed_since(before) == set(), f"{cell} was refused and changed something"
                continue
            assert cast.fresh(offer).status in {row.to for row in rows}, f"{cell} was allowed"
            transaction.savepoint_rollback(spot)


@pytest.mark.parametrize("state", sorted(OVER), ids=str)
def test_after_an_offer_ended_another_may_be_written(state: Status, deal: Deal) -> None:
    ended = STATES[state](deal)

    again = cast.write(deal)

    assert again.pk != ended.pk
    assert (cast.fresh(ended).status, again.status) == (state, Status.DRAFT)


def test_a_confirmed_payment_shows_the_offer_and_starts_its_clock(deal: Deal) -> None:
    offer = cast.send(deal)

    assert offer.status == Status.PENDING
    assert offer.sent_at is not None
    assert offer.expires_at == offer.sent_at + timedelta(days=7)
    assert cast.fresh(deal.proposal).status == Proposal.Status.OFFERED
    assert (cast.money(f"held:{offer.holder}"), cast.money(f"held_fee:{offer.holder}")) == (100_000, 5_000)
    cast.assert_books_clean()


def test_the_freelancer_sees_nothing_of_an_offer_before_it_is_paid(deal: Deal) -> None:
    from contracts.queries import offers_for

    cast.start_sending(deal)

    assert not offers_for(deal.bob.actor).exists()
    assert cast.fresh(deal.proposal).status == Proposal.Status.SUBMITTED


@pytest.mark.parametrize("deal", [cards.DECLINED], indirect=True)
def test_a_declined_card_leads_back_to_the_draft_with_the_reason_and_charges_nothing(deal: Deal) -> None:
    offer = cast.send(deal)

    assert (offer.status, offer.payment_failure) == (Status.DRAFT, "card_declined")
    assert cast.money("gateway") == 0
    assert Event.objects.filter(kind="contracts.offer_payment_failed", subject=offer.holder).count() == 1
    card = cards.make_card(deal.alice, at=cast.AT)
    actions.send_offer(
        offer_id=offer.pk, method_id=card.pk, seen_version=offer.version, by=deal.alice.actor, at=cast.AT
    )
    cast.settle()
    assert cast.fresh(offer).status == Status.PENDING
    cast.assert_books_clean()


def _paid_after(deal: Deal, offer: Offer) -> None:
    """Let the provider confirm the running payment all the same."""
    charge = latest_charge(PURPOSE, offer.pk)
    assert charge is not None
    with transaction.atomic():
        actions.receive_offer_payment(charge, cast.AT)


def _goes_back(offer: Offer) -> None:
    assert cast.fresh(offer).status == Status.WITHDRAWN
    assert cast.money(f"held:{offer.holder}") == 0
    refund = Refund.objects.get(source=offer.holder)
    assert (refund.gross, refund.client_fee, refund.amount) == (100_000, 5_000, 105_000)


def test_a_payment_that_arrives_after_the_withdrawal_goes_back_at_once(deal: Deal) -> None:
    offer = cast.start_sending(deal)
    offer = actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    assert (offer.status, offer.end_requested_at, offer.end_requested_as) == (Status.PAYING, cast.AT, "withdrawn")

    _paid_after(deal, offer)

    _goes_back(offer)
    assert cast.fresh(deal.proposal).status == Proposal.Status.SUBMITTED


def test_withdrawing_before_the_charge_is_sent_ends_the_offer_and_charges_nothing(deal: Deal) -> None:
    offer = cast.start_sending(deal)
    actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    cast.settle()

    assert cast.fresh(offer).status == Status.WITHDRAWN
    assert Charge.objects.get(purpose=PURPOSE, reference=offer.pk).status == Charge.Status.DENIED
    assert cast.money("gateway") == 0
    cast.assert_books_clean()


def test_a_hiring_manager_withdraws_an_offer_while_it_is_paid(deal: Deal) -> None:
    from accounts.tests.cast import make_member

    manager = make_member("Hugo", deal.client, "hiring_manager", at=cast.AT)
    offer = cast.start_sending(deal)

    actions.withdraw_offer(offer_id=offer.pk, by=manager.actor, at=cast.AT)
    cast.settle()

    assert cast.fresh(offer).status == Status.WITHDRAWN
    assert cast.money("gateway") == 0
    cast.assert_books_clean()


@pytest.mark.parametrize("deal", [cards.SECOND_STEP], indirect=True)
def test_an_offer_withdrawn_while_the_bank_waits_ends_when_the_bank_has_answered(deal: Deal) -> None:
    offer = cast.start_sending(deal)
    cast.settle()
    assert cast.fresh(offer).status == Status.PAYING

    actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    with cast.nothing_happens(actions.OfferNotLive):
        actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    cast.settle(cast.AT + timedelta(minutes=5))

    assert cast.fresh(offer).status == Status.WITHDRAWN
    assert cast.money("gateway") == 0
    cast.assert_books_clean()


def test_a_payment_for_a_withdrawn_proposal_goes_back_at_once(deal: Deal) -> None:
    offer = cast.start_sending(deal)
    withdraw_proposal(proposal_id=deal.proposal.pk, by=deal.bob.actor, at=cast.AT)

    _paid_after(deal, offer)

    _goes_back(offer)


def test_a_payment_for_a_removed_job_goes_back_at_once(deal: Deal) -> None:
    offer = cast.start_sending(deal)
    remove_job(job_id=deal.job.pk, reason="Against the rules.", by=make_staff("Maud", "moderator").actor, at=cast.AT)

    _paid_after(deal, offer)

    _goes_back(offer)


def test_removing_the_job_withdraws_its_offers_and_returns_their_money(deal: Deal) -> None:
    offer = cast.send(deal)
    remove_job(job_id=deal.job.pk, reason="Against the rules.", by=make_staff("Maud", "moderator").actor, at=cast.AT)
    cast.settle()

    assert cast.fresh(offer).status == Status.WITHDRAWN
    assert Refund.objects.get(source=offer.holder).amount == 105_000
    cast.assert_books_clean()


def test_each_offer_of_a_removed_job_is_taken_back_alone(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    other = cast.another_bid(deal)
    first, second = cast.send(deal), cast.send(other)
    remove_job(job_id=deal.job.pk, reason="Against the rules.", by=make_staff("Maud", "moderator").actor, at=cast.AT)

    def fail_for_the_first(*, offer_id: int, **more: Any) -> Offer:
        if offer_id == first.pk:
            raise RuntimeError
        return actions.withdraw_offer(offer_id=offer_id, **more)

    monkeypatch.setattr("contracts.actions.orphans.withdraw_offer", fail_for_the_first)
    deliver_due(at=cast.AT)

    assert (cast.fresh(first).status, cast.fresh(second).status) == (Status.PENDING, Status.WITHDRAWN)


def test_a_withdrawn_proposal_takes_its_draft_with_it(deal: Deal) -> None:
    draft = cast.write(deal)
    withdraw_proposal(proposal_id=deal.proposal.pk, by=deal.bob.actor, at=cast.AT)
    cast.settle()

    assert cast.fresh(draft).status == Status.WITHDRAWN
    assert not Event.objects.filter(kind="contracts.offer_withdrawn").exists()


@pytest.mark.parametrize("end", ["decline", "withdraw", "expire"])
def test_an_ended_offer_returns_all_its_money_and_the_proposal_is_as_before(deal: Deal, end: str) -> None:
    offer = cast.send(deal)
    if end == "decline":
        actions.decline_offer(offer_id=offer.pk, note="Too soon.", by=deal.bob.actor, at=cast.AT)
    elif end == "withdraw":
        actions.withdraw_offer(offer_id=offer.pk, by=deal.alice.actor, at=cast.AT)
    else:
        actions.expire_offer(offer_id=offer.pk, by=cast.SYSTEM, at=LATE)

    assert cast.money(f"held:{offer.holder}") == 0
    refund = Refund.objects.get(source=offer.holder)
    assert (refund.gross, refund.client_fee) == (100_000, 5_000)
    assert cast.fresh(deal.proposal).status == Proposal.Status.SUBMITTED
    cast.settle(LATE)
    assert cast.fresh(refund).status == Refund.Status.CONFIRMED
    cast.assert_books_clean()


def test_an_offer_expires_at_its_instant_and_not_before(deal: Deal) -> None:
    offer = cast.send(deal)
    assert offer.expires_at is not None

    assert actions.expire_offers(at=offer.expires_at - timedelta(microseconds=1)) == 0
    assert actions.expire_offers(at=offer.expires_at) == 1
    assert actions.expire_offers(at=offer.expires_at) == 0
    assert cast.fresh(offer).status == Status.EXPIRED


def test_an_offer_is_reminded_at_half_time_and_a_day_before_once_each(deal: Deal) -> None:
    offer = cast.send(deal)
    assert offer.sent_at is not None
    half, last = offer.sent_at + timedelta(days=3.5), offer.sent_at + timedelta(days=6)

    for moment, expected in [
        (half - timedelta(microseconds=1), 0),
        (half, 1),
        (half, 0),
        (last - timedelta(microseconds=1), 0),
        (last, 1),
        (last, 0),
        (last + timedelta(hours=23), 0),
    ]:
        assert actions.remind_offers(at=moment) == expected, moment
    assert Event.objects.filter(kind="contracts.offer_expiring").count() == 2


def test_a_draft_that_was_changed_in_another_tab_is_not_paid(deal: Deal) -> None:
    seen = cast.write(deal).version
    draft = cast.write(deal, title="Changed")

    with cast.nothing_happens(actions.OfferChanged):
        actions.send_offer(
            offer_id=draft.pk, method_id=deal.card.pk, seen_version=seen, by=deal.alice.actor, at=cast.AT
        )


def test_nobody_is_hired_for_a_job_that_has_ended(deal: Deal) -> None:
    draft = cast.write(deal)
    close_job(job_id=deal.job.pk, by=deal.alice.actor, at=cast.AT)

    with cast.nothing_happens(actions.JobNotLive):
        actions.send_offer(
            offer_id=draft.pk, method_id=deal.card.pk, seen_version=draft.version, by=deal.alice.actor, at=cast.AT
        )


def test_a_draft_written_under_older_fees_is_not_paid(deal: Deal) -> None:
    from payments.models import FeeSchedule

    draft = cast.write(deal)
    FeeSchedule.objects.create(version=99, freelancer_bps=900, client_bps=600, valid_from=cast.AT)

    with cast.nothing_happens(actions.OfferChanged):
        actions.send_offer(
            offer_id=draft.pk, method_id=deal.card.pk, seen_version=draft.version, by=deal.alice.actor, at=cast.AT
        )


def test_a_contract_keeps_its_fees_when_they_change_later(deal: Deal) -> None:
    from payments.models import FeeSchedule

    contract = cast.sign(deal)
    FeeSchedule.objects.create(version=99, freelancer_bps=2000, client_bps=1000, valid_from=cast.AT)

    cast.released(deal, contract)

    assert cast.money(f"pending:party:{deal.freelancer.pk}") == 90_000
    cast.funding(deal, contract)
    cast.settle()
    assert cast.money(f"held_fee:{cast.milestone(contract, 2).holder}") == 2_000


@pytest.mark.parametrize(
    "terms",
    [
        {"milestones": []},
        {"milestones": [actions.MilestoneTerms("Screens", 499)]},
        {"milestones": [actions.MilestoneTerms("Screens", 1_000_000_001)]},
        {"milestones": [actions.MilestoneTerms(" ", 5_000)]},
        {"milestones": [actions.MilestoneTerms("Screens", 5_000)] * 31},
        {"milestones": [actions.MilestoneTerms("Screens", 500_000_001)] * 2},
        {"title": " "},
        {"deliverables": ""},
        {"starts_on": date(2027, 1, 2), "ends_on": date(2027, 1, 1)},
        {"milestones": [actions.MilestoneTerms("Screens", 5_000, due_on=date.max)]},
        {"milestones": [actions.MilestoneTerms("Screens", 5_000, due_on=date(2025, 11, 21))]},
        {"starts_on": date.min},
        {"ends_on": date(2036, 11, 25)},
    ],
    ids=[
        *(
            "none",
            "too small",
            "too large",
            "no name",
            "too many",
            "too much",
            "no title",
            "no deliverables",
            "ends before",
        ),
        *("due in another age", "due long ago", "starts in another age", "ends in another age"),
    ],
)
def test_terms_that_cannot_be_agreed_are_refused(deal: Deal, terms: dict[str, Any]) -> None:
    with cast.nothing_happens(actions.TermsNotPossible):
        cast.write(deal, **terms)


def test_a_hiring_manager_writes_offers_and_does_not_pay_for_them(deal: Deal) -> None:
    from accounts.tests.cast import make_member
    from core.errors import NotAllowed

    manager = make_member("Hugo", deal.client, "hiring_manager", at=cast.AT)
    draft = actions.write_offer(
        proposal_id=deal.proposal.pk,
        title="Screens",
        deliverables="Screens.",
        starts_on=None,
        ends_on=None,
        duration="weeks",
        milestones=list(cast.PLAN),
        language="en",
        by=manager.actor,
        at=cast.AT,
    )

    with cast.nothing_happens(NotAllowed):
        actions.send_offer(
            offer_id=draft.pk, method_id=deal.card.pk, seen_version=draft.version, by=manager.actor, at=cast.AT
        )
