"""Ending a contract, with a decision on the money of each milestone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.tests.cast import make_client, make_member, make_staff
from contracts import actions
from contracts.actions import ContractNotActive, Decision, DecisionMissing, MilestoneChanged, NoteMissing
from contracts.models import Contract, Milestone
from contracts.models.milestones import PURPOSE
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from disputes.actions import decide_case, sweep_silent_ask_backs
from disputes.models import Case
from events.models import Event
from payments.models import Refund
from payments.queries import latest_charge
from profiles.models import PartyFacts

Status = Milestone.Status


def _end(
    deal: Deal, contract: Contract, choice: str = "", *, by: str = "alice", note: str = "It is late.", **more: Any
) -> Contract:
    first = cast.milestone(contract)
    decisions = {first.pk: Decision(choice, first.version, note)} if choice else {}
    person = deal.alice if by == "alice" else deal.bob
    return actions.end_contract(
        contract_id=contract.pk,
        reason="done",
        note="Thank you.",
        decisions=more.get("decisions", decisions),
        by=person.actor,
        at=cast.AT,
    )


def test_asking_back_at_the_end_needs_a_reason(deal: Deal, contract: Contract) -> None:
    with cast.nothing_happens(NoteMissing):
        _end(deal, contract, "ask_back", note="")


def test_releasing_everything_ends_the_contract_at_once(deal: Deal, contract: Contract) -> None:
    done = _end(deal, contract, "release")

    assert (done.status, done.ended_at, done.ending_by_id) == (Contract.Status.ENDED, cast.AT, deal.client.pk)
    assert cast.milestone(contract).status == Status.RELEASED
    assert cast.milestone(contract, 2).status == Status.CANCELLED
    assert [event.kind for event in Event.objects.filter(subject=contract.scope).order_by("pk")] == [
        "contracts.contract_started",
        "contracts.contract_ending",
        "contracts.contract_ended",
    ]
    cast.settle()
    assert PartyFacts.objects.get(party=deal.client).contracts_ended == 1
    assert PartyFacts.objects.get(party=deal.freelancer).contracts_ended == 1
    cast.assert_books_clean()


def test_asking_back_keeps_it_ending_until_the_money_is_decided(deal: Deal, contract: Contract) -> None:
    ending = _end(deal, contract, "ask_back")
    assert ending.status == Contract.Status.ENDING
    assert actions.finish_contracts(at=cast.AT) == 0

    first = cast.milestone(contract)
    actions.agree_to_ask_back(milestone_id=first.pk, seen_version=first.version, by=deal.bob.actor, at=cast.AT)

    assert cast.fresh(contract).status == Contract.Status.ENDED
    cast.assert_books_clean()


def test_the_freelancer_gives_back_and_it_ends(deal: Deal, contract: Contract) -> None:
    done = _end(deal, contract, "give_back", by="bob")

    assert done.status == Contract.Status.ENDED
    assert cast.milestone(contract).refunded == 100_000
    cast.assert_books_clean()


def test_the_freelancer_submits_and_the_review_goes_on(deal: Deal, contract: Contract) -> None:
    ending = _end(deal, contract, "submit", by="bob", note="As far as it went.")
    assert ending.status == Contract.Status.ENDING
    assert cast.milestone(contract).status == Status.SUBMITTED

    assert actions.release_silent_milestones(at=cast.AT + timedelta(days=14)) == 1

    assert cast.fresh(contract).status == Contract.Status.ENDED
    cast.assert_books_clean()


def test_submitted_work_may_wait_for_its_answer(deal: Deal, contract: Contract) -> None:
    cast.submitted(deal, contract)

    assert _end(deal, contract, "keep", by="bob").status == Contract.Status.ENDING
    assert cast.milestone(contract).status == Status.SUBMITTED


@pytest.mark.parametrize(
    ("by", "choice"),
    [
        ("alice", ""),
        ("alice", "give_back"),
        ("alice", "keep"),
        ("bob", "release"),
        ("bob", "ask_back"),
        ("bob", "keep"),
    ],
)
def test_each_side_makes_only_its_own_decisions(deal: Deal, contract: Contract, by: str, choice: str) -> None:
    with cast.nothing_happens(DecisionMissing):
        _end(deal, contract, choice, by=by)


def test_a_decision_on_what_changed_meanwhile_is_refused(deal: Deal, contract: Contract) -> None:
    seen = cast.milestone(contract)
    cast.submitted(deal, contract)

    with cast.nothing_happens(MilestoneChanged):
        _end(deal, contract, decisions={seen.pk: Decision("ask_back", seen.version, "It is late.")})


def test_a_decision_on_a_milestone_that_needs_none_is_refused(deal: Deal, contract: Contract) -> None:
    first, second = cast.milestone(contract), cast.milestone(contract, 2)
    decisions = {first.pk: Decision("release", first.version), second.pk: Decision("release", second.version)}

    with cast.nothing_happens(DecisionMissing):
        _end(deal, contract, decisions=decisions)


def test_a_contract_ends_once(deal: Deal, contract: Contract) -> None:
    _end(deal, contract, "ask_back")

    with cast.nothing_happens(ContractNotActive):
        _end(deal, contract, "ask_back")


def test_strangers_and_those_who_only_hire_do_not_end_it(deal: Deal, contract: Contract) -> None:
    for person in (make_client("Chloe"), make_member("Hugo", deal.client, "hiring_manager")):
        first = cast.milestone(contract)
        with cast.nothing_happens(NotAllowed):
            actions.end_contract(
                contract_id=contract.pk,
                reason="done",
                note="",
                decisions={first.pk: Decision("release", first.version)},
                by=person.actor,
                at=cast.AT,
            )


def test_nothing_new_is_agreed_or_paid_for_after_that(deal: Deal, contract: Contract) -> None:
    _end(deal, contract, "ask_back")

    with cast.nothing_happens(ContractNotActive):
        cast.proposed(deal, contract)
    with cast.nothing_happens(ContractNotActive):
        cast.funding(deal, contract)


def test_a_payment_that_arrives_after_the_end_goes_back_at_once(deal: Deal, contract: Contract) -> None:
    second = cast.funding(deal, contract)
    ending = _end(deal, contract, "release")
    assert ending.status == Contract.Status.ENDING
    charge = latest_charge(PURPOSE, second.pk)
    assert charge is not None

    with transaction.atomic():
        actions.receive_milestone_payment(charge, cast.AT)

    assert cast.fresh(second).status == Status.CANCELLED
    assert Refund.objects.get(source=second.holder).amount == 42_000
    assert cast.money(f"held:{second.holder}") == 0
    assert cast.fresh(contract).status == Contract.Status.ENDED


@pytest.mark.parametrize(("by", "choice"), [("alice", "release"), ("bob", "give_back")])
def test_a_running_payment_is_stopped_and_the_contract_ends_with_it(
    deal: Deal, contract: Contract, by: str, choice: str
) -> None:
    second = cast.funding(deal, contract)
    assert _end(deal, contract, choice, by=by).status == Contract.Status.ENDING

    cast.settle()

    assert cast.fresh(second).status == Status.CANCELLED
    assert cast.fresh(contract).status == Contract.Status.ENDED
    cast.assert_books_clean()


def test_a_case_does_not_block_the_end_and_the_decision_closes_it(deal: Deal, contract: Contract) -> None:
    cast.asked_back(deal, contract, is_submitted=True)
    sweep_silent_ask_backs(at=cast.AT + timedelta(days=7))
    ending = _end(deal, contract)
    assert ending.status == Contract.Status.ENDING

    case = Case.objects.get()
    decide_case(
        case_id=case.pk,
        seen_version=case.version,
        to_freelancer=50_000,
        to_client=50_000,
        reasons="Half was done.",
        by=make_staff("Dora", "mediator").actor,
        at=cast.AT + timedelta(days=8),
    )

    assert cast.fresh(contract).status == Contract.Status.ENDED
    cast.settle(cast.AT + timedelta(days=8))
    cast.assert_books_clean()


def test_the_sweep_closes_what_no_verb_closed(deal: Deal, contract: Contract) -> None:
    _end(deal, contract, "ask_back")
    Milestone.objects.filter(contract=contract, position=1).update(
        status=Status.REFUNDED,
        refunded=100_000,
        finished_at=cast.AT,
        asked_back=None,
        ask_back_ends_at=None,
        remind_at=None,
    )

    assert actions.finish_contracts(at=cast.AT) == 1
    assert actions.finish_contracts(at=cast.AT) == 0
    assert cast.fresh(contract).status == Contract.Status.ENDED


@pytest.mark.parametrize("state", list(Contract.Status), ids=str)
def test_each_cell_of_the_contracts_machine(deal: Deal, contract: Contract, state: Contract.Status) -> None:
    if state == Contract.Status.ENDING:
        _end(deal, contract, "ask_back")
    elif state == Contract.Status.ENDED:
        _end(deal, contract, "release")
    first = cast.milestone(contract)
    actors = {
        "client": deal.alice.actor,
        "freelancer": deal.bob.actor,
        "staff": make_staff("Dora", "mediator", at=cast.AT).actor,
        "system": cast.SYSTEM,
        "stranger": make_client("Chloe", at=cast.AT).actor,
    }

    def end(by: Actor, who: str) -> Contract:
        decision = Decision("release" if who == "client" else "give_back", first.version)
        return actions.end_contract(
            contract_id=contract.pk, reason="done", note="", decisions={first.pk: decision}, by=by, at=cast.AT
        )

    def finish(by: Actor, _who: str) -> Contract:
        return actions.finish_contract(contract_id=contract.pk, by=by, at=cast.AT)

    calls: dict[str, Callable[[Actor, str], Contract]] = {"end_contract": end, "finish_contract": finish}
    assert {row.verb for row in Contract.TRANSITIONS} == calls.keys() | {"accept_offer"}
    for who, actor in actors.items():
        for verb, call in calls.items():
            rows = {r.to for r in Contract.TRANSITIONS if (r.frm, r.verb) == (state, verb) and who in r.actors}
            if verb == "finish_contract" and rows:  # money is still asked back; the sweep's test has it finished
                with cast.nothing_happens(actions.MoneyStillOpen):
                    call(actor, who)
            elif rows:
                spot = transaction.savepoint()
                assert call(actor, who).status in rows
                transaction.savepoint_rollback(spot)
            else:
                with cast.nothing_happens(DomainError):
                    call(actor, who)
