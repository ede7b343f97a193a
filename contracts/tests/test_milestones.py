"""The work of a milestone: proposed, agreed, paid for, handed in."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.cast import Person, make_client, make_staff
from contracts import actions
from contracts.actions import MilestoneTerms
from contracts.models import Contract, Milestone, Submission
from contracts.models.milestones import PURPOSE, SUBMISSION_FILES
from contracts.tests import cast
from contracts.tests.cast import Deal
from core.errors import NotFound
from disputes.actions import sweep_silent_ask_backs
from events.models import Event
from files.actions import FileGone, store_file
from files.queries import file_for, files_of
from payments.actions import ChargeUnderWay, MethodNotUsable
from payments.models import Charge
from payments.tests import cards

Status = Milestone.Status


@pytest.mark.parametrize("side", ["alice", "bob"])
def test_what_one_side_proposes_the_other_answers(deal: Deal, contract: Contract, side: str) -> None:
    proposer, other = (deal.alice, deal.bob) if side == "alice" else (deal.bob, deal.alice)
    draft = cast.proposed(deal, contract, by=proposer)

    for verb in (actions.accept_milestone, actions.decline_milestone):
        with cast.nothing_happens():
            verb(milestone_id=draft.pk, seen_version=draft.version, by=proposer.actor, at=cast.AT)
    with cast.nothing_happens():
        actions.withdraw_milestone(milestone_id=draft.pk, seen_version=draft.version, by=other.actor, at=cast.AT)
    done = actions.accept_milestone(milestone_id=draft.pk, seen_version=draft.version, by=other.actor, at=cast.AT)

    assert (done.status, done.amount, done.held) == (Status.AGREED, 25_000, 0)


@pytest.mark.parametrize("amount", [0, -5, 499, 1_000_000_001])
def test_a_milestone_is_worth_between_the_minimum_and_the_limit(deal: Deal, contract: Contract, amount: int) -> None:
    with cast.nothing_happens(actions.TermsNotPossible):
        actions.propose_milestone(
            contract_id=contract.pk, terms=MilestoneTerms("More", amount), by=deal.bob.actor, at=cast.AT
        )


@pytest.mark.parametrize("day", [date.max, date.min, date(2036, 11, 25)])
def test_a_milestone_is_due_on_a_day_that_somebody_can_mean(deal: Deal, contract: Contract, day: date) -> None:
    with cast.nothing_happens(actions.TermsNotPossible):
        actions.propose_milestone(
            contract_id=contract.pk,
            terms=MilestoneTerms("More", 25_000, due_on=day),
            by=deal.bob.actor,
            at=cast.AT,
        )


def test_a_contract_has_a_bounded_number_of_milestones(deal: Deal) -> None:
    contract = cast.sign(deal, *[MilestoneTerms(f"Part {number}", 1_000) for number in range(30)])

    with cast.nothing_happens(actions.TermsNotPossible):
        cast.proposed(deal, contract)


def test_a_funded_milestone_holds_its_amount_and_the_client_fee(deal: Deal, contract: Contract) -> None:
    second = cast.funding(deal, contract)
    assert (second.status, cast.money(f"held:{second.holder}")) == (Status.FUNDING, 0)

    cast.settle()

    second = cast.fresh(second)
    assert (second.status, second.held) == (Status.FUNDED, 40_000)
    assert (cast.money(f"held:{second.holder}"), cast.money(f"held_fee:{second.holder}")) == (40_000, 2_000)
    charge = Charge.objects.get(purpose=PURPOSE)
    assert (charge.amount, charge.scope) == (42_000, contract.scope)
    cast.assert_books_clean()


def test_paying_in_a_second_tab_charges_nothing_more(deal: Deal, contract: Contract) -> None:
    second = cast.milestone(contract, 2)
    cast.funding(deal, contract)

    with cast.nothing_happens(actions.MilestoneNotAgreed):
        actions.fund_milestone(
            milestone_id=second.pk,
            method_id=deal.card.pk,
            seen_version=second.version,
            by=deal.alice.actor,
            at=cast.AT,
        )
    assert Charge.objects.filter(purpose=PURPOSE).count() == 1


def test_a_card_of_somebody_else_pays_nothing(deal: Deal, contract: Contract) -> None:
    chloe = make_client("Chloe", at=cast.AT)
    card = cards.make_card(chloe, at=cast.AT)
    second = cast.milestone(contract, 2)

    with cast.nothing_happens(MethodNotUsable):
        actions.fund_milestone(
            milestone_id=second.pk,
            method_id=card.pk,
            seen_version=second.version,
            by=deal.alice.actor,
            at=cast.AT,
        )


def test_a_declined_card_leaves_the_milestone_agreed_with_the_reason(deal: Deal, contract: Contract) -> None:
    bad = cards.make_card(deal.alice, cards.DECLINED, at=cast.AT)
    second = cast.milestone(contract, 2)
    actions.fund_milestone(
        milestone_id=second.pk,
        method_id=bad.pk,
        seen_version=second.version,
        by=deal.alice.actor,
        at=cast.AT,
    )
    before = cast.money("gateway")
    cast.settle()

    second = cast.fresh(second)
    assert (second.status, second.payment_failure) == (Status.AGREED, "card_declined")
    assert cast.money("gateway") == before
    cast.funding(deal, contract)
    cast.settle()
    assert (cast.fresh(second).status, cast.fresh(second).payment_failure) == (Status.FUNDED, "")
    cast.assert_books_clean()


def test_a_payment_given_up_before_it_was_sent_leaves_the_milestone_agreed(deal: Deal, contract: Contract) -> None:
    second = cast.funding(deal, contract)
    actions.give_up_milestone_payment(milestone_id=second.pk, by=deal.alice.actor, at=cast.AT)
    with cast.nothing_happens(actions.MilestoneNotBeingPaid):
        actions.give_up_milestone_payment(milestone_id=second.pk, by=deal.alice.actor, at=cast.AT)

    cast.settle()

    second = cast.fresh(second)
    assert (second.status, second.payment_failure, second.given_up_at) == (Status.AGREED, "", None)
    assert Charge.objects.get(purpose=PURPOSE).status == Charge.Status.DENIED
    cast.assert_books_clean()


def test_a_payer_who_never_takes_the_second_step_is_given_up_after_a_day(deal: Deal, contract: Contract) -> None:
    from payments.actions import give_up_waiting_charges

    slow = cards.make_card(deal.alice, cards.SECOND_STEP, at=cast.AT)
    second = cast.milestone(contract, 2)
    actions.fund_milestone(
        milestone_id=second.pk,
        method_id=slow.pk,
        seen_version=second.version,
        by=deal.alice.actor,
        at=cast.AT,
    )
    cast.settle()
    assert cast.fresh(second).status == Status.FUNDING

    late = cast.AT + timedelta(hours=25)
    give_up_waiting_charges(at=late)
    cast.settle(late)

    assert cast.fresh(second).status == Status.AGREED
    cast.assert_books_clean()


def test_a_submission_starts_the_review_and_keeps_its_note(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)

    assert (work.status, work.was_submitted, work.submitted_at) == (Status.SUBMITTED, True, cast.AT)
    assert work.review_ends_at == cast.AT + timedelta(days=14)
    submission = Submission.objects.get()
    assert (submission.note, submission.author_id) == ("The first screens, ready to look at.", deal.bob.user.pk)
    assert Event.objects.get(kind="contracts.milestone_submitted").scope == contract.scope


def test_an_empty_submission_is_refused(deal: Deal, contract: Contract) -> None:
    first = cast.milestone(contract)

    with cast.nothing_happens(actions.NothingSubmitted):
        actions.submit_milestone(
            milestone_id=first.pk,
            note="  ",
            file_ids=[],
            seen_version=first.version,
            by=deal.bob.actor,
            at=cast.AT,
        )


def _upload(by: Person) -> object:
    upload = SimpleUploadedFile("notes.txt", io.BytesIO(b"Both test rounds in short.\n").read())
    return store_file(upload=upload, kind=SUBMISSION_FILES, by=by.actor, at=cast.AT).pk


def test_files_of_a_submission_are_read_by_both_sides_and_by_mediators_only_while_a_case_is_open(
    deal: Deal, contract: Contract
) -> None:
    first = cast.milestone(contract)
    file_id = _upload(deal.bob)
    work = actions.submit_milestone(
        milestone_id=first.pk,
        note="",
        file_ids=[file_id],  # type: ignore[list-item]
        seen_version=first.version,
        by=deal.bob.actor,
        at=cast.AT,
    )
    chloe, dora = make_client("Chloe", at=cast.AT), make_staff("Dora", "mediator", at=cast.AT)
    assert [file.pk for file in files_of(SUBMISSION_FILES, Submission.objects.get().pk)] == [file_id]

    for reader in (deal.alice, deal.bob):
        assert file_for(reader.actor, file_id).name == "notes.txt"  # type: ignore[arg-type]
    for stranger in (chloe, dora):
        with pytest.raises(NotFound):
            file_for(stranger.actor, file_id)  # type: ignore[arg-type]
    actions.ask_milestone_back(
        milestone_id=work.pk, amount=100, note="It is late.", seen_version=work.version, by=deal.alice.actor, at=cast.AT
    )
    sweep_silent_ask_backs(at=cast.AT + timedelta(days=7))
    assert file_for(dora.actor, file_id).name == "notes.txt"  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        file_for(chloe.actor, file_id)  # type: ignore[arg-type]


def test_files_of_somebody_else_cannot_be_handed_in(deal: Deal, contract: Contract) -> None:
    file_id = _upload(deal.alice)
    first = cast.milestone(contract)

    with cast.nothing_happens(FileGone):
        actions.submit_milestone(
            milestone_id=first.pk,
            note="",
            file_ids=[file_id],  # type: ignore[list-item]
            seen_version=first.version,
            by=deal.bob.actor,
            at=cast.AT,
        )


def test_changes_are_asked_for_with_words(deal: Deal, contract: Contract) -> None:
    work = cast.submitted(deal, contract)

    with cast.nothing_happens(actions.NoteMissing):
        actions.request_milestone_changes(
            milestone_id=work.pk, note=" ", seen_version=work.version, by=deal.alice.actor, at=cast.AT
        )


def test_one_milestone_is_paid_by_one_charge_at_a_time(deal: Deal, contract: Contract) -> None:
    from django.db import transaction

    from payments.actions import start_charge

    second = cast.funding(deal, contract)

    with cast.nothing_happens(ChargeUnderWay), transaction.atomic():
        start_charge(
            payer_id=deal.client.pk,
            method_id=deal.card.pk,
            purpose=PURPOSE,
            reference=second.pk,
            scope=contract.scope,
            title="Again",
            gross=40_000,
            client_fee=2_000,
            by=deal.alice.actor,
            at=cast.AT,
        )
