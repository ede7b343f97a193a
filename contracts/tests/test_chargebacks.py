"""A client contests a payment at the bank: only that sum stands still, and the work goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.tests.cast import make_staff
from contracts import actions
from contracts.actions import MilestoneNotPayable, MilestoneNotSubmitted
from contracts.models import Contract, Milestone, Offer
from contracts.tests import cast
from contracts.tests.cast import AT, Deal
from disputes.actions import CaseWaits, decide_case, sweep_silent_ask_backs
from disputes.models import Case
from messaging.actions import post_message
from messaging.queries import room_of
from payments.actions.evidence import evidence_of
from payments.models import Charge, Chargeback
from payments.tests import cards
from payments.tests.cards import SANDBOX_TIME, sandbox

Status = Milestone.Status
WHOLE = 105_000


@pytest.fixture
def deal(db: None) -> Deal:
    return cast.make_deal()


@pytest.fixture
def contract(deal: Deal) -> Contract:
    return cast.sign(deal)


@pytest.fixture(autouse=True)
def clean_books(db: None) -> Iterator[None]:
    yield
    cast.assert_books_clean()


def contest(charge: Charge | None = None, amount: int = WHOLE, *, at: datetime = AT) -> Chargeback:
    """Let Alice contest a payment, by default her first one."""
    charge = charge or Charge.objects.filter(purpose__startswith="contracts.").order_by("pk")[0]
    sandbox().contest(charge.provider_id or "", amount, at=at)
    cards.settle_all(at + SANDBOX_TIME)
    return Chargeback.objects.latest("pk")


def decide(chargeback: Chargeback, *, is_won: bool, at: datetime) -> None:
    sandbox().decide_dispute(chargeback.provider_id, is_won=is_won, at=at)
    cards.settle_all(at + SANDBOX_TIME)


def test_contested_work_stands_still_and_its_clock_runs_on_afterwards(deal: Deal, contract: Contract) -> None:
    cast.submitted(deal, contract)
    chargeback = contest(at=AT + timedelta(days=2))
    first = cast.milestone(contract)
    assert (first.status, first.before, first.frozen, first.held) == ("charged_back", "submitted", 100_000, 0)
    assert actions.release_silent_milestones(at=AT + timedelta(days=30)) == 0
    with cast.nothing_happens(MilestoneNotSubmitted):
        actions.approve_milestone(milestone_id=first.pk, seen_version=first.version, by=deal.alice.actor, at=AT)
    later = AT + timedelta(days=30)
    decide(chargeback, is_won=True, at=later)
    first = cast.milestone(contract)
    assert (first.status, first.frozen, first.before) == ("submitted", 0, "")
    assert first.review_ends_at is not None
    assert first.review_ends_at - later == timedelta(days=12)  # the sandbox takes as long to announce either


def test_a_clock_that_was_nearly_over_gets_three_days(deal: Deal, contract: Contract) -> None:
    cast.submitted(deal, contract)
    chargeback = contest(at=AT + timedelta(days=13))
    later = AT + timedelta(days=40)
    decide(chargeback, is_won=True, at=later)
    ends_at = cast.milestone(contract).review_ends_at
    assert ends_at is not None
    assert timedelta(days=3) <= ends_at - later < timedelta(days=3, minutes=1)


@pytest.mark.parametrize("arrange", [cast.funded, cast.changes_requested, cast.asked_back])
def test_each_state_comes_back_once_the_bank_leaves_the_money_here(
    deal: Deal, contract: Contract, arrange: cast.Arrange
) -> None:
    before = arrange(deal, contract)
    decide(contest(), is_won=True, at=AT + timedelta(days=3))
    after = cast.milestone(contract)
    assert (after.status, after.held, after.asked_back) == (before.status, before.held, before.asked_back)


def test_what_the_bank_kept_is_gone_and_the_contract_can_end(deal: Deal, contract: Contract) -> None:
    cast.cancelled(deal, contract)
    actions.end_contract(
        contract_id=contract.pk,
        reason="done",
        note="",
        decisions={cast.milestone(contract).pk: actions.Decision(actions.EndChoice.ASK_BACK, 1, "Stopped.")},
        by=deal.alice.actor,
        at=AT,
    )
    decide(contest(), is_won=False, at=AT + timedelta(days=3))
    first = cast.milestone(contract)
    assert (first.status, first.lost, first.held) == ("refunded", 100_000, 0)
    assert cast.fresh(contract).status == Contract.Status.ENDED


@pytest.mark.parametrize("is_won", [True, False])
def test_what_is_not_in_question_can_be_released_meanwhile(deal: Deal, contract: Contract, is_won: bool) -> None:
    chargeback = contest(amount=42_000)
    first = cast.milestone(contract)
    assert (first.frozen, first.held) == (40_000, 60_000)
    with cast.nothing_happens(MilestoneNotPayable):
        actions.release_milestone(milestone_id=first.pk, seen_version=first.version, by=deal.alice.actor, at=AT)
    actions.release_undisputed(
        milestone_id=first.pk, amount=60_000, seen_version=first.version, by=deal.alice.actor, at=AT
    )
    assert cast.milestone(contract).status == Status.CHARGED_BACK
    decide(chargeback, is_won=is_won, at=AT + timedelta(days=3))
    first = cast.milestone(contract)
    state, held, lost = ("funded", 40_000, 0) if is_won else ("refunded", 0, 40_000)
    assert (first.status, first.held, first.lost, first.released) == (state, held, lost, 60_000)


@pytest.mark.parametrize("is_won", [True, False])
def test_a_case_waits_for_the_bank(deal: Deal, contract: Contract, is_won: bool) -> None:
    cast.asked_back(deal, contract, 70_000, is_submitted=True)
    opened = AT + timedelta(days=8)
    sweep_silent_ask_backs(at=opened)
    case = Case.objects.get()
    chargeback = contest(at=opened)
    case.refresh_from_db()
    assert (case.status, case.charged_back, cast.money("frozen:case:" + str(case.pk))) == ("bank", 70_000, 0)
    dora = make_staff("Dora", "mediator", at=AT)
    given: dict[str, Any] = {"to_freelancer": 70_000, "to_client": 0, "reasons": "Done.", "by": dora.actor}
    with cast.nothing_happens(CaseWaits):
        decide_case(case_id=case.pk, seen_version=case.version, at=opened, **given)
    later = opened + timedelta(days=20)
    decide(chargeback, is_won=is_won, at=later)
    case.refresh_from_db()
    first = cast.milestone(contract)
    if not is_won:
        assert (case.status, first.status, first.lost) == ("lost", "refunded", 100_000)
        return
    assert (case.status, case.gross, first.status, first.held) == ("mediation", 70_000, "disputed", 30_000)
    decide_case(case_id=case.pk, seen_version=case.version, at=later, **given)
    assert cast.milestone(contract).held == 30_000


@pytest.mark.parametrize("is_won", [True, False])
def test_a_case_of_which_the_bank_took_a_part_goes_on_about_the_rest(
    deal: Deal, contract: Contract, is_won: bool
) -> None:
    cast.asked_back(deal, contract, 70_000, is_submitted=True)
    opened = AT + timedelta(days=8)
    sweep_silent_ask_backs(at=opened)
    chargeback = contest(amount=21_000, at=opened)
    decide(chargeback, is_won=is_won, at=opened + timedelta(days=20))
    case, first = Case.objects.get(), cast.milestone(contract)
    left = 70_000 if is_won else 50_000
    assert (case.status, case.gross, case.charged_back) == ("mediation", left, 0)
    assert (first.status, first.frozen, first.lost) == ("disputed", left, 70_000 - left)


@pytest.mark.parametrize("is_won", [True, False])
@pytest.mark.parametrize("amount", [WHOLE, 10_000])
def test_an_offer_whose_payment_is_contested_is_withdrawn(deal: Deal, amount: int, is_won: bool) -> None:
    offer = cast.send(deal)
    chargeback = contest(amount=amount)
    assert cast.fresh(offer).status == Offer.Status.WITHDRAWN
    assert cast.money(f"held:offer:{offer.pk}") == 0
    decide(chargeback, is_won=is_won, at=AT + timedelta(days=3))
    assert cast.money(f"held:offer:{offer.pk}") == 0
    assert cast.money(f"frozen:chargeback:{chargeback.pk}") == 0


def test_money_that_moved_to_another_milestone_is_found_there(deal: Deal, contract: Contract) -> None:
    first, second = cast.milestone(contract), cast.milestone(contract, 2)
    actions.release_part_and_move(
        milestone_id=first.pk,
        amount=60_000,
        target_id=second.pk,
        seen_version=first.version,
        by=deal.alice.actor,
        at=AT,
    )
    chargeback = contest()
    assert (cast.milestone(contract, 2).status, chargeback.missing, chargeback.uncovered) == ("charged_back", 0, 0)
    assert cast.milestone(contract).status == Status.RELEASED
    decide(chargeback, is_won=False, at=AT + timedelta(days=3))
    assert cast.milestone(contract, 2).status == Status.REFUNDED


def test_of_two_chargebacks_of_one_milestone_the_last_lets_it_go_on(deal: Deal, contract: Contract) -> None:
    first, second = contest(amount=21_000), contest(amount=42_000)
    assert cast.milestone(contract).frozen == 60_000
    decide(first, is_won=True, at=AT + timedelta(days=3))
    after = cast.milestone(contract)
    assert (after.status, after.frozen, after.held) == ("charged_back", 40_000, 60_000)
    decide(second, is_won=False, at=AT + timedelta(days=4))
    after = cast.milestone(contract)
    assert (after.status, after.held, after.lost) == ("funded", 60_000, 40_000)


def test_what_speaks_for_the_payment_is_gathered_from_contract_work_and_messages(
    deal: Deal, contract: Contract
) -> None:
    cast.submitted(deal, contract)
    room = room_of(contract.scope)
    assert room is not None
    post_message(room_id=room.pk, text="Looks great, thank you!", token="t", by=deal.alice.actor, at=AT)
    evidence = evidence_of(contest(), words="They thanked for it.")
    assert set(evidence.files) == {"receipt", "service", "communication"}
    assert all(file.content.startswith(b"%PDF") for file in evidence.files.values())
    assert evidence.texts["product"].startswith("Work of Bob Durand: Checkout of the ferry site")
    assert "Work was handed in on 2026-11-23 12:00 UTC." in evidence.texts["refusal"]
    assert evidence.texts["customer_email"] == "alice@example.com"
    assert evidence.texts["other"] == "They thanked for it."
