"""The machine of a milestone, cell by cell: every state, every verb, every actor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import Person, make_client, make_staff
from contracts import actions
from contracts.actions import MilestoneTerms
from contracts.models import Contract, Milestone
from contracts.models.milestones import PURPOSE
from contracts.models.offers import PURPOSE as OFFER_PURPOSE
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.actor import Actor
from core.errors import DomainError
from disputes.actions import decide_case, open_silent_ask_back_case, sweep_silent_ask_backs
from disputes.models import Case
from payments.models import Charge
from payments.queries import latest_charge
from payments.tests import cards
from tests.nothing import fingerprint

Status = Milestone.Status
ACTORS = ("client", "freelancer", "staff", "system", "stranger")
#: Later than every clock of a milestone.
LATE = cast.AT + timedelta(days=40)


def _disputed(deal: Deal, contract: Contract, amount: int = 100_000) -> Milestone:
    cast.asked_back(deal, contract, amount, is_submitted=True)
    sweep_silent_ask_backs(at=cast.AT + timedelta(days=8))
    return cast.milestone(contract)


def _charged_back(deal: Deal, contract: Contract) -> Milestone:
    """Return the first milestone with 400 of its 1 000 contested at the bank."""
    charge = Charge.objects.get(purpose=OFFER_PURPOSE, reference=contract.offer_id)
    cards.sandbox().contest(charge.provider_id or "", 42_000, at=cast.AT)
    cast.settle()
    return cast.milestone(contract)


def _settled(deal: Deal, contract: Contract) -> Milestone:
    disputed = _disputed(deal, contract)
    case = Case.objects.get(milestone=disputed)
    dora = make_staff("Doris", "mediator", at=cast.AT)
    decide_case(
        case_id=case.pk,
        seen_version=case.version,
        to_freelancer=60_000,
        to_client=40_000,
        reasons="Most of it was done.",
        by=dora.actor,
        at=cast.AT + timedelta(days=9),
    )
    return cast.milestone(contract)


#: How a milestone comes into each state.
STATES: dict[Status, cast.Arrange] = {
    Status.DRAFT: cast.proposed,
    Status.AGREED: cast.agreed,
    Status.FUNDING: cast.funding,
    Status.FUNDED: cast.funded,
    Status.SUBMITTED: cast.submitted,
    Status.CHANGES_REQUESTED: cast.changes_requested,
    Status.REFUND_REQUESTED: cast.asked_back,
    Status.DISPUTED: lambda deal, contract: _disputed(deal, contract, 70_000),
    Status.CHARGED_BACK: _charged_back,
    Status.RELEASED: cast.released,
    Status.REFUNDED: cast.refunded,
    Status.SETTLED: _settled,
    Status.CANCELLED: cast.cancelled,
}


def _versioned(verb: Callable[..., Any], **more: Any) -> Callable[..., Any]:
    def call(milestone: Milestone, deal: Deal, by: Actor, at: datetime) -> Any:
        extra = {name: value(milestone, deal) if callable(value) else value for name, value in more.items()}
        return verb(milestone_id=milestone.pk, seen_version=milestone.version, by=by, at=at, **extra)

    return call


def _timed(verb: Callable[..., Any]) -> Callable[..., Any]:
    def call(milestone: Milestone, deal: Deal, by: Actor, at: datetime) -> Any:
        return verb(milestone_id=milestone.pk, by=by, at=LATE)

    return call


def _target(milestone: Milestone, deal: Deal) -> int:
    """Return a milestone worth just 40 000 to which money can be moved."""
    other = Milestone.objects.filter(contract=milestone.contract, amount=40_000).exclude(pk=milestone.pk).first()
    return other.pk if other else milestone.pk


def _part(milestone: Milestone, deal: Deal) -> int:
    return max(milestone.held - 40_000, 1)


#: Each verb of the machine that is called with an actor, with input that fits where the state allows it.
VERBS: dict[str, Callable[..., Any]] = {
    "accept_milestone": _versioned(actions.accept_milestone),
    "decline_milestone": _versioned(actions.decline_milestone),
    "withdraw_milestone": _versioned(actions.withdraw_milestone),
    "fund_milestone": _versioned(actions.fund_milestone, method_id=lambda _m, deal: deal.card.pk),
    "fund_milestone_from_credit": _versioned(actions.fund_milestone_from_credit),
    "cancel_milestone": _versioned(actions.cancel_milestone),
    "give_up_milestone_payment": lambda milestone, _deal, by, at: actions.give_up_milestone_payment(
        milestone_id=milestone.pk, by=by, at=at
    ),
    "submit_milestone": _versioned(actions.submit_milestone, note="Done.", file_ids=[]),
    "request_milestone_changes": _versioned(actions.request_milestone_changes, note="More."),
    "approve_milestone": _versioned(actions.approve_milestone),
    "release_milestone": _versioned(actions.release_milestone),
    "release_milestone_part": _versioned(actions.release_milestone_part, amount=_part),
    "release_part_and_ask_back": _versioned(actions.release_part_and_ask_back, amount=_part, note="The rest."),
    "release_part_and_move": _versioned(actions.release_part_and_move, amount=_part, target_id=_target),
    "release_silent_milestone": _timed(actions.release_silent_milestone),
    "ask_milestone_back": _versioned(actions.ask_milestone_back, amount=40_000, note="Stopped."),
    "agree_to_ask_back": _versioned(actions.agree_to_ask_back),
    "refund_silent_ask_back": _timed(actions.refund_silent_ask_back),
    "freeze_milestone": _timed(open_silent_ask_back_case),
    "give_milestone_back": _versioned(actions.give_milestone_back),
    "release_undisputed": _versioned(actions.release_undisputed, amount=10_000),
    "give_undisputed_back": _versioned(actions.give_undisputed_back, amount=10_000),
    "settle_milestone": lambda milestone, _deal, by, at: _decide(milestone, by, at),
}
#: Called by payments when a charge ends, with no actor; walked by `test_a_payment_that_arrives_...`, and when a bank
#: takes a payment back or decides about it; walked in `test_chargebacks.py`.
CALLBACKS = {"receive_milestone_payment", "fail_milestone_payment", "freeze_charged_back", "close_charged_back"}
#: Make milestones, or are the other half of a verb in VERBS.
MADE_BY_OTHERS = {"accept_offer", "propose_milestone", "receive_moved_money"}
#: What the freelancer proposed is answered by the client, and taken back by the freelancer alone.
OTHER_SIDE = {("accept_milestone", "freelancer"), ("decline_milestone", "freelancer"), ("withdraw_milestone", "client")}
#: Needs work that was submitted, which the state arranged here has not; `test_silence_...` has it.
NEEDS_MORE = {(Status.REFUND_REQUESTED, "freeze_milestone")}


def _decide(milestone: Milestone, by: Actor, at: datetime) -> Any:
    case = Case.objects.filter(milestone=milestone).first()
    if case is None:  # no case, so nothing that could be decided: the inner verb itself has to refuse
        with transaction.atomic():
            return actions.settle_milestone(
                milestone_id=milestone.pk, case_id=0, to_freelancer=milestone.frozen, to_client=0, by=by, at=at
            )
    return decide_case(
        case_id=case.pk,
        seen_version=case.version,
        to_freelancer=case.gross,
        to_client=0,
        reasons="Done.",
        by=by,
        at=at,
    )


def _actors(deal: Deal) -> dict[str, Actor]:
    chloe: Person = make_client("Chloe", at=cast.AT)
    return {
        "client": deal.alice.actor,
        "freelancer": deal.bob.actor,
        "staff": make_staff("Dora", "mediator", at=cast.AT).actor,
        "system": cast.SYSTEM,
        "stranger": chloe.actor,
    }


def _expected(state: Status, verb: str, actor: str) -> set[str]:
    if (verb, actor) in OTHER_SIDE or (state, verb) in NEEDS_MORE:
        return set()
    return {row.to for row in Milestone.TRANSITIONS if (row.frm, row.verb) == (state, verb) and actor in row.actors}


def test_every_verb_of_the_table_is_walked() -> None:
    assert {row.verb for row in Milestone.TRANSITIONS} == VERBS.keys() | CALLBACKS | MADE_BY_OTHERS


def test_every_state_is_arranged() -> None:
    assert set(STATES) == set(Status)


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(STATES), ids=str)
def test_each_verb_does_what_the_table_says_and_nothing_else(state: Status, deal: Deal) -> None:
    contract = cast.sign(deal)
    cards.make_credit(deal.alice, deal.bob, 100_000, at=cast.AT)
    arranged = STATES[state](deal, contract)
    milestone = Milestone.objects.select_related("contract").get(pk=arranged.pk)
    assert milestone.status == state
    actors = _actors(deal)
    before = fingerprint()

    for verb, call in sorted(VERBS.items()):
        for actor in ACTORS:
            cell = f"{state} x {verb} x {actor}"
            expected = _expected(state, verb, actor)
            spot = transaction.savepoint()
            try:
                call(milestone, deal, actors[actor], cast.AT + timedelta(days=10))
            except DomainError:
                assert not expected, f"{cell} was refused"
                transaction.savepoint_commit(spot)
                assert cast.changed_since(before) == set(), f"{cell} was refused and changed something"
                continue
            assert expected, f"{cell} was allowed"
            assert cast.fresh(milestone).status in expected, cell
            transaction.savepoint_rollback(spot)


@pytest.mark.django_db
def test_silence_freezes_submitted_work_and_gives_the_rest_back(deal: Deal) -> None:
    contract = cast.sign(deal)
    milestone = cast.asked_back(deal, contract, is_submitted=True)
    over = milestone.ask_back_ends_at
    assert over is not None

    actors = _actors(deal)
    for actor in ("client", "freelancer", "staff", "stranger"):
        with cast.nothing_happens():
            open_silent_ask_back_case(milestone_id=milestone.pk, by=actors[actor], at=over)
    with cast.nothing_happens():
        actions.refund_silent_ask_back(milestone_id=milestone.pk, by=cast.SYSTEM, at=over)
    open_silent_ask_back_case(milestone_id=milestone.pk, by=cast.SYSTEM, at=over)

    assert cast.fresh(milestone).status == Status.DISPUTED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_active", "is_given_up", "arrived", "failed"),
    [
        (True, False, Status.FUNDED, Status.AGREED),
        (True, True, Status.AGREED, Status.AGREED),
        (False, True, Status.CANCELLED, Status.CANCELLED),
    ],
)
@pytest.mark.parametrize("is_paid", [True, False])
def test_a_payment_ends_where_the_table_says(
    deal: Deal, is_active: bool, is_given_up: bool, arrived: Status, failed: Status, is_paid: bool
) -> None:
    contract = cast.sign(deal)
    milestone = cast.funding(deal, contract)
    charge = latest_charge(PURPOSE, milestone.pk)
    assert charge is not None
    if not is_active:
        first = cast.milestone(contract)
        actions.end_contract(
            contract_id=contract.pk,
            reason="done",
            note="",
            decisions={first.pk: actions.Decision("ask_back", first.version, "It is late.")},
            by=deal.alice.actor,
            at=cast.AT,
        )
    elif is_given_up:
        actions.give_up_milestone_payment(milestone_id=milestone.pk, by=deal.alice.actor, at=cast.AT)

    callback = actions.receive_milestone_payment if is_paid else actions.fail_milestone_payment
    with transaction.atomic():
        callback(charge, cast.AT)

    rows = {row.to for row in Milestone.TRANSITIONS if (row.frm, row.verb) == (Status.FUNDING, callback.__name__)}
    expected = arrived if is_paid else failed
    assert expected in rows
    assert cast.fresh(milestone).status == expected
    held = 40_000 if expected == Status.FUNDED else 0
    assert cast.money(f"held:{milestone.holder}") == held


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["client", "freelancer", "staff", "system", "stranger"])
def test_the_two_sides_alone_propose_milestones(deal: Deal, who: str) -> None:
    contract = cast.sign(deal)
    by = _actors(deal)[who]
    terms = MilestoneTerms(title="Kiosk", amount=25_000)

    if who in {"client", "freelancer"}:
        made = actions.propose_milestone(contract_id=contract.pk, terms=terms, by=by, at=cast.AT)
        assert (made.status, made.proposed_by_id, made.position) == (Status.DRAFT, by.party_id, 3)
        return
    with cast.nothing_happens():
        actions.propose_milestone(contract_id=contract.pk, terms=terms, by=by, at=cast.AT)
